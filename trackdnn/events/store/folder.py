"""The folder of a store: whose is it, what is done in it, what must go."""

from __future__ import annotations

import contextlib
import importlib.metadata
import shutil
from typing import TYPE_CHECKING

from pydantic import ValidationError

from trackdnn.data.prepared.atomic import UNFINISHED, write_bytes, write_errors
from trackdnn.data.prepared.manifest import to_json
from trackdnn.errors import BadFileError
from trackdnn.events.store.columns import column_table
from trackdnn.events.store.manifest import (
    EventRecord,
    Manifest,
    Skipped,
    Totals,
    is_store,
    read_manifest_file,
)
from trackdnn.events.store.places import (
    HITS,
    LOCK,
    MANIFEST,
    PARTICLES,
    RECORDS,
    UNFINISHED_MANIFEST,
    event_key,
    record_path,
)
from trackdnn.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

_TABLES = (HITS, PARTICLES)
_SUFFIXES = {".arrow", ".json", UNFINISHED}
_LIBRARIES = ("numpy", "pyarrow")


def check_folder(folder: Path) -> None:
    """Raises unless a folder is missing, empty or a store, finished or not.

    Raises:
        BadFileError: If it holds something else.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise BadFileError(
            f"An event store must be a folder. Received: the file '{folder}'. "
            "Name another one."
        )
    others = [path for path in sorted(folder.iterdir()) if not _is_left_over(path)]
    if others and not is_store(folder):
        raise BadFileError(
            "A new event store must get a new or empty folder. Received: "
            f"'{folder}', which holds '{others[0].name}'. Name another folder."
        )


def recall(folder: Path) -> dict[str, EventRecord]:
    """The events that earlier jobs have finished and whose files are all there.

    Returns:
        Records by name of the event. What is damaged is left out.
    """
    found: dict[str, EventRecord] = {}
    for path in (folder / UNFINISHED_MANIFEST, folder / MANIFEST):
        with contextlib.suppress(BadFileError):
            found |= {one.name: one for one in read_manifest_file(path).events}
    for path in sorted((folder / RECORDS).glob("*.json")):
        with contextlib.suppress(OSError, ValidationError, ValueError):
            record = EventRecord.model_validate_json(path.read_bytes())
            found[record.name] = record
    return {name: one for name, one in found.items() if _is_complete(folder, one)}


def begin(folder: Path, kept: Iterable[EventRecord], *, fresh: bool) -> None:
    """Makes a folder ready: no manifest, and nothing that nobody needs.

    Args:
        folder: The store's folder.
        kept: Events that stay.
        fresh: Whether none of them does.

    Raises:
        OutputError: If something cannot be written or removed.
    """
    finished, unfinished = folder / MANIFEST, folder / UNFINISHED_MANIFEST
    with write_errors(folder):
        if fresh or not (finished.exists() or unfinished.exists()):
            write_bytes(unfinished, to_json(manifest_of((), ())))
            finished.unlink(missing_ok=True)
        elif finished.exists():
            finished.replace(unfinished)
        _remove_strangers(folder, () if fresh else kept)


def finish(folder: Path, manifest: Manifest) -> None:
    """Writes the manifest, which says that all is there.

    Raises:
        OutputError: If that is impossible.
    """
    write_bytes(folder / MANIFEST, to_json(manifest))


def tidy(folder: Path) -> None:
    """Removes what only an unfinished store needs.

    Raises:
        OutputError: If that is impossible.
    """
    with write_errors(folder):
        (folder / UNFINISHED_MANIFEST).unlink(missing_ok=True)
        if (folder / RECORDS).is_dir():
            shutil.rmtree(folder / RECORDS)


def manifest_of(events: Sequence[EventRecord], skipped: Sequence[Skipped]) -> Manifest:
    """What a store of these events says of itself."""
    libraries = {name: importlib.metadata.version(name) for name in _LIBRARIES}
    return Manifest(
        versions={"trackdnn": __version__, **libraries},
        columns=column_table(),
        totals=Totals.of(tuple(events)),
        events=tuple(events),
        skipped=tuple(skipped),
    )


def _remove_strangers(folder: Path, kept: Iterable[EventRecord]) -> None:
    """Removes what a killed job has left, and files of events no longer named."""
    wanted = set()
    for record in kept:
        wanted |= {folder / file.path for file in record.files}
        wanted.add(folder / record_path(event_key(record.name)))
    for path in _ours(folder):
        if path not in wanted and path.suffix in _SUFFIXES and path.is_file():
            path.unlink()
    for table in _TABLES:
        with contextlib.suppress(OSError):
            (folder / table).rmdir()


def _ours(folder: Path) -> Iterator[Path]:
    yield from list(folder.glob(f"*{UNFINISHED}"))
    for name in (*_TABLES, RECORDS):
        yield from list((folder / name).glob("*"))


def _is_left_over(path: Path) -> bool:
    return path.name == LOCK or path.suffix == UNFINISHED


def _is_complete(folder: Path, record: EventRecord) -> bool:
    try:
        return all(
            (folder / file.path).stat().st_size == file.bytes for file in record.files
        )
    except OSError:
        return False
