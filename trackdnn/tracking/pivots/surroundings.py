"""Micrographs: the hits that a few edges lead to from some pivots."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from trackdnn.tracking.pivots.adjacency import Adjacency

    Int = NDArray[np.int64]
    Mask = NDArray[np.bool_]
    # From micrographs and hits, of one shape, to whether the hit may be in it.
    Allowed = Callable[[Int, Int], Mask]


def surroundings(
    table: Adjacency,
    pivots: Int,
    pivot_valid: Mask,
    *,
    reach: int,
    most: int,
    allowed: Allowed | None = None,
) -> tuple[Int, Mask]:
    """The pivots, then the hits one edge away, then those two edges away, and so on.

    Among equally far hits, the one that the better edge leads to comes first (then the
    lower row); where there is no room left, the last ones stay out, and no way leads
    on through them.

    Args:
        table: The edges.
        pivots: Hits, of shape `(micrographs, pivots)`.
        pivot_valid: Which of them exist, of the same shape; the existing ones come
            first and differ within a micrograph.
        reach: Edges from a pivot to a hit, at most.
        most: Hits of a micrograph, at most; not fewer than pivots.
        allowed: Which hits may be in which micrograph besides the pivots; `None` for
            all.

    Returns:
        Hits, 0 where there is none, int64 of shape `(micrographs, most)`, and which of
        them exist.
    """
    number, width = pivots.shape
    tokens = np.zeros((number, most), dtype=np.int64)
    tokens[:, :width] = np.where(pivot_valid, pivots, 0)
    count = pivot_valid.sum(axis=1)
    graph, hit = np.nonzero(pivot_valid)[0], pivots[pivot_valid]
    known = np.sort(graph * table.hits + hit)
    for _ in range(reach):
        graph, hit = _next(table, graph, hit, known, allowed)
        place = count[graph] + _within(graph)
        room = place < most
        graph, hit = graph[room], hit[room]
        if not len(hit):
            break
        tokens[graph, place[room]] = hit
        count += np.bincount(graph, minlength=number)
        known = np.sort(np.concatenate([known, graph * table.hits + hit]))
    return tokens, np.arange(most) < count[:, None]


def _next(
    table: Adjacency, graph: Int, hit: Int, known: Int, allowed: Allowed | None
) -> tuple[Int, Int]:
    """Hits one edge further on, each once, the best first within a micrograph."""
    asked, entry = table.of(hit)
    graph, hit, score = graph[asked], table.neighbour[entry], table.score[entry]
    key = graph * table.hits + hit
    # The last of the known ones stands for all that are beyond it.
    at = np.minimum(np.searchsorted(known, key), len(known) - 1)
    new = known[at] != key if len(known) else np.ones(len(key), dtype=bool)
    if allowed is not None:
        new &= allowed(graph, hit)
    order = np.flatnonzero(new)
    order = order[np.lexsort((-score[order], key[order]))]
    order = order[_first(key[order])]
    order = order[np.lexsort((hit[order], -score[order], graph[order]))]
    return graph[order], hit[order]


def _first(ordered: Int) -> Mask:
    """Which entries differ from the one before."""
    first = np.ones(len(ordered), dtype=bool)
    first[1:] = ordered[1:] != ordered[:-1]
    return first


def _within(ordered: Int) -> Int:
    """Place of each entry among the equal ones, of ordered numbers."""
    start = np.flatnonzero(_first(ordered))
    counts = np.diff([*start, len(ordered)])
    return np.arange(len(ordered)) - np.repeat(start, counts)
