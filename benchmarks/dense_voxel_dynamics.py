"""Voxel-Dynamics with dense tables, as a peer of ours.

After the description of HyperTrack (arXiv:2309.14113): each hit is compared with each
point, connections of the cells with hits become a dense table, and a dense table of
hits by hits is filled and searched for what is true in it. numpy's compiled loops do
all of it; the original fills the table in compiled Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.events.event import Event
    from trackdnn.graphs.voxel_dynamics.connections import Connections

# Distances or pairs to hold at a time.
_CHUNK = 1 << 26


def nearest_points(
    positions: NDArray[np.float32], points: NDArray[np.float32]
) -> NDArray[np.int32]:
    """The nearest point of each position, by comparing with all of them.

    In single precision and by |x|^2 - 2 x.c + |c|^2, as libraries for it do: positions
    that are about as near to two points may end at the other one.

    Args:
        positions: Of shape `(hits, 3)`.
        points: Of shape `(cells, 3)`.
    """
    found = np.empty(len(positions), np.int32)
    square = (points**2).sum(axis=1)
    rows = max(_CHUNK // len(points), 1)
    for start in range(0, len(positions), rows):
        distance = positions[start : start + rows] @ points.T
        distance *= -2
        distance += square
        found[start : start + rows] = distance.argmin(axis=1)
    return found


def dense_edges(
    event: Event, cell: NDArray[np.int32], connections: Connections
) -> NDArray[np.int32]:
    """The pairs of hits in connected cells, in the order of a graph.

    Args:
        event: The event.
        cell: Cell of each hit, of shape `(hits,)`.
        connections: Of cells that are not folded.

    Returns:
        Int32 of shape `(2, edges)`.
    """
    occupied, place = np.unique(cell, return_inverse=True)
    cells = len(connections.offsets) - 1
    table = np.empty((len(occupied), len(occupied)), dtype=bool)
    row = np.zeros(cells, dtype=bool)
    for number, one in enumerate(occupied):
        others = connections.cell[slice(*connections.offsets[one : one + 2])]
        row[others] = True
        table[number] = row[occupied]
        row[others] = False
    pairs = np.empty((len(event), len(event)), dtype=bool)
    rows = max(_CHUNK // max(len(event), 1), 1)
    for start in range(0, len(event), rows):
        mine = table[place[start : start + rows]]
        np.take(mine, place, axis=1, out=pairs[start : start + rows])
    first, second = pairs.nonzero()
    rank = np.empty(len(event), np.int32)
    by_distance = np.argsort(event.hits.distance, kind="stable")
    rank[by_distance] = np.arange(len(event), dtype=np.int32)
    outwards = rank[first] < rank[second]
    return np.stack([first[outwards], second[outwards]]).astype(np.int32)


def dense_bytes(hits: int) -> int:
    """Memory of the table of hits by hits alone."""
    return hits**2
