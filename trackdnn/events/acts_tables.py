"""The CSV files of one ACTS event, each read and judged down to the line.

A geometry identifier has, from the top, 8 bits of volume, 8 of boundary, 12 of layer,
8 of approach surface, 20 of sensor and 8 others. The five numbers of a particle
(`particle_id_pv`, `_sv`, `_part`, `_gen`, `_subpart`) become one id with the places
of TrackML: `pv` 12 bits, `part` 16, `gen` 12, `subpart` 12, `sv` 12.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trackdnn.errors import BadFileError
from trackdnn.events.cells_of_csv import clusters_of
from trackdnn.events.clusters import Cells, rows_by_id
from trackdnn.events.columns_of_csv import Table, column_names, read_table
from trackdnn.events.detectors import read_detectors
from trackdnn.events.event import MOST_MM, NOISE, Hits, Particles, Truth
from trackdnn.events.trackml_tables import particles_of

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from trackdnn.events.event import Int

_GLOBAL = ("global_x", "global_y", "global_z")
_LOCAL = ("local0", "local1")
MEASUREMENTS = {"measurement_id": "int64", "geometry_id": "uint64"} | dict.fromkeys(
    (*_LOCAL, *_GLOBAL), "float64"
)
# Column of a particle's number, its bits, and how far it is shifted.
_BARCODE = {
    "particle_id_pv": (11, 52),
    "particle_id_part": (16, 36),
    "particle_id_gen": (12, 24),
    "particle_id_subpart": (12, 12),
    "particle_id_sv": (12, 0),
}
_IDS = dict.fromkeys(_BARCODE, "int64")
_HIT = ("tx", "ty", "tz", "tpx", "tpy", "tpz")
HITS = _IDS | dict.fromkeys((*_HIT, "deltae"), "float32")
LINKS = {"measurement_id": "int64", "hit_id": "int64"}
_MADE = ("vx", "vy", "vz", "px", "py", "pz")
PARTICLES = _IDS | dict.fromkeys(_MADE, "float32") | {"q": "int32"}
CELLS = {
    "measurement_id": "int64",
    "channel0": "int32",
    "channel1": "int32",
    "value": "float32",
}
_OPEN = (
    "ACTS leaves them open where measurements are smeared: put its 'detectors.csv' "
    "(CsvTrackingGeometryWriter) beside the events."
)


def split_geometry(identifier: NDArray[np.uint64]) -> tuple[Int, Int, Int]:
    """Volume, layer and sensor of ACTS geometry identifiers, each int32."""
    volume = identifier >> np.uint64(56)
    layer = (identifier >> np.uint64(36)) & np.uint64(0xFFF)
    sensor = (identifier >> np.uint64(8)) & np.uint64(0xFFFFF)
    return volume.astype(np.int32), layer.astype(np.int32), sensor.astype(np.int32)


def read_measurements(path: Path, geometry: Path | None) -> Hits:
    """Reads measurements as hits.

    Args:
        path: The measurements.
        geometry: The modules, for measurements without a global position.

    Raises:
        BadFileError: If a file is malformed, or positions cannot be told.
    """
    table = read_table(path, MEASUREMENTS)
    table.require_unique("measurement_id")
    must = "not be negative"
    good = table["measurement_id"] >= 0
    table.require("measurement_id", good, must, "Correct the row.")
    volume, layer, module = split_geometry(table["geometry_id"])
    place = _positions(table, geometry, (volume, layer, module))
    x, y, z = np.ascontiguousarray(place.T, dtype=np.float32)
    return Hits(
        hit_id=table["measurement_id"],
        x=x,
        y=y,
        z=z,
        volume=volume,
        layer=layer,
        module=module,
    )


def _positions(
    table: Table, geometry: Path | None, sensor: tuple[Int, Int, Int]
) -> NDArray[np.float64]:
    """Global positions in mm, of shape `(measurements, 3)`."""
    for name in _GLOBAL:
        value = table[name]
        good = np.isfinite(value) if geometry is None else ~np.isinf(value)
        table.require(name, good, "hold finite numbers", _OPEN)
        table.require_within(MOST_MM, name)
    place = np.stack([table[name] for name in _GLOBAL], axis=-1)
    if geometry is None or not np.isnan(place).any():
        return place
    if "geometry_id" not in column_names(geometry):
        raise BadFileError(
            f"'{geometry}' must be the table of modules that ACTS writes, as "
            f"'{table.path}' leaves positions open. Received: a table without "
            f"geometry_id. {_OPEN}"
        )
    table.require_finite(*_LOCAL)
    table.require_within(MOST_MM, *_LOCAL)
    modules = read_detectors(geometry)
    row = modules.rows_of(*sensor)
    must = f"be of a module in '{geometry}'"
    table.require("geometry_id", row >= 0, must, "Name the table of this detector.")
    axes = modules.rotation[row]
    along = [table[name][:, None] * axes[..., i] for i, name in enumerate(_LOCAL)]
    return np.where(np.isnan(place), modules.centre[row] + sum(along), place)


def read_truth(path: Path, links: Path, hits: Hits) -> Truth:
    """Reads who made the measurements, all with weight 0.

    Of several simulated hits in a measurement the one that lost most energy counts;
    a measurement of none is noise.

    Args:
        path: The simulated hits.
        links: Which of them made a measurement.
        hits: The measurements.

    Raises:
        BadFileError: If a file is malformed, or they are not of one event.
    """
    made, table = read_table(path, HITS), read_table(links, LINKS)
    made.require_finite(*_HIT, "deltae")
    made.require_within(MOST_MM, "tx", "ty", "tz")
    particle = _particle_ids(made)
    measurement = rows_by_id(hits.hit_id, table["measurement_id"])
    must = "name measurements of the event"
    advice = "Are the files of one event?"
    table.require("measurement_id", measurement >= 0, must, advice)
    number = table["hit_id"]
    must = f"count the {len(made)} rows of '{path.name}' from 0"
    table.require("hit_id", (number >= 0) & (number < len(made)), must, advice)
    # Last written wins: the largest loss, and of equal ones the first row.
    loss = -np.abs(made["deltae"][number])
    best = np.full(len(hits), -1)
    order = np.lexsort([np.arange(len(number)), loss])[::-1]
    best[measurement[order]] = number[order]
    return _truth(made, particle, best, hits)


def _truth(
    made: Table, particle: NDArray[np.int64], best: NDArray[np.int64], hits: Hits
) -> Truth:
    """Truth from the row of the simulated hit of each measurement, -1 for noise."""
    known = best >= 0
    columns = {
        "x": hits.x.copy(),
        "y": hits.y.copy(),
        "z": hits.z.copy(),
        **{f"p{axis}": np.zeros(len(hits), dtype=np.float32) for axis in "xyz"},
    }
    for name, column in columns.items():
        column[known] = made[f"t{name}"][best[known]]
    owner = np.full(len(hits), NOISE, dtype=np.int64)
    owner[known] = particle[best[known]]
    return Truth(particle_id=owner, weight=np.zeros(len(hits)), **columns)


def _particle_ids(table: Table) -> NDArray[np.int64]:
    """One positive number per particle out of five."""
    total = np.zeros(len(table), dtype=np.int64)
    for name, (bits, shift) in _BARCODE.items():
        most = (1 << bits) - 1
        good = (table[name] >= 0) & (table[name] <= most)
        advice = "Such particles have no number of 64 bits."
        table.require(name, good, f"be from 0 to {most}", advice)
        total |= table[name] << shift
    must = f"be part of a number that is not {NOISE} (particle_id_pv to _subpart)"
    table.require("particle_id_pv", total > 0, must, "That would be noise.")
    return total


def read_particles(path: Path, truth: Truth, simulated: Path) -> Particles:
    """Reads particles, as `trackml_tables.read_particles`.

    Raises:
        BadFileError: If the file is malformed, has a particle twice, or lacks one.
    """
    table = read_table(path, PARTICLES)
    ids = _particle_ids(table)
    named = Table(path, {**table.columns, "particle_id": ids})
    return particles_of(named, truth, simulated)


def read_clusters(
    path: Path, detectors: Path, hits: Hits
) -> NDArray[np.float32] | None:
    """Cluster features, or `None` where the pitch of a module is not known.

    Raises:
        BadFileError: As `cells_of_csv.read_clusters`.
    """
    modules = read_detectors(detectors)
    row = modules.rows_of(hits.volume, hits.layer, hits.module)
    if (np.minimum(modules.pitch_u, modules.pitch_v)[row[row >= 0]] <= 0).any():
        return None
    table = read_table(path, CELLS)
    table.require_finite("value")
    cells = Cells(
        hit_id=table["measurement_id"],
        ch0=table["channel0"],
        ch1=table["channel1"],
        value=table["value"],
    )
    return clusters_of(cells, path, detectors, hits)
