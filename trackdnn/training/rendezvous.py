"""Workers wait for each other before TensorFlow does, who waits for ever.

TensorFlow 2.21 blocks its first worker until all others have come, with Python stopped
and SIGTERM ignored. Here they wait in Python: with a limit, open to Ctrl-C, and with a
word on whom they wait for. The chief listens at its own address; each of the others
says who it is and with which cluster and devices, and is told to go on once all are
there. TensorFlow listens at the same addresses afterwards.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import logging
import socket
import time
from typing import TYPE_CHECKING, Any

from trackdnn.errors import DeviceError
from trackdnn.training.workers import NAME
from trackdnn.version import __version__

if TYPE_CHECKING:
    from trackdnn.training.workers import Workers

log = logging.getLogger(__name__)

# Seconds to wait for the others; until there is something to say; between two tries.
PATIENCE, QUIET, PAUSE = 600.0, 10.0, 0.1
# Seconds that a message may take, and its greatest length.
_ANSWER, _LONGEST = 5.0, 65536
_GO = "go"


def meet(workers: Workers, devices: int, patience: float = PATIENCE) -> None:
    """Returns on all workers at the same time, as soon as all have called it.

    Args:
        workers: All of them, and which one this is.
        devices: Devices that this one trains on; all must have as many.
        patience: Seconds to wait.

    Raises:
        DeviceError: If one does not come, if they do not fit together, or if an
            address is not free.
    """
    waiting = _Waiting(workers, time.monotonic() + patience, patience)
    card = _card(workers, devices)
    # Those who only ask listen for a moment too: a port that is taken shows at once.
    with _listen(workers) as listener:
        if workers.is_chief:
            _receive_all(listener, workers, card, waiting)
            return
    while not _has_asked(workers, card, waiting):
        waiting.pause([0])


@dataclasses.dataclass
class _Waiting:
    """How long this worker has waited, and for whom."""

    workers: Workers
    end: float
    patience: float
    told: bool = False

    @property
    def left(self) -> float:
        return self.end - time.monotonic()

    def pause(self, missing: list[int]) -> None:
        left = self.left
        names = ", ".join(f"{one} at {self.workers.addresses[one]}" for one in missing)
        if left < 0:
            raise DeviceError(
                f"All workers of {NAME} must start within {self.patience:.0f} s. "
                f"Received: nothing of worker {names}. Start the same command for "
                "each, and make sure that they reach each other at these addresses"
            )
        if not self.told and left < self.patience - QUIET:
            log.warning("worker %d waits for worker %s", self.workers.number, names)
            self.told = True
        time.sleep(PAUSE)


def _card(workers: Workers, devices: int) -> dict[str, Any]:
    """What must be the same for all."""
    return {
        "cluster": [one.lower() for one in workers.addresses],
        "devices": devices,
        "version": __version__,
    }


def _listen(workers: Workers) -> socket.socket:
    address = workers.addresses[workers.number]
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("", int(address.rpartition(":")[2])))
    except OSError as error:
        listener.close()
        raise DeviceError(
            f"The port of each worker in {NAME} must be free. Received: {address}, "
            f"{error.strerror}. End what listens there, or choose another port"
        ) from error
    listener.listen()
    listener.settimeout(PAUSE)
    return listener


def _receive_all(
    listener: socket.socket, workers: Workers, card: dict[str, Any], waiting: _Waiting
) -> None:
    """What the chief does: wait until all are there, then send them on."""
    with contextlib.ExitStack() as stack:
        present: dict[int, socket.socket] = {}
        while missing := _missing(workers, present):
            waiting.pause(missing)
            with contextlib.suppress(TimeoutError):
                connection = stack.enter_context(listener.accept()[0])
                caller, fault = _judge(_read(connection), card, workers)
                if fault:
                    _answer([*present.values(), connection], fault)
                    raise DeviceError(fault)
                if caller is not None:
                    present[caller] = connection
        _answer(list(present.values()), _GO)


def _missing(workers: Workers, present: dict[int, socket.socket]) -> list[int]:
    """Numbers of those who have not come, or have gone again."""
    for number in [n for n, one in present.items() if _has_gone(one)]:
        del present[number]
    return [number for number in range(1, workers.count) if number not in present]


def _judge(
    said: dict[str, Any], card: dict[str, Any], workers: Workers
) -> tuple[int | None, str]:
    """Which worker has called, if it is one; and what is wrong with it."""
    number = said.get("worker")
    if type(number) is not int or not 0 < number < workers.count:
        return None, ""
    for name, wanted in card.items():
        if said.get(name) != wanted:
            return number, (
                f"All workers of {NAME} must have the same {name}. Received: "
                f"{said.get(name)} for worker {number}, {wanted} for worker 0. Start "
                f"all with the same cluster in {NAME}, local.gpus and trackdnn"
            )
    return number, ""


def _has_asked(workers: Workers, card: dict[str, Any], waiting: _Waiting) -> bool:
    """Whether the chief was there and has said to go on."""
    host, _, port = workers.addresses[0].rpartition(":")
    try:
        connection = socket.create_connection((host.strip("[]"), int(port)), _ANSWER)
    except OSError:
        return False
    with connection:
        connection.sendall(_packed({**card, "worker": workers.number}))
        answer = _read(connection, max(waiting.left, PAUSE)).get("answer")
    if answer is not None and answer != _GO:
        raise DeviceError(str(answer))
    return answer == _GO


def _answer(connections: list[socket.socket], answer: str) -> None:
    for connection in connections:
        with contextlib.suppress(OSError):
            connection.sendall(_packed({"answer": answer}))


def _packed(content: dict[str, Any]) -> bytes:
    return json.dumps(content).encode() + b"\n"


def _read(connection: socket.socket, timeout: float = _ANSWER) -> dict[str, Any]:
    """One line of JSON; nothing of whoever says something else."""
    connection.settimeout(timeout)
    with contextlib.suppress(OSError, ValueError), connection.makefile("rb") as stream:
        content = json.loads(stream.readline(_LONGEST))
        return content if isinstance(content, dict) else {}
    return {}


def _has_gone(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return connection.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
