"""The cells of an event from CSV, judged against its hits and modules.

Columns of a cells file of TrackML that are read: `hit_id, ch0, ch1, value`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trackdnn.errors import BadFileError
from trackdnn.events.clusters import Cells, cluster_features
from trackdnn.events.columns_of_csv import read_table
from trackdnn.events.detectors import read_detectors
from trackdnn.events.trackml_tables import require_partners

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from trackdnn.events.event import Hits

CELLS = {"hit_id": "int64", "ch0": "int32", "ch1": "int32", "value": "float32"}
# How far beyond its module a hit may lie, mm; more is one of another numbering.
_SLACK = 5.0
_ADVICE = (
    "Name the table of the same detector, or take '{}' away to go without cluster "
    "shapes."
)


def read_cells(path: Path) -> Cells:
    """Reads a cells file.

    Raises:
        BadFileError: If it is malformed, or a value is not finite.
    """
    table = read_table(path, CELLS)
    table.require_finite("value")
    return Cells(**{name: table[name] for name in CELLS})


def read_clusters(path: Path, detectors: Path, hits: Hits) -> NDArray[np.float32]:
    """Cluster features of the hits, as `clusters.cluster_features`.

    Args:
        path: A cells file.
        detectors: The table of modules.
        hits: The hits of the event.

    Raises:
        BadFileError: If a file is malformed, a hit has no cells, cells no hit, or the
            module of a hit is not in the table.
    """
    return clusters_of(read_cells(path), path, detectors, hits)


def clusters_of(
    cells: Cells, path: Path, detectors: Path, hits: Hits
) -> NDArray[np.float32]:
    """As `read_clusters`, from cells that are read.

    Raises:
        BadFileError: As `read_clusters`.
    """
    modules = read_detectors(detectors)
    module = modules.rows_of(hits.volume, hits.layer, hits.module)
    _require_modules(path, detectors, hits, module)
    place = np.stack([hits.x, hits.y, hits.z], axis=-1) - modules.centre[module]
    far = np.linalg.norm(place, axis=1)
    off = far > modules.reach[module] + _SLACK
    if off.any():
        row = np.flatnonzero(off)[0]
        raise BadFileError(
            f"'{detectors}' must be of the detector that saw the hits. Received: "
            f"hit_id {hits.hit_id[row]}, {far[row]:.0f} mm from the centre of "
            f"{_module(hits, row)}. {_ADVICE.format(path.name)}"
        )
    require_partners(path, hits, cells.hit_id, "cells")
    return cluster_features(hits, cells, modules)


def _require_modules(
    path: Path, detectors: Path, hits: Hits, module: NDArray[np.int64]
) -> None:
    if (module < 0).any():
        row = np.flatnonzero(module < 0)[0]
        raise BadFileError(
            f"'{detectors}' must have the module of each hit. Received: no "
            f"{_module(hits, row)} (hit_id {hits.hit_id[row]}). "
            f"{_ADVICE.format(path.name)}"
        )


def _module(hits: Hits, row: np.intp) -> str:
    return (
        f"volume_id {hits.volume[row]}, layer_id {hits.layer[row]}, module_id "
        f"{hits.module[row]}"
    )
