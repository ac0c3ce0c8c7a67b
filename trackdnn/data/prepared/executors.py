"""Where the work is done: in this process, in processes, or on a Dask cluster."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.util
import itertools
import multiprocessing
import os
import signal
import sys
import threading
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING, Any, TypeVar

from trackdnn.errors import MissingExtraError, SettingsError, TrackdnnError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Task = TypeVar("Task")
Result = TypeVar("Result")

_CONNECT_SECONDS = 10


class PreparationError(TrackdnnError, RuntimeError):
    """A worker of a preparation has died."""


class SerialExecutor(Executor):
    """Does each task at once, in this process."""

    def submit(  # type: ignore[override]
        self, function: Callable[..., Result], /, *arguments: Any, **names: Any
    ) -> Future[Result]:
        """Calls the function; the future is done."""
        future: Future[Result] = Future()
        try:
            future.set_result(function(*arguments, **names))
        except Exception as error:
            future.set_exception(error)
        return future


def free_cores() -> int:
    """Number of cores that this process may use."""
    return len(os.sched_getaffinity(0))


@dataclasses.dataclass(frozen=True)
class Pool:
    """Workers, and how many tasks to hand to them at a time.

    Args:
        executor: Any executor of `concurrent.futures`.
        ahead: Most tasks that it gets at a time, so that a failure is soon told.
    """

    executor: Executor
    ahead: int = 64

    def completed(
        self, function: Callable[[Task], Result], tasks: Iterable[Task]
    ) -> Iterator[tuple[Task, Future[Result]]]:
        """Runs a function on each task; yields tasks as they are done, in any order.

        Args:
            function: Can be sent to other processes, as can the tasks.
            tasks: Its arguments.

        Yields:
            The task, and the future that holds its result or its error.

        Raises:
            PreparationError: If a worker process was killed.
        """
        waiting: dict[Future[Result], Task] = {}
        rest = iter(tasks)
        with _deaths_named():
            while True:
                for task in itertools.islice(rest, self.ahead - len(waiting)):
                    waiting[self.executor.submit(function, task)] = task
                if not waiting:
                    return
                done, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    if _is_death(future.exception()):
                        future.result()
                    yield waiting.pop(future), future


@contextlib.contextmanager
def open_pool(
    workers: int, *, most: int | None = None, dask: str | None = None
) -> Iterator[Pool]:
    """Workers that are stopped at once when anything goes wrong.

    Args:
        workers: Processes; 0 for one per core, 1 for this process alone.
        most: Tasks there are; more processes would idle.
        dask: Address of the scheduler of a Dask cluster, in place of processes.

    Yields:
        The pool.

    Raises:
        MissingExtraError: If Dask is asked for and not installed.
        SettingsError: If no scheduler answers at the address.
    """
    count = min(workers or free_cores(), most or sys.maxsize)
    if dask is not None:
        with _dask_executor(dask) as executor:
            yield Pool(executor)
    elif count == 1:
        yield Pool(SerialExecutor(), 1)
    else:
        with _processes(count) as executor:
            yield Pool(executor, 2 * count)


@contextlib.contextmanager
def _deaths_named() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        if not _is_death(error):
            raise
        raise PreparationError(
            "Every worker must finish its files, but one was killed, perhaps for lack "
            f"of memory. Received: {type(error).__name__}. The same command goes on "
            "where it stopped; give it fewer workers."
        ) from error


def _is_death(error: BaseException | None) -> bool:
    # Dask has a class of its own, which cannot be imported where Dask is missing.
    died = isinstance(error, (BrokenExecutor, CancelledError))
    return died or type(error).__name__ == "KilledWorker"


@contextlib.contextmanager
def _processes(count: int) -> Iterator[Executor]:
    others = set(multiprocessing.active_children())
    executor = ProcessPoolExecutor(
        max_workers=count,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=end_with_parent,
    )
    try:
        with _interrupts_held():
            # A task starts a process. Half a start cannot be undone; and a process
            # that starts like this never hears of Ctrl-C, from its first line.
            for _ in range(count):
                executor.submit(os.getpid)
        yield executor
    except BaseException:
        for process in set(multiprocessing.active_children()) - others:
            process.terminate()
        raise
    finally:
        # The thread of the executor waits for the processes: a second one that did
        # would at times not hear of their end.
        executor.shutdown(cancel_futures=True)


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    """Within it Ctrl-C waits; what is started inherits that and keeps it."""
    # Started later, it would let Ctrl-C through again.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end_with_parent() -> None:
    """Ends this worker when its parent is gone, however that has ended."""
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextlib.contextmanager
def _dask_executor(address: str) -> Iterator[Executor]:
    if importlib.util.find_spec("distributed") is None:
        raise MissingExtraError(
            "--dask needs Dask. Received: no distributed. Install it with: "
            "pip install 'trackdnn[dask]'"
        )
    import distributed

    try:
        client = distributed.Client(address, timeout=_CONNECT_SECONDS)
    except (OSError, ValueError, TimeoutError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise SettingsError(
            "--dask must be the address of a running scheduler, such as "
            f"tcp://host:8786. Received: '{address}' ({reason[:120]})"
        ) from error
    with client:
        executor = client.get_executor(pure=False)
        try:
            yield executor
        finally:
            # What still runs is of no use to anybody.
            executor.shutdown(wait=False)
