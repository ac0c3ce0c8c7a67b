"""The files of one TrackML event, each read and judged down to the line.

| file      | columns that are read                                              |
|-----------|--------------------------------------------------------------------|
| hits      | `hit_id, x, y, z, volume_id, layer_id, module_id`                  |
| particles | `particle_id, vx, vy, vz, px, py, pz, q`                           |
| truth     | `hit_id, particle_id, tx, ty, tz, tpx, tpy, tpz, weight`           |

Other columns may be there, such as `particle_type` and `nhits`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from trackdnn.errors import BadFileError
from trackdnn.events.clusters import rows_by_id
from trackdnn.events.columns_of_csv import Table, read_table
from trackdnn.events.event import MOST_MM, NOISE, Hits, Particles, Truth

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

_POSITION = ("x", "y", "z")
_SENSOR = ("volume_id", "layer_id", "module_id")
_TRUTH = ("tx", "ty", "tz", "tpx", "tpy", "tpz")
_MADE = ("vx", "vy", "vz", "px", "py", "pz")


def _kinds(ids: Iterable[str], floats: Iterable[str]) -> dict[str, str]:
    return dict.fromkeys(ids, "int64") | dict.fromkeys(floats, "float32")


HITS = _kinds(["hit_id"], _POSITION) | dict.fromkeys(_SENSOR, "int32")
PARTICLES = _kinds(["particle_id"], _MADE) | {"q": "int32"}
TRUTH = _kinds(["hit_id", "particle_id"], _TRUTH) | {"weight": "float64"}


def read_hits(path: Path) -> Hits:
    """Reads a hits file; rows stay in their order.

    Raises:
        BadFileError: If it is malformed, a hit comes twice, a coordinate is not
            finite or above 1e6 mm, or an id is negative.
    """
    table = read_table(path, HITS)
    table.require_finite(*_POSITION)
    table.require_within(MOST_MM, *_POSITION)
    table.require_unique("hit_id")
    for name in ("hit_id", *_SENSOR):
        table.require(name, table[name] >= 0, "not be negative", "Correct the row.")
    names = (("volume", "volume_id"), ("layer", "layer_id"), ("module", "module_id"))
    return Hits(
        **{name: table[name] for name in ("hit_id", *_POSITION)},
        **{field: table[name] for field, name in names},
    )


def read_truth(path: Path, hits: Hits) -> Truth:
    """Reads a truth file; its rows come in the order of the hits.

    Raises:
        BadFileError: If it is malformed, does not have exactly one row for each hit,
            or has a weight that cannot be.
    """
    table = read_table(path, TRUTH)
    _require_ids(table)
    _require_weights(table)
    made = table["particle_id"] != NOISE
    table.require_finite(*_TRUTH, where=made)
    table.require_within(MOST_MM, "tx", "ty", "tz", where=made)
    rows = _in_order_of(hits, table)
    names = (("x", "tx"), ("y", "ty"), ("z", "tz"))
    momenta = (("px", "tpx"), ("py", "tpy"), ("pz", "tpz"))
    return Truth(
        particle_id=table["particle_id"][rows],
        weight=table["weight"][rows],
        **{field: table[name][rows] for field, name in (*names, *momenta)},
    )


def read_particles(path: Path, truth: Truth, truth_path: Path) -> Particles:
    """Reads a particles file; particles without hits stay.

    Args:
        path: The file.
        truth: Every particle in it must be in the file.
        truth_path: Where it is from.

    Raises:
        BadFileError: If it is malformed, has a particle twice, or lacks one.
    """
    return particles_of(read_table(path, PARTICLES), truth, truth_path)


def particles_of(table: Table, truth: Truth, truth_path: Path) -> Particles:
    """As `read_particles`, from a table that is read.

    Raises:
        BadFileError: If the table has a particle twice, or lacks one.
    """
    table.require_unique("particle_id")
    must = f"be positive ({NOISE} in the truth means noise)"
    good = table["particle_id"] > NOISE
    table.require("particle_id", good, must, "Take that row out.")
    table.require_finite("px", "py", "pz")
    for name in ("vx", "vy", "vz"):
        good = ~np.isinf(table[name])
        must = "be finite, or nan where the vertex is not known"
        table.require(name, good, must, "Correct the row.")
    columns = {name: table[name] for name in ("particle_id", *_MADE)}
    particles = Particles(
        **columns, charge=table["q"], hits=np.zeros(len(table), dtype=np.int32)
    ).take(np.argsort(table["particle_id"]))
    lost = truth.particle_id[
        (truth.particle_id != NOISE)
        & (rows_by_id(particles.particle_id, truth.particle_id) < 0)
    ]
    if len(lost):
        raise BadFileError(
            f"'{table.path}' must have each particle of '{truth_path}'. Received: none "
            f"with particle_id {lost[0]}{_more(np.unique(lost))}. Add it, or take the "
            "file away: particles then come from the truth alone."
        )
    return particles


def particles_of_truth(truth: Truth) -> Particles:
    """Particles from their hits: the momentum is that of the hit nearest the origin.

    Vertices are NaN and charges 0: the truth of hits does not tell them.
    """
    made = np.flatnonzero(truth.particle_id != NOISE)
    squares = [truth.x[made], truth.y[made], truth.z[made]]
    distance = np.sum(np.square(squares, dtype=np.float64), axis=0)
    inner = made[np.lexsort([distance, truth.particle_id[made]])]
    ids, first = np.unique(truth.particle_id[inner], return_index=True)
    inner = inner[first]
    unknown = np.full(len(ids), np.nan, dtype=np.float32)
    none = np.zeros(len(ids), dtype=np.int32)
    return Particles(
        particle_id=ids,
        vx=unknown,
        vy=unknown,
        vz=unknown,
        px=truth.px[inner],
        py=truth.py[inner],
        pz=truth.pz[inner],
        charge=none,
        hits=none,
    )


def _require_ids(table: Table) -> None:
    table.require_unique("hit_id")
    must = f"be {NOISE} (noise) or positive"
    good = table["particle_id"] >= NOISE
    table.require("particle_id", good, must, "Correct the row.")


def _require_weights(table: Table) -> None:
    table.require_finite("weight")
    weight, noise = table["weight"], table["particle_id"] == NOISE
    table.require("weight", weight >= 0.0, "not be negative", "Correct the row.")
    must = f"be 0 for noise (particle_id {NOISE})"
    table.require("weight", ~noise | (weight == 0.0), must, "Correct the row.")


def _in_order_of(hits: Hits, table: Table) -> Any:
    """Row of the truth of each hit."""
    if np.array_equal(table["hit_id"], hits.hit_id):
        return slice(None)
    require_partners(table.path, hits, table["hit_id"], "a row of truth")
    return rows_by_id(table["hit_id"], hits.hit_id)


def require_partners(path: Path, hits: Hits, ids: NDArray[np.int64], what: str) -> None:
    """Every hit must be among the ids of a file, and every id must be a hit.

    Args:
        path: The file.
        hits: The hits of the event.
        ids: Column `hit_id` of the file.
        what: What the file has for each hit.

    Raises:
        BadFileError: With an id that has no partner.
    """
    strange = ids[rows_by_id(hits.hit_id, ids) < 0]
    if len(strange):
        line = np.flatnonzero(ids == strange[0])[0] + 2
        raise BadFileError(
            f"Column 'hit_id' of '{path}' must name hits of the event. Received: "
            f"{strange[0]} in line {line}{_more(np.unique(strange))}. Are the files "
            "of one event? Otherwise take that row out."
        )
    alone = hits.hit_id[~np.isin(hits.hit_id, ids)]
    if len(alone):
        raise BadFileError(
            f"'{path}' must have {what} for each hit. Received: none for hit_id "
            f"{alone[0]}{_more(alone)}. The file is truncated or of another event: "
            "fetch it again, or take it away to go without."
        )


def _more(values: NDArray[np.int64]) -> str:
    return f" and {len(values) - 1} others" if len(values) > 1 else ""
