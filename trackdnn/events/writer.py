"""An event as files of the TrackML challenge, which read back to the same arrays.

    write_event(folder, event, cells=cells)              # hits last: all is there
    write_columns(folder / "detectors.csv.gz", columns)  # once per folder

Numbers have the fewest digits that give the same float again.
"""

from __future__ import annotations

import dataclasses
import gzip
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.csv

from trackdnn.data.prepared.atomic import open_new
from trackdnn.errors import OutputError
from trackdnn.events.places import ENDINGS
from trackdnn.events.trackml import PARTS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from trackdnn.events.clusters import Cells
    from trackdnn.events.event import Event

    Table = Mapping[str, NDArray[Any]]

_SENSOR = {"volume_id": "volume", "layer_id": "layer", "module_id": "module"}
_HITS = {"hit_id": "hit_id", "x": "x", "y": "y", "z": "z"} | _SENSOR
_TRUTH = {"particle_id": "particle_id"} | {
    f"t{name}": name for name in ("x", "y", "z", "px", "py", "pz")
}
_PARTICLES = {
    name: name for name in ("particle_id", "vx", "vy", "vz", "px", "py", "pz")
} | {"q": "charge", "nhits": "hits"}
# Fast and nearly as small as the best.
_LEVEL = 6


def write_event(
    folder: Path, event: Event, *, cells: Cells | None = None, compress: bool = True
) -> list[Path]:
    """Writes `<event.name>-hits.csv.gz` and, where known, the other parts.

    Args:
        folder: Made if missing. Files of the same names that are there are replaced.
        event: The event; its cluster features are not written, its cells are.
        cells: The cells of the hits, or `None`.
        compress: Whether to write `.csv.gz` rather than `.csv`.

    Returns:
        The files, in the order in which they were written.

    Raises:
        OutputError: If a file cannot be written, or a part of another event of this
            name is there that would be taken for a part of this one.
    """
    tables: dict[str, Table] = {}
    if cells is not None:
        names = [field.name for field in dataclasses.fields(cells)]
        tables["cells"] = {name: getattr(cells, name) for name in names}
    if event.truth is not None and event.particles is not None:
        tables["particles"] = _columns(event.particles, _PARTICLES)
        truth = _columns(event.truth, _TRUTH | {"weight": "weight"})
        tables["truth"] = {"hit_id": event.hits.hit_id} | truth
    tables["hits"] = _columns(event.hits, _HITS)
    ending = ".csv.gz" if compress else ".csv"
    paths = {part: folder / f"{event.name}-{part}{ending}" for part in tables}
    _refuse_strangers(folder, event.name, set(paths.values()))
    for part, table in tables.items():
        write_columns(paths[part], table)
    return list(paths.values())


def write_columns(path: Path, columns: Table) -> None:
    """Writes a CSV file, whole or not at all; `.gz` at the end compresses it.

    Args:
        path: The file; its folder is made if missing.
        columns: Arrays of numbers, all of shape `(rows,)`.

    Raises:
        OutputError: If it cannot be written.
    """
    arrays = {name: np.ascontiguousarray(array) for name, array in columns.items()}
    text = pa.BufferOutputStream()
    options = pa.csv.WriteOptions(include_header=False)
    pa.csv.write_csv(pa.table(arrays), text, options)
    content = ",".join(columns).encode() + b"\n" + text.getvalue().to_pybytes()
    if path.suffix == ".gz":
        # Without the time, equal events are equal files.
        content = gzip.compress(content, compresslevel=_LEVEL, mtime=0)
    with open_new(path) as stream:
        stream.write(content)


def _refuse_strangers(folder: Path, name: str, ours: set[Path]) -> None:
    """A truth of yesterday beside the hits of today would be read as one event."""
    for part in ("hits", *PARTS):
        for ending in ENDINGS:
            path = folder / f"{name}-{part}{ending}"
            if path not in ours and path.exists():
                raise OutputError(
                    f"'{folder}' must have no part of another event '{name}'. "
                    f"Received: '{path.name}'. Take it away, or name another folder."
                )


def _columns(rows: object, names: Mapping[str, str]) -> dict[str, NDArray[Any]]:
    """Columns of a file from the fields of a dataclass."""
    return {column: getattr(rows, field) for column, field in names.items()}
