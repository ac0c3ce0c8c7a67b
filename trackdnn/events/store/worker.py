"""One event to its files in the store; runs in any process."""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path
from typing import TYPE_CHECKING

from trackdnn.data.prepared.atomic import write_bytes
from trackdnn.data.prepared.checksums import Stamp, checksum_of, stamp_of
from trackdnn.data.prepared.manifest import to_json
from trackdnn.errors import BadFileError, InputError
from trackdnn.events.event import NOISE
from trackdnn.events.store.manifest import EventRecord, SourceFile, TableFile
from trackdnn.events.store.places import (
    HITS,
    PARTICLES,
    event_key,
    record_path,
    table_path,
)
from trackdnn.events.store.tables import hits_file, particles_file

if TYPE_CHECKING:
    from trackdnn.events.event import Event, Particles
    from trackdnn.events.source import EventSource

FAST_GEV = 0.9


@dataclasses.dataclass(frozen=True)
class Job:
    """What is to be done with one event.

    Args:
        folder: The store's folder.
        source: The event.
        stamps: Of its files, as they were when the work was planned.
    """

    folder: Path
    source: EventSource
    stamps: tuple[Stamp, ...]


def store_event(job: Job) -> EventRecord:
    """Reads one event, and writes its tables and its record.

    The record comes last: with it, the others are complete.

    Returns:
        The record.

    Raises:
        InputError: If a file is damaged, or changes while it is read.
        OutputError: If something cannot be written.
    """
    try:
        event = job.source.load()
        files = tuple(map(_source_file, job.source.files, job.stamps))
    except InputError as error:
        # What is half written looks damaged in many ways.
        _check_unchanged(job, error)
        raise
    _check_unchanged(job)
    record = _record(job, event, files)
    path = job.folder / record_path(event_key(record.name))
    write_bytes(path, to_json(record))
    return record


def check_event(job: Job) -> None:
    """Reads one event, and writes nothing.

    Raises:
        InputError: If a file is damaged.
    """
    job.source.load()


def stamps_of(source: EventSource) -> tuple[Stamp, ...]:
    """What a look at the files of an event tells.

    Raises:
        BadFileError: If one of them is not there.
    """
    return tuple(stamp_of(str(path)) for path in source.files)


def _record(job: Job, event: Event, sources: tuple[SourceFile, ...]) -> EventRecord:
    name = job.source.name
    hits = _write(job.folder, HITS, name, len(event), hits_file(event))
    known = event.clusters is not None
    if event.truth is None or event.particles is None:
        return EventRecord(name=name, hits=hits, clusters=known, sources=sources)
    made = event.particles
    return EventRecord(
        name=name,
        hits=hits,
        particles=_write(job.folder, PARTICLES, name, len(made), particles_file(made)),
        clusters=known,
        noise=int((event.truth.particle_id == NOISE).sum()),
        sources=sources,
        **_counts(made),
    )


def _counts(particles: Particles) -> dict[str, int]:
    seen = particles.hits > 0
    fast = seen & (particles.pt > FAST_GEV)
    return {"with_hits": int(seen.sum()), "fast": int(fast.sum())}


def _write(folder: Path, table: str, name: str, rows: int, content: bytes) -> TableFile:
    path = table_path(table, event_key(name))
    digest = write_bytes(folder / path, content)
    return TableFile(path=path, rows=rows, bytes=len(content), sha256=digest)


def _source_file(path: Path, stamp: Stamp) -> SourceFile:
    location = str(path.resolve())
    return SourceFile(
        path=location,
        size=stamp.size,
        mtime_ns=stamp.mtime_ns or 0,
        sha256=_checksum(location, stamp),
    )


@functools.lru_cache(maxsize=8)
def _checksum(location: str, stamp: Stamp) -> str:
    """The table of detectors is of all events, and need not be read for each."""
    found = checksum_of(location)
    if found is None:
        raise BadFileError(
            f"The files of events must lie on a local disk. Received: '{location}'. "
            "Copy them first, for instance with xrdcp."
        )
    return found


def _check_unchanged(job: Job, cause: InputError | None = None) -> None:
    for path, before in zip(job.source.files, job.stamps, strict=True):
        found = stamp_of(str(path))
        if found != before:
            raise BadFileError(
                f"File '{path}' must not change while it is read. Received: "
                f"{found.size} bytes after {before.size}, or a later time. Wait until "
                "the job that writes it has ended, and start again."
            ) from cause
