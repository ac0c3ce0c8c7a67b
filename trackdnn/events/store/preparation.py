"""What is there, what is left to do, and what has been done."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from trackdnn.data.prepared.checksums import checksum_of
from trackdnn.data.prepared.executors import free_cores
from trackdnn.errors import BadFileError, InputError
from trackdnn.events.store import folder as folders
from trackdnn.events.store.manifest import EventRecord, Skipped, read_manifest
from trackdnn.events.store.worker import Job, check_event, stamps_of, store_event

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trackdnn.data.prepared.checksums import Stamp
    from trackdnn.data.prepared.executors import Pool
    from trackdnn.data.progress import Done
    from trackdnn.events.source import EventSource


class Preparation:
    """One job on one folder, step by step, in the order of the methods.

    Args:
        folder: The store's folder.
        sources: The events; their names are unique.
        skip_damaged: Whether to leave out bad events.
    """

    def __init__(
        self, folder: Path, sources: Sequence[EventSource], *, skip_damaged: bool
    ) -> None:
        self._folder, self._sources = folder, sources
        self._skip_damaged = skip_damaged
        self._earlier: dict[str, EventRecord] = {}
        self._records: dict[str, EventRecord] = {}
        self._skipped: dict[str, Skipped] = {}
        self._jobs: list[Job] = []

    def plan(self, *, fresh: bool) -> None:
        """Looks at every file, and decides which events are to be read.

        Args:
            fresh: Whether all of them are.

        Raises:
            InputError: If a file is not there and no event is to be left out.
        """
        self._earlier = {} if fresh else folders.recall(self._folder)
        with ThreadPoolExecutor(free_cores()) as threads:
            found = list(threads.map(self._look, self._sources))
        for source, (stamps, record) in zip(self._sources, found, strict=True):
            if isinstance(stamps, InputError):
                self._leave_out(source, stamps)
            elif record is not None:
                self._records[source.name] = record
            else:
                self._jobs.append(Job(self._folder, source, stamps))

    @property
    def bytes_left(self) -> int:
        """Size of the files to read."""
        return sum(stamp.size for job in self._jobs for stamp in job.stamps)

    @property
    def events_left(self) -> int:
        """Number of events to read."""
        return len(self._jobs)

    def is_finished(self) -> bool:
        """Whether the folder holds all of this already."""
        if self._jobs:
            return False
        try:
            manifest = read_manifest(self._folder)
        except BadFileError:
            return False
        return (manifest.events, manifest.skipped) == (
            tuple(self._ordered()),
            tuple(self._left_out()),
        )

    @property
    def has_finished_store(self) -> bool:
        """Whether the folder holds a finished store that a failure would cost."""
        try:
            read_manifest(self._folder)
        except BadFileError:
            return False
        return True

    def check(self, pool: Pool, done: Done) -> None:
        """Reads the events and writes nothing, so that a finished store stays.

        Args:
            pool: Who reads.
            done: Is told the bytes of each event that is done.

        Raises:
            InputError: If an event is damaged and none is to be left out.
        """
        for job, future in pool.completed(check_event, self._jobs):
            try:
                future.result()
            except InputError as error:
                self._leave_out(job.source, error)
            done(sum(stamp.size for stamp in job.stamps), 0)
        self._jobs = [one for one in self._jobs if one.source.name not in self._skipped]

    def begin(self, *, fresh: bool) -> None:
        """Makes the folder ready.

        Raises:
            BadFileError: If no event would be left.
            OutputError: If that is impossible.
        """
        self._require_one(len(self._jobs) + len(self._records))
        folders.begin(self._folder, self._records.values(), fresh=fresh)

    def run(self, pool: Pool, done: Done) -> None:
        """Reads the events.

        Args:
            pool: Who reads.
            done: Is told the bytes and the hits of each event that is done.

        Raises:
            InputError: If an event is damaged and none is to be left out.
            OutputError: If something cannot be written.
        """
        for job, future in pool.completed(store_event, self._jobs):
            hits = 0
            try:
                record = future.result()
            except InputError as error:
                self._leave_out(job.source, error)
            else:
                self._records[record.name] = record
                hits = record.hits.rows
            done(sum(stamp.size for stamp in job.stamps), hits)

    def finish(self) -> None:
        """Writes the manifest.

        Raises:
            InputError: If no event is left.
            OutputError: If something cannot be written.
        """
        self._require_one(len(self._records))
        skipped = self._left_out()
        manifest = folders.manifest_of(self._ordered(), skipped)
        folders.finish(self._folder, manifest)

    def summary(self) -> str:
        """What was done, in one line."""
        read = [job.source.name for job in self._jobs]
        read = [name for name in read if name in self._records]
        again = sum(name in self._earlier for name in read)
        names = {source.name for source in self._sources}
        counts = {
            "kept": len(self._records) - len(read),
            "read again": again,
            "new": len(read) - again,
            "left out as damaged": len(self._skipped),
            "dropped": len(self._earlier.keys() - names),
        }
        texts = [f"{count:,} {what}" for what, count in counts.items() if count]
        return "events: " + ", ".join(texts)

    def _look(
        self, source: EventSource
    ) -> tuple[tuple[Stamp, ...] | InputError, EventRecord | None]:
        """Stamps of the files or what is wrong, and the record if it still holds."""
        try:
            stamps = stamps_of(source)
            record = self._earlier.get(source.name)
            if record is None:
                return stamps, None
            return stamps, _renewed(record, source, stamps)
        except InputError as error:
            return error, None

    def _leave_out(self, source: EventSource, error: InputError) -> None:
        if not self._skip_damaged:
            if _is_of_all(source, error):
                raise error
            raise type(error)(
                f"{str(error).removesuffix('.')}. With --skip-damaged the event is "
                "left out."
            ) from error
        reason = " ".join(str(error).split())
        self._skipped[source.name] = Skipped(name=source.name, reason=reason)

    def _require_one(self, good: int) -> None:
        if not good:
            first = self._left_out()[0]
            raise BadFileError(
                f"At least one event must be good. Received: {len(self._skipped)} of "
                f"{len(self._sources)} damaged; of the first: {first.reason}"
            )

    def _ordered(self) -> list[EventRecord]:
        found = (self._records.get(source.name) for source in self._sources)
        return [record for record in found if record is not None]

    def _left_out(self) -> list[Skipped]:
        found = (self._skipped.get(source.name) for source in self._sources)
        return [skipped for skipped in found if skipped is not None]


def _is_of_all(source: EventSource, error: InputError) -> bool:
    """Whether it is the table of modules, which all events share, that is wrong."""
    tables = (getattr(source, name, None) for name in ("detectors", "geometry"))
    return any(table is not None and f"'{table}'" in str(error) for table in tables)


def _renewed(
    record: EventRecord, source: EventSource, stamps: tuple[Stamp, ...]
) -> EventRecord | None:
    """The record with the times of today, if the files hold what they held.

    Size and time are believed; after a mere `touch`, the checksum tells.
    """
    paths = [str(path.resolve()) for path in source.files]
    if paths != [one.path for one in record.sources]:
        return None
    for path, stamp, one in zip(paths, stamps, record.sources, strict=True):
        if stamp.size != one.size:
            return None
        if stamp.mtime_ns != one.mtime_ns and checksum_of(path) != one.sha256:
            return None
    renewed = [
        one.model_copy(update={"mtime_ns": stamp.mtime_ns})
        for one, stamp in zip(record.sources, stamps, strict=True)
    ]
    return record.model_copy(update={"sources": tuple(renewed)})
