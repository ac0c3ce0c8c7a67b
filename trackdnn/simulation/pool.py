"""Blocks of events from worker processes, in order and as they are needed."""

from __future__ import annotations

import math
import multiprocessing
import tempfile
from collections import deque
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from rich.console import Console
from rich.progress import Progress

from trackdnn.errors import TrackdnnError
from trackdnn.simulation import worker

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

# Events of one task. Results do not depend on it.
_BLOCK = 2
_LOG_TAIL = 300


M = TypeVar("M", bound="Made", covariant=True)


class Made(Protocol):
    """A block of events, of whatever kind."""

    @property
    def events(self) -> Sequence[Any]: ...


class Work(Protocol[M]):
    """What the workers do; it travels to them."""

    def make(self, first: int, count: int) -> M:
        """Make some events."""


class SimulationError(TrackdnnError, RuntimeError):
    """A worker process died or an algorithm failed."""


def make_blocks(
    job: Work[M], events: int, workers: int, progress: bool
) -> Generator[M, None, None]:
    """Make events 0 to `events - 1` in worker processes.

    Args:
        job: Makes them; the same for all blocks.
        events: Number of events.
        workers: Number of processes.
        progress: Whether to show a bar, if stderr is a terminal.

    Yields:
        Blocks of events, in the order of the events.

    Raises:
        SimulationError: If a worker fails; with its last output.
    """
    console = Console(stderr=True)
    hidden = not (progress and console.is_terminal)
    with (
        tempfile.TemporaryDirectory() as folder,
        Progress(console=console, disable=hidden) as bar,
        _start(min(workers, math.ceil(events / _BLOCK)), Path(folder)) as executor,
    ):
        task = bar.add_task("simulating events", total=events)
        for waiting in _submit(executor, job, events, workers):
            block = _wait(waiting, Path(folder))
            bar.advance(task, len(block.events))
            yield block


@contextmanager
def _start(workers: int, folder: Path) -> Iterator[Executor]:
    """Processes that are stopped at once when anything goes wrong."""
    others = set(multiprocessing.active_children())
    executor = ProcessPoolExecutor(
        max_workers=workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=worker.prepare,
        initargs=(_log(folder),),
    )
    try:
        yield executor
    except BaseException:
        # A worker in C++ code hears nothing until its block is done.
        executor.shutdown(wait=False, cancel_futures=True)
        for process in set(multiprocessing.active_children()) - others:
            process.terminate()
            process.join()
        raise
    finally:
        executor.shutdown(cancel_futures=True)


def _submit(
    executor: Executor, job: Work[M], events: int, workers: int
) -> Iterator[Future[M]]:
    """Keep the workers busy, but few finished blocks in memory."""
    waiting: deque[Future[M]] = deque()
    for first in range(0, events, _BLOCK):
        count = min(_BLOCK, events - first)
        waiting.append(executor.submit(_make, job, first, count))
        if len(waiting) > 2 * workers:
            yield waiting.popleft()
    yield from waiting


def _make(job: Work[M], first: int, count: int) -> M:
    return job.make(first, count)


def _wait(waiting: Future[M], folder: Path) -> M:
    """The block, or SimulationError with the last words of the workers."""
    try:
        return waiting.result()
    except Exception as error:
        log = _log(folder)
        said = log.read_text(errors="replace") if log.exists() else ""
        tail = " ".join(said.split())[-_LOG_TAIL:]
        raise SimulationError(
            "Every worker must finish its events, but one failed. "
            f"Received: {type(error).__name__}: {error}"
            + (f" Its last output: {tail}" if tail else "")
        ) from error


def _log(folder: Path) -> Path:
    """Where workers print to."""
    return folder / "workers.log"
