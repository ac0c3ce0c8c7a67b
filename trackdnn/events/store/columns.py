"""What the columns of an event store are: type, unit and meaning.

The unit and the meaning of each column stand in the metadata of its field, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from trackdnn.events.clusters import FEATURES
from trackdnn.events.store.places import FORMAT, HITS, PARTICLES

if TYPE_CHECKING:
    from collections.abc import Iterable

CLUSTER_WIDTH = len(FEATURES)

Column = tuple[str, pa.DataType, str, str]

_SEEN: tuple[Column, ...] = (
    ("hit_id", pa.int64(), "", "name of the hit in its file, unique in the event"),
    ("x", pa.float32(), "mm", "measured position"),
    ("y", pa.float32(), "mm", "measured position"),
    ("z", pa.float32(), "mm", "measured position, along the beam"),
    ("volume", pa.int32(), "", "volume of the sensor"),
    ("layer", pa.int32(), "", "layer within the volume"),
    ("module", pa.int32(), "", "module within the layer"),
)
_TRUTH: tuple[Column, ...] = (
    ("particle_id", pa.int64(), "", "the particle that made the hit, 0 for noise"),
    ("tx", pa.float32(), "mm", "where the particle crossed the sensor"),
    ("ty", pa.float32(), "mm", "where the particle crossed the sensor"),
    ("tz", pa.float32(), "mm", "where the particle crossed the sensor"),
    ("tpx", pa.float32(), "GeV", "momentum there, without meaning for noise"),
    ("tpy", pa.float32(), "GeV", "momentum there, without meaning for noise"),
    ("tpz", pa.float32(), "GeV", "momentum there, without meaning for noise"),
    ("weight", pa.float64(), "", "share of the hit in the TrackML score"),
)
_CLUSTERS: tuple[Column, ...] = (
    (
        "clusters",
        pa.list_(pa.field("item", pa.float32(), nullable=False), CLUSTER_WIDTH),
        "1, charge of the file, 1, rad, mm, mm, mm, 1, rad",
        ", ".join(FEATURES),
    ),
)
_PARTICLES: tuple[Column, ...] = (
    ("particle_id", pa.int64(), "", "unique and ascending, never 0"),
    ("vx", pa.float32(), "mm", "where it was made, NaN if unknown"),
    ("vy", pa.float32(), "mm", "where it was made, NaN if unknown"),
    ("vz", pa.float32(), "mm", "where it was made, NaN if unknown"),
    ("px", pa.float32(), "GeV", "momentum there"),
    ("py", pa.float32(), "GeV", "momentum there"),
    ("pz", pa.float32(), "GeV", "momentum there"),
    ("charge", pa.int32(), "e", "0 if unknown"),
    ("hits", pa.int32(), "", "number of its hits in the event"),
)


def hits_schema(*, truth: bool, clusters: bool) -> pa.Schema:
    """Columns of the hits of an event with or without truth and clusters."""
    columns = _SEEN + (_TRUTH if truth else ()) + (_CLUSTERS if clusters else ())
    return _schema(columns)


def particles_schema() -> pa.Schema:
    """Columns of the particles of an event."""
    return _schema(_PARTICLES)


def column_table() -> dict[str, dict[str, dict[str, str]]]:
    """Type, unit and meaning of every column, as the manifest lists them."""
    tables = {HITS: _SEEN + _TRUTH + _CLUSTERS, PARTICLES: _PARTICLES}
    return {
        table: {
            name: {"type": str(kind), "unit": unit, "meaning": meaning}
            for name, kind, unit, meaning in columns
        }
        for table, columns in tables.items()
    }


def _schema(columns: Iterable[Column]) -> pa.Schema:
    fields = [
        pa.field(name, kind, False, {"unit": unit, "meaning": meaning})
        for name, kind, unit, meaning in columns
    ]
    return pa.schema(fields, metadata={"trackdnn": f"event store {FORMAT}"})
