"""From event files to a store: in parallel, and never half."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from trackdnn.data.prepared.executors import free_cores, open_pool
from trackdnn.data.prepared.locks import locked
from trackdnn.data.progress import preparing_progress
from trackdnn.errors import InputError
from trackdnn.events.store import folder as folders
from trackdnn.events.store.places import LOCK
from trackdnn.events.store.preparation import Preparation
from trackdnn.events.store.store import EventStore, open_store

if TYPE_CHECKING:
    from trackdnn.data.prepared.executors import Pool
    from trackdnn.data.progress import Done
    from trackdnn.events.source import EventSource

Say = Callable[[Sequence[str]], None]

# A process takes half a second to start.
_BYTES_PER_PROCESS = 10_000_000


def prepare_events(
    sources: Sequence[EventSource],
    output: Path,
    *,
    workers: int = 0,
    skip_damaged: bool = False,
    fresh: bool = False,
    progress: bool = True,
    say: Say | None = None,
) -> EventStore:
    """Reads events once, and writes them to a store.

    Interrupted, it goes on where it stopped; on a finished store, it reads what is new
    or has changed, and drops what is no longer named. The result depends on neither,
    nor on the number of workers. A finished store stays as it was until all that is to
    be read has been seen to be good.

    Args:
        sources: The events.
        output: Folder of the store: new, empty, or of a store.
        workers: Processes; 0 for one per core, fewer for small files.
        skip_damaged: Whether to leave out bad events, and list them in the manifest.
        fresh: Whether to make a store that is there anew.
        progress: Whether to show a bar on a terminal.
        say: Receives remarks for people.

    Returns:
        The finished store.

    Raises:
        InputError: If an event cannot be read or is in the output itself, two have one
            name, or there is none.
        DatasetError: If another job works on the folder.
        OutputError: If something cannot be written.
        PreparationError: If a worker was killed.
    """
    _check_names(sources)
    output = output.resolve()
    _check_apart(sources, output)
    folders.check_folder(output)
    with locked(output / LOCK, output):
        job = Preparation(output, sources, skip_damaged=skip_damaged)
        job.plan(fresh=fresh)
        if not job.is_finished():
            if job.has_finished_store:
                _work(job, job.check, workers, progress=progress)
            job.begin(fresh=fresh)
            _work(job, job.run, workers, progress=progress)
            job.finish()
        folders.tidy(output)
    if say is not None:
        say([job.summary()])
    return open_store(output)


def _work(
    job: Preparation,
    step: Callable[[Pool, Done], None],
    workers: int,
    *,
    progress: bool,
) -> None:
    size = job.bytes_left
    count = workers or min(free_cores(), 1 + size // _BYTES_PER_PROCESS)
    if not job.events_left:
        return
    with (
        preparing_progress(size, enabled=progress, things="hits") as done,
        open_pool(count, most=job.events_left) as pool,
    ):
        step(pool, done)


def _check_names(sources: Sequence[EventSource]) -> None:
    if not sources:
        raise InputError(
            "At least one event must be named. Received: none. Name folders or files "
            "with events."
        )
    name, count = Counter(source.name for source in sources).most_common(1)[0]
    if count > 1:
        places = [f"'{one.files[0]}'" for one in sources if one.name == name]
        raise InputError(
            f"Each event of a store must have a name of its own. Received: '{name}' "
            f"{count} times, as {' and '.join(places[:2])}. Rename the files, or make "
            "a store of each folder."
        )


def _check_apart(sources: Sequence[EventSource], output: Path) -> None:
    """Refuses what the job itself would remove: files of the store that it makes."""
    for folder in {path.parent for source in sources for path in source.files}:
        if folder.resolve().is_relative_to(output):
            raise InputError(
                "The events of a store must be elsewhere. Received: "
                f"'{folder}', which is in the store '{output}'. Name another folder "
                "for the store."
            )
