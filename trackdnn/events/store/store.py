"""An event store, open for reading."""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path
from typing import TYPE_CHECKING

from trackdnn.data.prepared.atomic import checksum
from trackdnn.errors import BadFileError, InputError, nearest
from trackdnn.events.store.manifest import EventRecord, Manifest, read_manifest
from trackdnn.events.store.places import AGAIN, ANEW
from trackdnn.events.store.tables import read_event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trackdnn.events.event import Event


@dataclasses.dataclass(frozen=True)
class StoredEvent:
    """One event of a store: an `EventSource` that any process can load.

    Args:
        folder: The store's folder.
        record: What the manifest says of the event.
    """

    folder: Path
    record: EventRecord

    @property
    def name(self) -> str:
        """Name of the event."""
        return self.record.name

    @property
    def files(self) -> tuple[Path, ...]:
        """Its files in the store."""
        return tuple(self.folder / file.path for file in self.record.files)

    def load(self) -> Event:
        """Maps the event into memory: arrays are read-only views of the files.

        The first time in a process, files are compared with their checksums.

        Raises:
            BadFileError: If a file is missing or damaged.
        """
        event = read_event(self.folder, self.record)
        for path, file in zip(self.files, self.record.files, strict=True):
            _check_once(path, path.stat().st_mtime_ns, file.sha256)
        return event

    def verify(self) -> None:
        """Compares the event's files with their checksums.

        Raises:
            BadFileError: If a file is missing or has changed.
        """
        for path, file in zip(self.files, self.record.files, strict=True):
            _check(path, file.sha256)


@dataclasses.dataclass(frozen=True)
class EventStore:
    """What `prepare-events` has made.

    Args:
        folder: Where it lies.
        manifest: What it holds.
    """

    folder: Path
    manifest: Manifest

    def __len__(self) -> int:
        return len(self.manifest.events)

    def __getitem__(self, event: int | str) -> Event:
        """Loads an event, by position or by name.

        Raises:
            IndexError: If there is no such position.
            InputError: If there is no event of this name.
            BadFileError: If a file is missing or damaged.
        """
        return self.source(event).load()

    def __iter__(self) -> Iterator[Event]:
        return (source.load() for source in self.sources())

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the events, in order."""
        return tuple(record.name for record in self.manifest.events)

    def sources(self) -> list[StoredEvent]:
        """All events, none of them read yet."""
        return [StoredEvent(self.folder, record) for record in self.manifest.events]

    def source(self, event: int | str) -> StoredEvent:
        """One event, not read yet, by position or by name.

        Raises:
            IndexError: If there is no such position.
            InputError: If there is no event of this name.
        """
        if isinstance(event, int):
            return StoredEvent(self.folder, self.manifest.events[event])
        for record in self.manifest.events:
            if record.name == event:
                return StoredEvent(self.folder, record)
        raise InputError(
            f"An event must be in the store '{self.folder}'. Received: '{event}'."
            f"{nearest(event, self.names)}"
        )

    def verify(self) -> None:
        """Compares all files with their checksums.

        Raises:
            BadFileError: If a file is missing or has changed.
        """
        for source in self.sources():
            source.verify()


def open_store(folder: Path) -> EventStore:
    """Opens a store; events are read when they are asked for.

    Raises:
        BadFileError: If it is not finished, or its manifest is damaged.
    """
    return EventStore(folder, read_manifest(folder))


@functools.lru_cache(maxsize=1 << 16)
def _check_once(path: Path, mtime_ns: int, sha256: str) -> None:
    """A training loads each event many times, and needs to know once."""
    _check(path, sha256)


def _check(path: Path, sha256: str) -> None:
    try:
        found = checksum(path)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise _changed(path, reason, AGAIN) from error
    if found != sha256:
        raise _changed(path, "another SHA-256 than the manifest has")


def _changed(path: Path, received: str, advice: str = ANEW) -> BadFileError:
    return BadFileError(
        f"'{path}' must be as `prepare-events` has written it. Received: {received}. "
        f"{advice}"
    )
