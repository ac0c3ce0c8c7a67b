"""The edges that a perfect graph has: pairs of hits of one particle.

| mode         | pairs of a particle's hits                                            |
|--------------|-----------------------------------------------------------------------|
| `hyper`      | all                                                                   |
| `eom`        | neighbours along its trajectory                                       |
| `cricket`    | those of `eom`, and hits with one other between them                  |
| `layerwise`  | all of a layer with all of the next layer, by distance from its vertex|
| `modulewise` | neighbours by distance from its vertex, one hit per module            |

Sources: `layerwise` and `modulewise`, Exa.TrkX (arXiv:2103.06995); `hyper`, `eom` and
`cricket`, HyperTrack, whose `eom` is a shortest tree instead of a trajectory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from trackdnn.graphs.graph import graph_of
from trackdnn.graphs.trajectory import along_trajectory, vertex_distance

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from trackdnn.events.event import Event

    Rows = NDArray[np.intp]
    Owner = NDArray[np.int32]

Mode = Literal["hyper", "eom", "cricket", "layerwise", "modulewise"]
MODES: tuple[Mode, ...] = get_args(Mode)


def true_edges(
    event: Event, mode: Mode, counted: NDArray[np.bool_] | None = None
) -> NDArray[np.int32]:
    """The true edges of an event, in the order of a graph.

    Args:
        event: An event with truth.
        mode: Which pairs are true.
        counted: Particles that are asked for, of shape `(particles,)`; `None` for all.

    Returns:
        Rows of hits, int32 of shape `(2, edges)`.

    Raises:
        ValueError: If there is no truth.
    """
    owner = event.owner()
    own = owner >= 0
    if counted is not None:
        own[own] = counted[owner[own]]
    rows = np.flatnonzero(own)
    return graph_of(event, _PAIRS[mode](event, rows, owner[rows])).edges


def _hyper(event: Event, rows: Rows, owner: Owner) -> Rows:
    rows, owner = _sorted(rows, owner, rows)
    here = np.arange(len(rows))
    ends = np.searchsorted(owner, owner, side="right")
    return rows[_each_with_range(here, here + 1, ends)]


def _eom(event: Event, rows: Rows, owner: Owner) -> Rows:
    rows, owner = _sorted(rows, owner, along_trajectory(event)[rows])
    return _hops(rows, owner, 1)


def _cricket(event: Event, rows: Rows, owner: Owner) -> Rows:
    rows, owner = _sorted(rows, owner, along_trajectory(event)[rows])
    return np.concatenate([_hops(rows, owner, 1), _hops(rows, owner, 2)], axis=1)


def _layerwise(event: Event, rows: Rows, owner: Owner) -> Rows:
    distance = vertex_distance(event)[rows]
    layer = _codes(owner, event.hits.volume[rows], event.hits.layer[rows])
    nearest = np.full(layer.max(initial=-1) + 1, np.inf)
    np.minimum.at(nearest, layer, distance)
    order = np.lexsort((layer, nearest[layer], owner))
    rows, owner, layer = rows[order], owner[order], layer[order]
    # Each hit with all of the group of hits that follows its own.
    starts = np.flatnonzero(np.diff(layer, prepend=-1))
    bounds = np.concatenate([starts, [len(rows)] * 2])
    group = np.searchsorted(starts, np.arange(len(rows)), side="right") - 1
    low, high = bounds[group + 1], bounds[group + 2]
    follows = np.append(owner, -1)[low] == owner
    return rows[_each_with_range(np.arange(len(rows)), low, np.where(follows, high, 0))]


def _modulewise(event: Event, rows: Rows, owner: Owner) -> Rows:
    rows, owner = _sorted(rows, owner, vertex_distance(event)[rows])
    hits = event.hits
    module = _codes(owner, hits.volume[rows], hits.layer[rows], hits.module[rows])
    nearest = np.sort(np.unique(module, return_index=True)[1])
    return _hops(rows[nearest], owner[nearest], 1)


_PAIRS: dict[Mode, Callable[[Event, Rows, Owner], Rows]] = {
    "hyper": _hyper,
    "eom": _eom,
    "cricket": _cricket,
    "layerwise": _layerwise,
    "modulewise": _modulewise,
}


def _sorted(
    rows: Rows, owner: Owner, key: NDArray[np.integer] | NDArray[np.floating]
) -> tuple[Rows, Owner]:
    order = np.lexsort((rows, key, owner))
    return rows[order], owner[order]


def _hops(rows: Rows, owner: Owner, step: int) -> Rows:
    """Pairs `step` apart within a particle, out of hits sorted by particle."""
    same = owner[step:] == owner[:-step]
    return np.stack([rows[:-step][same], rows[step:][same]])


def _each_with_range(
    first: Rows, low: NDArray[np.integer], high: NDArray[np.integer]
) -> Rows:
    """Each of `first` with the numbers from its `low` to before its `high`."""
    counts = np.maximum(high - low, 0)
    before = np.cumsum(counts) - counts
    second = np.arange(counts.sum()) + np.repeat(low - before, counts)
    return np.stack([np.repeat(first, counts), second])


def _codes(*columns: NDArray[np.int32]) -> NDArray[np.int64]:
    """One number per different row of the columns, from 0."""
    code = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        values, place = np.unique(column, return_inverse=True)
        code = code * len(values) + place
    return np.unique(code, return_inverse=True)[1]
