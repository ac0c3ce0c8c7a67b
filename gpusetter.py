"""Your machine: which GPUs, how much of their memory, how many CPU threads.

`python gpusetter.py` prints what would be chosen. The choice acts before TensorFlow
starts: GPUs that are not chosen are hidden from it. No GPU at all is a choice like any
other. Needs the extra `gpu` (nvidia-ml-py) only when GPUs are asked for.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
from collections.abc import Callable, MutableMapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from trackdnn.errors import DeviceError, MissingExtraError, TrackdnnError

if TYPE_CHECKING:
    from trackdnn.settings import LocalSettings


@dataclasses.dataclass(frozen=True)
class Gpu:
    """One graphics card as its driver reports it; memory in MiB."""

    index: int
    name: str
    free: int
    total: int


@dataclasses.dataclass(frozen=True)
class Choice:
    """What a job will use.

    Args:
        gpus: The chosen cards, most free memory first.
        logical_devices: Devices that TensorFlow sees per card.
        memory_limit: MiB per logical device, or `None` to let it grow as needed.
        cpu_threads: Threads of TensorFlow, 0 for its own choice.
    """

    gpus: tuple[Gpu, ...]
    logical_devices: int = 1
    memory_limit: int | None = None
    cpu_threads: int = 0

    def lines(self) -> list[str]:
        """The choice as text for people."""
        threads = self.cpu_threads or "as TensorFlow decides"
        if not self.gpus:
            return ["device: CPU", f"CPU threads: {threads}"]
        cards = [
            f"GPU {gpu.index}: {gpu.name}, {gpu.free} of {gpu.total} MiB free"
            for gpu in self.gpus
        ]
        limit = "grows as needed" if self.memory_limit is None else self.memory_limit
        return [
            *cards,
            f"logical devices per GPU: {self.logical_devices}",
            f"memory per logical device (MiB): {limit}",
            f"CPU threads: {threads}",
        ]


class _Wishes(Protocol):
    @property
    def gpus(self) -> int: ...
    @property
    def min_free_memory(self) -> int: ...
    @property
    def logical_devices(self) -> int: ...
    @property
    def memory_limit(self) -> int | None: ...
    @property
    def cpu_threads(self) -> int: ...


def choose(wishes: _Wishes, query: Callable[[], list[Gpu]] | None = None) -> Choice:
    """The GPUs with most free memory, as many as wished.

    Args:
        wishes: The settings `local`, or anything with the same five attributes.
        query: Gives the cards of this machine; the NVIDIA driver unless a test says
            otherwise. Not called when no GPU is wished.

    Raises:
        DeviceError: If fewer cards have enough free memory than are wished, or the
            logical devices do not fit into them.
        MissingExtraError: If GPUs are wished and nvidia-ml-py is not installed.
    """
    if wishes.gpus == 0:
        return Choice((), cpu_threads=wishes.cpu_threads)
    cards = (query or query_nvidia)()
    enough = [card for card in cards if card.free >= wishes.min_free_memory]
    enough.sort(key=lambda card: (-card.free, card.index))
    if len(enough) < wishes.gpus:
        raise DeviceError(_shortage(wishes, cards))
    chosen = tuple(enough[: wishes.gpus])
    limit = _memory_limit(wishes, chosen)
    return Choice(chosen, wishes.logical_devices, limit, wishes.cpu_threads)


def _shortage(wishes: _Wishes, cards: Sequence[Gpu]) -> str:
    seen = ", ".join(f"GPU {card.index}: {card.free} MiB free" for card in cards)
    return (
        f"local.gpus={wishes.gpus} needs as many GPUs with at least "
        f"{wishes.min_free_memory} MiB free (local.min_free_memory). "
        f"Received: {seen or 'no GPU'}. Ask for fewer, or set local.gpus=0 for the CPU."
    )


def _memory_limit(wishes: _Wishes, chosen: Sequence[Gpu]) -> int | None:
    """MiB per logical device; several on one card must share what is free."""
    if wishes.logical_devices == 1 and wishes.memory_limit is None:
        return None
    least = min(card.free for card in chosen)
    limit = wishes.memory_limit or least // wishes.logical_devices
    if limit * wishes.logical_devices > least:
        raise DeviceError(
            f"local.logical_devices={wishes.logical_devices} of "
            f"local.memory_limit={limit} MiB must fit into {least} MiB, the least "
            "free memory among the chosen GPUs."
        )
    return limit


def query_nvidia() -> list[Gpu]:
    """The NVIDIA cards of this machine."""
    try:
        import pynvml
    except ImportError:
        raise MissingExtraError(
            "GPUs are chosen with nvidia-ml-py. Install it with "
            "pip install 'trackdnn[gpu]', or set local.gpus=0 for the CPU."
        ) from None
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        # No driver means no card; the caller says how many were wished.
        return []
    try:
        return [_card(pynvml, index) for index in range(pynvml.nvmlDeviceGetCount())]
    finally:
        pynvml.nvmlShutdown()


def _card(pynvml: object, index: int) -> Gpu:
    handle = pynvml.nvmlDeviceGetHandleByIndex(index)  # type: ignore[attr-defined]
    memory = pynvml.nvmlDeviceGetMemoryInfo(handle)  # type: ignore[attr-defined]
    name = pynvml.nvmlDeviceGetName(handle)  # type: ignore[attr-defined]
    return Gpu(index, str(name), memory.free // 2**20, memory.total // 2**20)


def hide_others(
    choice: Choice, environment: MutableMapping[str, str] | None = None
) -> None:
    """Let TensorFlow see the chosen cards only; call before it is imported.

    Raises:
        DeviceError: If TensorFlow is loaded already and would not notice.
    """
    environment = os.environ if environment is None else environment
    visible = ",".join(str(gpu.index) for gpu in choice.gpus)
    if _comes_too_late(visible, environment.get("CUDA_VISIBLE_DEVICES")):
        raise DeviceError(
            "GPUs must be chosen before TensorFlow is imported. "
            "Call gpusetter.hide_others earlier."
        )
    # The order of the driver's own list, which the indices above refer to.
    environment["CUDA_DEVICE_ORDER"] = "PCI_BUS_ID"
    environment["CUDA_VISIBLE_DEVICES"] = visible
    environment.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


def _comes_too_late(wanted: str, current: str | None) -> bool:
    """Whether TensorFlow has started with other cards than wanted."""
    tensorflow = sys.modules.get("tensorflow")
    if tensorflow is None or wanted == current:
        return False
    return bool(wanted) or bool(tensorflow.config.list_physical_devices("GPU"))


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="gpusetter.py", description="Print which devices a job would use."
    )
    parser.add_argument("--config", type=Path, help="settings file with `local`")
    parser.add_argument("--set", action="append", default=[], help="local.gpus=2")
    return parser.parse_args(argv)


def _local_settings(arguments: argparse.Namespace) -> LocalSettings:
    from trackdnn.configuration import load_settings

    path = arguments.config
    if path is None and Path("config.py").is_file():
        path = Path("config.py")
    return load_settings(path, arguments.set).local


def main(argv: Sequence[str] | None = None) -> int:
    """Print the choice; 0 when it can be met, 2 with one line when not."""
    arguments = _arguments(argv)
    try:
        lines = choose(_local_settings(arguments)).lines()
    except TrackdnnError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
