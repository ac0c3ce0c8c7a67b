"""An event to Arrow files and back, without a copy on the way back."""

from __future__ import annotations

import contextlib
import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from trackdnn.errors import BadFileError
from trackdnn.events.event import Event, Hits, Particles, Truth
from trackdnn.events.store.columns import (
    CLUSTER_WIDTH,
    hits_schema,
    particles_schema,
)
from trackdnn.events.store.places import AGAIN, ANEW

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from trackdnn.events.store.manifest import EventRecord, TableFile

_SEEN = ("hit_id", "x", "y", "z", "volume", "layer", "module")
# Column by field of `Truth`.
_TRUTH = {
    "particle_id": "particle_id",
    "x": "tx",
    "y": "ty",
    "z": "tz",
    "px": "tpx",
    "py": "tpy",
    "pz": "tpz",
    "weight": "weight",
}


def hits_file(event: Event) -> bytes:
    """The hits of an event, with truth and clusters where it has them."""
    schema = hits_schema(
        truth=event.truth is not None, clusters=event.clusters is not None
    )
    columns = {name: getattr(event.hits, name) for name in _SEEN}
    if event.truth is not None:
        columns |= {column: getattr(event.truth, f) for f, column in _TRUTH.items()}
    if event.clusters is not None:
        columns["clusters"] = event.clusters
    return _file(columns, schema)


def particles_file(particles: Particles) -> bytes:
    """The particles of an event."""
    schema = particles_schema()
    return _file({name: getattr(particles, name) for name in schema.names}, schema)


def read_event(folder: Path, record: EventRecord) -> Event:
    """An event whose arrays are read-only views of the files.

    Args:
        folder: The store's folder.
        record: What the manifest says of the event.

    Raises:
        BadFileError: If a file is missing, of another size, or not of this format.
    """
    truth = record.particles is not None
    schema = hits_schema(truth=truth, clusters=record.clusters)
    columns = _read(folder, record.hits, schema)
    event = Event(
        name=record.name,
        hits=Hits(**{name: columns[name] for name in _SEEN}),
        clusters=columns.get("clusters"),
    )
    if record.particles is None:
        return event
    found = _read(folder, record.particles, particles_schema())
    return Event(
        name=record.name,
        hits=event.hits,
        clusters=event.clusters,
        truth=Truth(**{field: columns[name] for field, name in _TRUTH.items()}),
        particles=Particles(**found),
    )


def _file(columns: dict[str, NDArray[Any]], schema: pa.Schema) -> bytes:
    arrays = [_array(columns[field.name], field.type) for field in schema]
    batch = pa.RecordBatch.from_arrays(arrays, schema=schema)
    stream = io.BytesIO()
    with pa.ipc.new_file(stream, schema) as writer:
        writer.write_batch(batch)
    return stream.getvalue()


def _array(values: NDArray[Any], kind: pa.DataType) -> pa.Array:
    if not pa.types.is_fixed_size_list(kind):
        dtype = kind.to_pandas_dtype()
        return pa.array(np.ascontiguousarray(values, dtype), kind)
    flat = pa.array(np.ascontiguousarray(values, np.float32).reshape(-1))
    return pa.FixedSizeListArray.from_arrays(flat, type=kind)


def _read(folder: Path, file: TableFile, schema: pa.Schema) -> dict[str, NDArray[Any]]:
    path = folder / file.path
    with _damage_named(path):
        size = path.stat().st_size
        # A map of a file that is too short would end the process when it is read.
        if size != file.bytes:
            raise _bad(path, f"{file.bytes:,} bytes", f"{size:,}", AGAIN)
        with pa.memory_map(str(path)) as mapped:
            opened = pa.ipc.open_file(mapped)
            if not opened.schema.equals(schema, check_metadata=True):
                raise _bad(path, "the columns of this version", _names(opened.schema))
            if opened.num_record_batches != 1:
                raise _bad(path, "one batch", str(opened.num_record_batches))
            batch = opened.get_batch(0)
        batch.validate()
        if batch.num_rows != file.rows:
            raise _bad(path, f"{file.rows:,} rows", f"{batch.num_rows:,}")
        return {
            name: _values(column)
            for name, column in zip(schema.names, batch.columns, strict=True)
        }


def _values(column: pa.Array) -> NDArray[Any]:
    if pa.types.is_fixed_size_list(column.type):
        flat = column.flatten().to_numpy(zero_copy_only=True)
        return np.asarray(flat).reshape(-1, CLUSTER_WIDTH)
    return np.asarray(column.to_numpy(zero_copy_only=True))


@contextlib.contextmanager
def _damage_named(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, pa.ArrowException) as error:
        reason = getattr(error, "strerror", None) or str(error)
        first = (reason.splitlines() or ["no details"])[0][:120].rstrip(".")
        # Arrow raises OSError, too, but for content and without a number.
        advice = AGAIN if getattr(error, "errno", None) else ANEW
        raise _bad(path, "a readable Arrow table", first, advice) from error


def _names(schema: pa.Schema) -> str:
    return ", ".join(schema.names)[:120] or "none"


def _bad(path: Path, expected: str, received: str, advice: str = ANEW) -> BadFileError:
    return BadFileError(
        f"'{path}' must hold {expected}. Received: {received}. {advice}"
    )
