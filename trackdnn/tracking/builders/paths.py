"""Disjoint best paths through a graph whose edges all lead outwards.

The best path of all is taken, its hits go, the best of the rest is taken, and so on.
Said like that, each path costs a pass over all edges. Here one pass takes every path
that is the best one through each of its own hits: nothing that is taken before could
touch it, so the tracks are the same, after a handful of passes.

Weights are integers, so that sums do not depend on the order of their terms.
"""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Int = NDArray[np.int64]

_NONE = -1


@dataclasses.dataclass(frozen=True)
class _Way:
    """Edges by the depth of their end, then by the end: `(edges,)` each."""

    first: Int
    second: Int
    weight: Int
    depth: Int

    def take(self, rows: NDArray[np.bool_]) -> _Way:
        return _Way(
            self.first[rows], self.second[rows], self.weight[rows], self.depth[rows]
        )


def best_paths(hits: int, edges: NDArray[np.integer], weight: Int) -> list[Int]:
    """Takes paths of the greatest sum of weights, until none has a positive sum.

    Args:
        hits: Number of hits.
        edges: Directed and without a cycle, of shape `(2, edges)`.
        weight: Of each edge, int64 of shape `(edges,)`.

    Returns:
        Paths, by descending sum of weights within each pass; each is its hits along the
        edges, at least two. Of equally good ones that with the lower row comes first.
    """
    first, second = edges.astype(np.int64)
    depth = depths(hits, edges)[second]
    order = np.lexsort((first, second, depth))
    way = _Way(first[order], second[order], weight[order], depth[order])
    taken: list[Int] = []
    while len(way.first):
        new = _one_pass(hits, way)
        if not new:
            break
        taken += new
        used = np.zeros(hits, dtype=bool)
        used[np.concatenate(new)] = True
        way = way.take(~used[way.first] & ~used[way.second])
    return taken


def depths(hits: int, edges: NDArray[np.integer]) -> Int:
    """Length of the longest way to each hit, in edges, of shape `(hits,)`.

    Args:
        hits: Number of hits.
        edges: Directed and without a cycle, of shape `(2, edges)`.
    """
    depth = np.zeros(hits, dtype=np.int64)
    order = np.argsort(edges[1], kind="stable")
    first, second = edges[0][order], edges[1][order]
    ends, starts = np.unique(second, return_index=True)
    while len(ends):
        new = np.maximum.reduceat(depth[first], starts) + 1
        if (new == depth[ends]).all():
            break
        depth[ends] = new
    return depth


def _one_pass(hits: int, way: _Way) -> list[Int]:
    """The paths that are the best ones through each of their hits."""
    into, before = _inwards(hits, way)
    onwards = _outwards(hits, way)
    through = into + onwards
    # Ends of paths, and which of them claims each hit on the way back.
    ends = np.flatnonzero((onwards == 0) & (into > 0) & (before != _NONE))
    ends = ends[np.lexsort((ends, -into[ends]))]
    route, length = _trace(ends, before)
    inside = np.arange(route.shape[1]) < length[:, None]
    best = ~inside | (through[route] == into[ends][:, None])
    owner = np.full(hits, len(ends), dtype=np.int64)
    rank = np.broadcast_to(np.arange(len(ends))[:, None], route.shape)
    np.minimum.at(owner, route[inside], rank[inside])
    mine = ~inside | (owner[route] == rank)
    good = np.flatnonzero((best & mine).all(axis=1))
    return [route[row, : length[row]][::-1] for row in good]


def _inwards(hits: int, way: _Way) -> tuple[Int, Int]:
    """Greatest sum of a path that ends at each hit, and the hit before on it."""
    into = np.zeros(hits, dtype=np.int64)
    before = np.full(hits, _NONE, dtype=np.int64)
    for rows in _levels(way.depth):
        first, second = way.first[rows], way.second[rows]
        total = into[first] + way.weight[rows]
        starts = _starts(second)
        best = np.maximum.reduceat(total, starts)
        # Written backwards, the first of equally good edges stands.
        hit = total == np.repeat(best, np.diff([*starts, len(second)]))
        at = np.flatnonzero(hit)[::-1]
        better = best > 0
        into[second[starts][better]] = best[better]
        before[second[at]] = np.where(total[at] > 0, first[at], _NONE)
    return into, before


def _outwards(hits: int, way: _Way) -> Int:
    """Greatest sum of a path that starts at each hit, of shape `(hits,)`."""
    onwards = np.zeros(hits, dtype=np.int64)
    for rows in reversed(_levels(way.depth)):
        total = onwards[way.second[rows]] + way.weight[rows]
        np.maximum.at(onwards, way.first[rows], total)
    return onwards


def _trace(ends: Int, before: Int) -> tuple[Int, Int]:
    """Hits of the path back from each end, padded with hit 0, and their number."""
    columns, now = [], ends
    length = np.zeros(len(ends), dtype=np.int64)
    while (now != _NONE).any():
        columns.append(np.maximum(now, 0))
        length += now != _NONE
        now = np.where(now == _NONE, _NONE, before[now])
    if not columns:
        return np.zeros((len(ends), 0), dtype=np.int64), length
    return np.stack(columns, axis=1), length


def _levels(depth: Int) -> list[slice]:
    """Rows of each depth, in ascending order."""
    starts = [*_starts(depth), len(depth)]
    return [slice(a, b) for a, b in itertools.pairwise(starts)]


def _starts(sorted_: Int) -> Int:
    """Where each run of equal values begins."""
    new = np.ones(len(sorted_), dtype=bool)
    new[1:] = sorted_[1:] != sorted_[:-1]
    return np.flatnonzero(new)
