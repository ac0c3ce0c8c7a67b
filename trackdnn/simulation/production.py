"""Making a file of simulated tracks: arguments, order, one atomic write.

Importing this module needs none of the optional packages.
"""

from __future__ import annotations

import importlib.util
import math
import os
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from trackdnn.errors import BadFileError, MissingExtraError, SettingsError
from trackdnn.simulation import generator, worker
from trackdnn.simulation.ntuple import NtupleWriter
from trackdnn.simulation.pool import make_blocks
from trackdnn.simulation.working_points import find_working_point

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trackdnn.simulation.arrays import Columns

# Events of one write: large enough to compress well, small enough for memory.
_BASKET = 10

# The sample's luminosity section is its seed: 32 bits.
LARGEST_SEED = 2**32 - 1


@dataclass(frozen=True)
class Production:
    """What was made.

    Attributes:
        path: The file.
        events: Number of events.
        tracks: Number of tracks.
        seconds: Wall time, s.
        cpu_seconds: Processor time of all workers, s.
        counts: For each originalAlgo the numbers of true and fake tracks.
    """

    path: Path
    events: int
    tracks: int
    seconds: float
    cpu_seconds: float
    counts: dict[int, tuple[int, int]]


def simulate_tracks(
    output: Path,
    *,
    events: int,
    mu: float,
    process: str = "ttbar",
    seed: int = 1,
    workers: int = 1,
    working_point: str = "default",
    progress: bool = True,
) -> Production:
    """Simulate collisions, reconstruct tracks and write them as a trackingNtuple.

    The content depends on all arguments but `output`, `workers` and `progress`.
    Workers are spawned: call it from a file with the usual
    `if __name__ == "__main__":`, or from `python -c`, not from a script on stdin.

    Args:
        output: The `.root` file; an existing one is replaced when all is done.
        events: Number of events, at least 1.
        mu: Mean number of pile-up interactions on top of the hard one, at least 0.
        process: `"ttbar"`, `"minbias"` or `"displaced"`.
        seed: Seed of all random numbers, at least 0.
        workers: Number of processes, at least 1.
        working_point: A key of `WORKING_POINTS`.
        progress: Whether to show a bar, if stderr is a terminal.

    Returns:
        What was made.

    Raises:
        SettingsError: If an argument is impossible.
        MissingExtraError: If the optional packages are not installed.
        BadFileError: If the file cannot be written.
        SimulationError: If a worker process fails.
    """
    output = Path(output)
    job = worker.Job(process, float(mu), seed, working_point)
    check_job(job, events, workers)
    _check_output(output)
    check_packages()
    start = time.perf_counter()
    tally = _Tally()
    with (
        _replacing(output) as temporary,
        closing(make_blocks(job, events, workers, progress)) as blocks,
        NtupleWriter(temporary) as writer,
    ):
        for basket in _baskets(map(tally.add, blocks)):
            writer.write(basket)
    return Production(
        path=output,
        events=events,
        tracks=sum(map(sum, tally.counts.values())),
        seconds=time.perf_counter() - start,
        cpu_seconds=tally.cpu_seconds,
        counts=tally.counts,
    )


class _Tally:
    """Sums over blocks."""

    def __init__(self) -> None:
        self.cpu_seconds = 0.0
        self.counts: dict[int, tuple[int, int]] = {}

    def add(self, block: worker.Block) -> list[Columns]:
        """Count the tracks of a block and return its events."""
        self.cpu_seconds += block.cpu_seconds
        for event in block.events:
            algo, is_true = event["trk_originalAlgo"], event["trk_isTrue"]
            for key in np.unique(algo).tolist():
                here = is_true[algo == key]
                found = int(here.sum())
                true, fake = self.counts.get(key, (0, 0))
                self.counts[key] = (true + found, fake + len(here) - found)
        return block.events


def _baskets(blocks: Iterator[list[Columns]]) -> Iterator[list[Columns]]:
    """The same events in portions of one write."""
    basket: list[Columns] = []
    for events in blocks:
        basket += events
        if len(basket) >= _BASKET:
            yield basket[:_BASKET]
            basket = basket[_BASKET:]
    if basket:
        yield basket


def check_job(job: worker.Job, events: int, workers: int) -> None:
    """Raise `SettingsError` for an impossible argument."""
    generator.check_process(job.process)
    find_working_point(job.working_point)
    limits = (("events", events, 1), ("workers", workers, 1), ("seed", job.seed, 0))
    for name, value, least in limits:
        if value < least:
            raise SettingsError(
                f"`{name}` must be at least {least}. Received: {name}={value}"
            )
    if job.seed > LARGEST_SEED:
        raise SettingsError(
            f"`seed` must be at most {LARGEST_SEED}. Received: seed={job.seed}"
        )
    if not (math.isfinite(job.mu) and job.mu >= 0):
        raise SettingsError(
            f"`mu` must be a finite number of at least 0. Received: mu={job.mu}"
        )


def _check_output(output: Path) -> None:
    """Raise an error before hours of work are lost."""
    folder = output.resolve().parent
    if output.suffix != ".root":
        raise SettingsError(f"`output` must end in .root. Received: output={output}")
    if output.is_dir():
        raise BadFileError(f"`output` must not be a folder. Received: output={output}")
    if not folder.is_dir():
        raise BadFileError(f"The folder of `output` must exist. Received: {folder}")
    if not os.access(folder, os.W_OK):
        raise BadFileError(
            f"The folder of `output` must be writable. Received: {folder}"
        )


def check_packages() -> None:
    """Raise `MissingExtraError` unless ACTS and Pythia can be imported."""
    missing = [
        name for name in ("acts", "pythia8mc") if not importlib.util.find_spec(name)
    ]
    if missing:
        raise MissingExtraError(
            f"Simulation needs ACTS and Pythia 8. Received: no {', '.join(missing)}. "
            "Install them with: pip install 'trackdnn[simulation]'"
        )


@contextmanager
def _replacing(output: Path) -> Iterator[Path]:
    """A temporary path that takes the place of `output` on success."""
    temporary = output.with_name(f".{output.stem}.{os.getpid()}.root")
    try:
        yield temporary
        with temporary.open("rb+") as written:
            os.fsync(written.fileno())
        temporary.replace(output)
    except OSError as error:
        raise BadFileError(f"`output` must be writable. Received: {error}") from error
    finally:
        temporary.unlink(missing_ok=True)
