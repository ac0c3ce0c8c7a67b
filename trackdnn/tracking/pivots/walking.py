"""Where to look for a track, and the walk over its first hits.

Hits are asked in the order of their rank: those that failed least, then those with the
best edge, then the lower row. The hit of the highest rank is a seed; from it a greedy
walk over the best edges gives the pivots. Everything that a seed sees and takes lies
within `span` edges of it, so a hit is a seed too, and at the same time, if nothing
within twice that far has a higher rank: no seed can see what another one takes, and
the result is that of one seed after the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.tracking.pivots.adjacency import Adjacency

    Int = NDArray[np.int64]
    Mask = NDArray[np.bool_]

NO_HIT = -1


def ranks(table: Adjacency, failures: Int) -> Int:
    """A number for each hit with an edge, all different, the higher the earlier.

    Args:
        table: Edges between the hits that are left.
        failures: How often each hit was a seed in vain, of shape `(hits,)`.

    Returns:
        Of shape `(hits,)`; 0 for hits without an edge.
    """
    best = table.best
    some = np.flatnonzero(best >= 0)
    rank = np.zeros(table.hits, dtype=np.int64)
    order = np.lexsort((some, -best[some], failures[some]))
    rank[some[order]] = np.arange(len(some), 0, -1)
    return rank


def seeds(table: Adjacency, rank: Int, span: int) -> Int:
    """Hits that no hit within twice the span is ranked above, ascending.

    Args:
        table: Edges between the hits that are left.
        rank: Of `ranks`.
        span: Edges from a seed to what it may take, at most.
    """
    top = rank
    for _ in range(2 * span):
        higher = table.greatest(top)
        if (higher == top).all():
            break
        top = higher
    return np.flatnonzero((rank > 0) & (rank == top))


def walk(table: Adjacency, starts: Int, pivots: int, cut: float) -> tuple[Int, Mask]:
    """From each start over the best edge to a hit that is new, and so on.

    Args:
        table: The edges.
        starts: Hits, of shape `(walks,)`.
        pivots: Hits of a walk, at most.
        cut: A walk takes edges with a greater score.

    Returns:
        Hits, `NO_HIT` behind the end, int64 of shape `(walks, pivots)`, and where there
        is one.
    """
    path = np.full((len(starts), pivots), NO_HIT, dtype=np.int64)
    path[:, 0] = starts
    for step in range(1, pivots):
        # Of the first `step` neighbours, at most `step` - 1 are on the way already.
        for place in range(step):
            there, hit = _neighbour(table, path[:, step - 1], place, cut)
            new = there & (path[:, step] == NO_HIT)
            new &= (path != hit[:, None]).all(axis=1)
            path[new, step] = hit[new]
    return path, path != NO_HIT


def _neighbour(table: Adjacency, hits: Int, place: int, cut: float) -> tuple[Mask, Int]:
    """Whether each hit has a neighbour of that place, by score, and which."""
    there = hits != NO_HIT
    at = table.starts[hits] + place
    there &= at < table.starts[hits + 1]
    entry = np.where(there, at, 0)
    if not len(table.hit):
        return there, np.full(len(hits), NO_HIT, dtype=np.int64)
    return there & (table.score[entry] > cut), table.neighbour[entry]
