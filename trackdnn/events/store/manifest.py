"""What an event store says of itself: `manifest.json` and its models.

Nothing in it depends on how the work was divided or how often it was interrupted, so
the same sources give the same bytes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from trackdnn.data.prepared.inner import below
from trackdnn.errors import BadFileError
from trackdnn.events.store.places import (
    AGAIN,
    FORMAT,
    HITS,
    KIND,
    MANIFEST,
    UNFINISHED_MANIFEST,
)


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceFile(_Model):
    """A file that an event was read from.

    Args:
        path: Absolute.
        size: In bytes.
        mtime_ns: Time of its last change.
        sha256: Its checksum.
    """

    path: str
    size: int
    mtime_ns: int
    sha256: str


class TableFile(_Model):
    """A file of the store.

    Args:
        path: Below the store's folder, with `/`.
        rows: Hits or particles in it.
        bytes: Its size.
        sha256: Its checksum.
    """

    path: Annotated[str, below("the store's folder")]
    rows: int
    bytes: int
    sha256: str


class EventRecord(_Model):
    """One event of a store.

    Args:
        name: Name of the event.
        hits: File of its hits.
        particles: File of its particles; `None` without truth.
        clusters: Whether the shapes of clusters are there.
        noise: Hits of no particle; `None` without truth.
        with_hits: Particles with at least one hit; `None` without truth.
        fast: Those of them with pT above 0.9 GeV; `None` without truth.
        sources: The files that it was read from.
    """

    name: str
    hits: TableFile
    particles: TableFile | None = None
    clusters: bool
    noise: int | None = None
    with_hits: int | None = None
    fast: int | None = None
    sources: tuple[SourceFile, ...]

    @property
    def files(self) -> tuple[TableFile, ...]:
        """Its files in the store."""
        return (self.hits,) if self.particles is None else (self.hits, self.particles)


class Skipped(_Model):
    """An event that was left out because its files are damaged."""

    name: str
    reason: str


class Totals(_Model):
    """Sums over the events.

    Args:
        events: All events.
        with_truth: Events with truth.
        with_clusters: Events with shapes of clusters.
        hits: All hits.
        hits_with_truth: Hits of the events with truth.
        noise: Hits of no particle, in the events with truth.
        particles: Particles with at least one hit.
        fast: Those of them with pT above 0.9 GeV.
        bytes: Of the Arrow files.
    """

    events: int
    with_truth: int
    with_clusters: int
    hits: int
    hits_with_truth: int
    noise: int
    particles: int
    fast: int
    bytes: int

    @classmethod
    def of(cls, events: tuple[EventRecord, ...]) -> Totals:
        """The sums."""
        known = [one for one in events if one.particles is not None]
        return cls(
            events=len(events),
            with_truth=len(known),
            with_clusters=sum(one.clusters for one in events),
            hits=sum(one.hits.rows for one in events),
            hits_with_truth=sum(one.hits.rows for one in known),
            noise=sum(one.noise or 0 for one in known),
            particles=sum(one.with_hits or 0 for one in known),
            fast=sum(one.fast or 0 for one in known),
            bytes=sum(file.bytes for one in events for file in one.files),
        )


class Manifest(_Model):
    """All of a store.

    Args:
        kind: Always the same, so that programs know a store.
        format: Version of the format.
        versions: Of this package and of the libraries that wrote.
        columns: Type, unit and meaning by table and column.
        totals: Sums over the events.
        events: In the order of the sources.
        skipped: What was left out as damaged.
    """

    kind: Literal["trackdnn event store"] = KIND
    format: Literal[1] = 1
    versions: dict[str, str]
    columns: dict[str, dict[str, dict[str, str]]]
    totals: Totals
    events: tuple[EventRecord, ...]
    skipped: tuple[Skipped, ...] = ()


def is_store(folder: Path) -> bool:
    """Whether a folder is an event store, finished or not."""
    if any(_is_ours(folder / name) for name in (MANIFEST, UNFINISHED_MANIFEST)):
        return True
    # Where the manifest is damaged, its neighbours tell.
    tables = (folder / HITS).glob("*.arrow")
    return _is_damaged(folder / MANIFEST) and next(tables, None) is not None


def read_manifest(folder: Path) -> Manifest:
    """Reads and checks the manifest of a finished store.

    Raises:
        BadFileError: If it is missing, damaged or of another format.
    """
    path = folder / MANIFEST
    if not path.exists() and _is_ours(folder / UNFINISHED_MANIFEST):
        raise BadFileError(
            f"Event store '{folder}' must be finished. Received: no {MANIFEST} yet. "
            "Run the same `prepare-events` again; it goes on where it stopped."
        )
    return read_manifest_file(path)


def read_manifest_file(path: Path) -> Manifest:
    """Reads and checks a manifest of any name.

    Raises:
        BadFileError: If it is missing, damaged or of another format.
    """
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise _bad(path, f"no readable file ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise _bad(path, f"damaged, no valid JSON ({str(error)[:80]})") from error
    if not isinstance(content, dict) or content.get("kind") != KIND:
        raise _bad(path, "another kind of file")
    if content.get("format") != FORMAT:
        version = f"format {content.get('format')!r}"
        raise _bad(path, f"{version}, where this version reads {FORMAT}")
    try:
        return Manifest.model_validate(content)
    except ValidationError as error:
        fault: Any = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in fault["loc"])
        message = fault["msg"].removeprefix("Value error, ")
        raise _bad(path, f"'{place}': {message}") from error


def _is_ours(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8") as stream:
            return f'"kind": "{KIND}"' in stream.read(200)
    except (OSError, UnicodeDecodeError):
        return False


def _is_damaged(path: Path) -> bool:
    try:
        json.loads(path.read_bytes())
    except OSError:
        return False
    except (ValueError, RecursionError):
        return True
    return False


def _bad(path: Path, received: str) -> BadFileError:
    return BadFileError(
        f"'{path}' must be the manifest of an event store. Received: {received}. "
        f"{AGAIN}"
    )
