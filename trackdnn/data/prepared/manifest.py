"""What a prepared dataset says of itself: `manifest.json` and its models.

The manifest holds no time of day and nothing that depends on how the work was divided,
so that the same sources and settings give the same bytes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from trackdnn.data.features import FEATURES
from trackdnn.data.prepared.atomic import write_bytes
from trackdnn.data.prepared.layout import FORMAT, MANIFEST, SCHEMA
from trackdnn.data.prepared.shards import Shard
from trackdnn.errors import DatasetError

Role = Literal["split", "test"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Group(_Model):
    """The tracks of one iteration in one part."""

    part: str
    algorithm: int
    true: int
    fake: int


class SourceRecord(_Model):
    """What became of one source file.

    Args:
        key: Stem of its files in the dataset.
        sample: Name of its sample.
        role: `"split"`, or `"test"` if all its events serve the test.
        path: As it was named; absolute for local files.
        size: In bytes.
        mtime_ns: Time of its last change; `None` for a remote file.
        sha256: Its checksum; `None` for a remote file.
        uuid: Of a remote file, as ROOT's header holds it.
        taken: Number of events that the settings allow, or `None` for all.
        fraction: Share of the events taken by their hash, or `None` for all.
        entries: Events in the file.
        events: Events read.
        empty_events: Those without a track.
        tracks_read: Tracks before the selection.
        removed: Tracks removed by each cut.
        not_a_number: NaN values of each input with any, in the tracks kept.
        infinite: The same for infinite values.
        label: Branch that the truth comes from.
        lacks: What the file does not hold, of `trk_mva`, `n_vertices`, `event_id`.
        groups: Tracks kept, by part and iteration.
        shards: Files written.
        sketch_sha256: Checksum of the sketch.
        events_sha256: Checksum of the keys of the events.
    """

    key: str
    sample: str
    role: Role
    path: str
    size: int
    mtime_ns: int | None = None
    sha256: str | None = None
    uuid: str | None = None
    taken: int | None = None
    fraction: float | None = None
    entries: int = 0
    events: int
    empty_events: int
    tracks_read: int
    removed: dict[str, int]
    not_a_number: dict[str, int]
    infinite: dict[str, int]
    label: str
    lacks: tuple[str, ...] = ()
    groups: tuple[Group, ...]
    shards: tuple[Shard, ...]
    sketch_sha256: str
    events_sha256: str


class Skipped(_Model):
    """A source file that was left out because it is damaged."""

    sample: str
    path: str
    reason: str


class InputRange(_Model):
    """Where the values of one input lie in the training part."""

    name: str
    unit: str
    minimum: float | None
    quantiles: dict[str, float]
    maximum: float | None
    not_a_number: int
    infinite: int


class Manifest(_Model):
    """All of a prepared dataset.

    Args:
        format: Version of the format.
        made_by: Versions of this package and of the libraries that read and wrote.
        features: The table of inputs: name, branch, unit.
        columns: Columns of the shards with their types.
        samples: Names of the samples, in their order.
        data: The settings that decide the content: tree, label, selection, split.
        parts: Tracks, true and fake, of each part.
        removed: Tracks removed by each cut, over all sources.
        repeated_events: Events whose key another event has had before.
        ranges: Of each input in the training part.
        statistics_sha256: Checksum of the merged sketch.
        sources: One record per source file, in their order.
        skipped: Damaged files left out.
    """

    format: int
    made_by: dict[str, str]
    features: tuple[dict[str, str], ...]
    columns: dict[str, str]
    samples: tuple[str, ...]
    data: dict[str, Any]
    parts: dict[str, dict[str, int]]
    removed: dict[str, int]
    repeated_events: int
    ranges: tuple[InputRange, ...]
    statistics_sha256: str
    sources: tuple[SourceRecord, ...]
    skipped: tuple[Skipped, ...] = ()

    @model_validator(mode="after")
    def _name_all_samples(self) -> Manifest:
        for source in self.sources:
            for name in (source.sample, *(shard.sample for shard in source.shards)):
                if name not in self.samples:
                    raise ValueError(f"sample '{name}' of a source is not in samples")
        return self


def feature_table() -> tuple[dict[str, str], ...]:
    """The inputs as the manifest lists them."""
    return tuple(
        {"name": one.name, "branch": one.branch, "unit": one.unit} for one in FEATURES
    )


def column_table() -> dict[str, str]:
    """The columns as the manifest lists them."""
    return {field.name: str(field.type) for field in SCHEMA}


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Writes the manifest of a dataset, whose last file it is."""
    write_bytes(folder / MANIFEST, to_json(manifest))


def to_json(model: BaseModel) -> bytes:
    """A model as JSON for people and programs, with a line break at the end."""
    text = json.dumps(model.model_dump(mode="json"), indent=1, ensure_ascii=False)
    return text.encode() + b"\n"


def is_prepared(folder: Path) -> bool:
    """Whether a folder holds the manifest of a prepared dataset."""
    try:
        with (folder / MANIFEST).open(encoding="utf-8") as stream:
            return '"made_by"' in stream.read(400)
    except (OSError, UnicodeDecodeError):
        return False


def read_manifest(folder: Path) -> Manifest:
    """Reads and checks the manifest of a dataset.

    Raises:
        DatasetError: If it is missing, damaged, of another format, or made with
            another table of inputs.
    """
    path = folder / MANIFEST
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise DatasetError(
            f"'{folder}' must be a prepared dataset, but it has no readable {MANIFEST} "
            f"({error.strerror}). If `prepare` was interrupted, run it again."
        ) from error
    except (ValueError, RecursionError) as error:
        raise _bad(path, f"no valid JSON ({str(error)[:80]})") from error
    version = content.get("format") if isinstance(content, dict) else None
    if version != FORMAT:
        raise _bad(path, f"format {version!r}, where this version reads {FORMAT}")
    try:
        manifest = Manifest.model_validate(content)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in fault["loc"])
        message = fault["msg"].removeprefix("Value error, ")
        raise _bad(path, f"'{place}': {message}" if place else message) from error
    if manifest.features != feature_table():
        raise _bad(path, "another table of inputs than this version has")
    return manifest


def _bad(path: Path, received: str) -> DatasetError:
    return DatasetError(
        f"'{path}' must be the manifest of a prepared dataset. Received: {received}. "
        "Prepare the dataset again."
    )
