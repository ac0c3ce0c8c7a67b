"""A finder on many events: tracks to files, figures to whoever asks."""

from __future__ import annotations

import dataclasses
import functools
import time
from typing import TYPE_CHECKING, Any

from trackdnn.data.prepared.executors import PreparationError, open_pool
from trackdnn.errors import InputError
from trackdnn.tracking.judgement import Judgement, judge
from trackdnn.tracking.pipeline.asking import (
    check_file,
    check_folder,
    check_once,
    with_builder,
)
from trackdnn.tracking.pipeline.folder import load_finder
from trackdnn.tracking.pipeline.writing import check_names, write_tracks
from trackdnn.tracking.presets import definitions

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

    from trackdnn.events.event import Event
    from trackdnn.events.source import EventSource
    from trackdnn.settings.finding import JudgementSettings
    from trackdnn.tracking.found import FoundTracks
    from trackdnn.tracking.pipeline.finder import Finder
    from trackdnn.tracking.presets import Definition


@dataclasses.dataclass(frozen=True, kw_only=True)
class Job:
    """What is to be done with each event; it travels to the workers.

    Args:
        finder: Folder of the finder.
        threads: Of each worker; 0 for one per core.
        rows: Definitions to judge by.
        output: Folder for tracks, `None` for none.
        display: HTML file for the picture of the first event, `None` for none.
        builder: Overrides `finding.…=…` of how tracks are built.
    """

    finder: Path
    threads: int
    rows: tuple[Definition, ...]
    output: Path | None = None
    display: Path | None = None
    builder: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of an event.

    Args:
        place: Of the event among all, from 0.
        name: Of the event.
        error: Why there are no tracks; all below is empty then.
        hits: Number of its hits.
        candidates: Edges of the constructor.
        edges: Edges that tracks were built of.
        tracks: Number of tracks.
        seconds: Wall time by stage, reading and writing apart from it.
        judgement: `None` where there is no truth.
    """

    place: int
    name: str
    error: str | None = None
    hits: int = 0
    candidates: int = 0
    edges: int = 0
    tracks: int = 0
    seconds: dict[str, float] = dataclasses.field(default_factory=dict)
    judgement: Judgement | None = None


def rows_of(settings: JudgementSettings) -> tuple[Definition, ...]:
    """The first definition of the preset, and the same without a cut on pT."""
    first = definitions(settings)[0]
    wanted = dataclasses.replace(first.wanted, min_pt=None, with_min=False)
    every = dataclasses.replace(first, wanted=wanted)
    return (first,) if every == first else (first, every)


def apply(
    job: Job, sources: Sequence[EventSource], workers: int = 1
) -> Generator[Outcome, None, None]:
    """Finds the tracks of each event; an event that cannot be read stops no other.

    Args:
        job: What is done with each.
        sources: The events.
        workers: Processes.

    Yields:
        Outcomes as they come; in the order of the events with one worker.

    Raises:
        InputError: If there are no events, one is named twice, or two would write the
            same file.
        BadFileError: If the finder cannot be read.
        OutputError: If tracks or the page cannot be written.
        PreparationError: If a worker was killed.
    """
    if not sources:
        raise InputError(
            "There must be events to find tracks in. Received: none. Name folders, "
            "files or stores of events."
        )
    _check(job, sources)
    # Where it cannot be read, one message is enough.
    _finder(job.finder, job.threads, job.builder)
    find = functools.partial(_find, job)
    try:
        with open_pool(workers, most=len(sources)) as pool:
            for _, future in pool.completed(find, enumerate(sources)):
                yield future.result()
    except PreparationError as error:
        raise PreparationError(
            "Every worker must find the tracks of its events, but one was killed, "
            f"perhaps for lack of memory. Received: {type(error.__cause__).__name__}. "
            "What is written stays; give it fewer workers."
        ) from error


def find_one(job: Job, place: int, source: EventSource) -> Outcome:
    """Reads an event, finds its tracks, judges and writes them."""
    finder = _finder(job.finder, job.threads, job.builder)
    start = time.perf_counter()
    try:
        event = source.load()
    except InputError as error:
        return Outcome(place=place, name=source.name, error=str(error))
    read = time.perf_counter() - start
    found = finder.find(event)
    _write(job, place, event, found.tracks)
    return Outcome(
        place=place,
        name=source.name,
        hits=len(event),
        candidates=found.candidates,
        edges=len(found.graph),
        tracks=len(found.tracks),
        seconds={"read": read, **found.seconds},
        judgement=_judged(event, found.tracks, job.rows),
    )


def _check(job: Job, sources: Sequence[EventSource]) -> None:
    check_once(sources)
    if job.output is not None:
        check_names([source.name for source in sources])
        check_folder(job.output)
    if job.display is not None:
        check_file(job.display)


def _find(job: Job, task: tuple[int, EventSource]) -> Outcome:
    return find_one(job, *task)


@functools.cache
def _finder(folder: Path, threads: int, builder: tuple[str, ...]) -> Finder:
    return with_builder(load_finder(folder, threads=threads), builder)


def _write(job: Job, place: int, event: Event, tracks: FoundTracks) -> None:
    if job.output is not None:
        write_tracks(job.output, event, tracks)
    if job.display is not None and place == 0:
        from trackdnn.tracking.display.write import write_display

        write_display(event, tracks, job.display)


def _judged(event: Event, tracks: FoundTracks, rows: Any) -> Judgement | None:
    return None if event.truth is None else judge(event, tracks, rows)
