"""What the other edges at its two hits say about an edge.

On either side, of the edges that go on from its hit, the one that fits best is found,
where edges of one helix from the beam line have equal curvature and polar angle. Of the
edges that end in the same hit, of which at most one can be right, the best is found.

| name, for `out` and `in`  | unit | what                                              |
|---------------------------|------|---------------------------------------------------|
| `bend_out`                | 1/mm | difference of signed curvatures to the best one   |
| `theta_out`               | rad  | difference of polar angles to the best one        |
| `z0_out`                  | mm   | difference of crossings of the beam line          |
| `score_out`               |      | score of the best one                             |
| `number_out`              |      | edges that go on                                  |
| `rival_out`               |      | best score of the others that end in the hit      |
| `rivals_out`              |      | number of those                                   |

Where there are none, differences and scores are NaN.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trackdnn.graphs.edge_filter.features import turn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.events.event import Event
    from trackdnn.graphs.graph import Graph

    Float = NDArray[np.float32]
    Int = NDArray[np.int64]
    Rows = slice | NDArray[np.int64]

_SIDE = ("bend", "theta", "z0", "score", "number", "rival", "rivals")
# Signed curvature of the circle through the beam line, polar angle, crossing.
SHAPE = ("turn", "theta", "crossing")
CONTEXT = tuple(f"{name}_{side}" for side in ("out", "in") for name in _SIDE)
# By which differences count as one: those of hits of one track at pT of 1 GeV.
_BEND, _THETA = 1e-4, 0.02


class Context:
    """The edges of a graph and which of them meet.

    Args:
        event: The event; its truth is not looked at.
        graph: Its edges, with scores.
    """

    def __init__(self, event: Event, graph: Graph) -> None:
        score = graph.score
        self._score = np.zeros(len(graph), "f4") if score is None else score
        self._edges = graph.edges
        self._shape = shapes(event, graph)
        # Edges by their first and by their second hit, and where those of a hit begin.
        self._order = [np.argsort(side, kind="stable") for side in graph.edges]
        self._starts = [_starts(side, graph.hits) for side in graph.edges]
        self._rivals = [
            _best_two(side, self._score, graph.hits) for side in graph.edges
        ]

    def features(self, rows: Rows) -> Float:
        """Features of some edges, float32 of shape `(edges, len(CONTEXT))`."""
        columns = [*self._side(rows, end=1), *self._side(rows, end=0)]
        return np.stack(columns, axis=1, dtype=np.float32, casting="unsafe")

    def _side(self, rows: Rows, end: int) -> list[Float]:
        """Columns of what meets the edges at their end 1 or 0."""
        hit = self._edges[end, rows]
        edge = np.arange(len(self._score))[rows]
        starts = self._starts[1 - end]
        number = starts[hit + 1] - starts[hit]
        own = np.repeat(np.arange(len(edge)), number)
        within = np.arange(len(own)) - np.repeat(np.cumsum(number) - number, number)
        other = self._order[1 - end][starts[hit][own] + within]
        best = self._best(edge[own], other, own, len(edge))
        found = best >= 0
        difference = np.abs(self._shape[best] - self._shape[edge]).T
        columns = [np.where(found, one, np.nan) for one in difference]
        columns += [np.where(found, self._score[best], np.nan), number]
        return columns + self._rival(hit, edge, end)

    def _best(self, edge: Int, other: Int, own: Int, size: int) -> Int:
        """Of the edges `other` that meet each edge, the one that fits, -1 for none."""
        best = np.full(size, -1, dtype=np.int64)
        if not len(own):
            return best
        bend, theta, _ = (self._shape[other] - self._shape[edge]).T
        misfit = (bend / _BEND) ** 2 + (theta / _THETA) ** 2
        misfit = np.nan_to_num(misfit, nan=1e6, posinf=1e6)
        misfit -= 2 * np.log(np.maximum(self._score[other], 1e-6))
        begin = np.flatnonzero(np.diff(own, prepend=-1))
        least = np.minimum.reduceat(misfit, begin)
        at = misfit == np.repeat(least, np.diff([*begin, len(own)]))
        # Written backwards, the first of equally good ones stands.
        best[own[at][::-1]] = other[at][::-1]
        return best

    def _rival(self, hit: NDArray[np.int32], edge: Int, end: int) -> list[Float]:
        first, second = self._rivals[end]
        others = self._starts[end][hit + 1] - self._starts[end][hit] - 1
        is_best = self._score[edge] >= first[hit]
        rival = np.where(is_best, second[hit], first[hit])
        return [np.where(others > 0, rival, np.nan), others.astype(np.float32)]


def shapes(event: Event, graph: Graph) -> Float:
    """`SHAPE` of each edge, with its sign, float32 of shape `(edges, 3)`."""
    first, second = graph.edges
    r, phi, z = event.hits.r, event.hits.phi, event.hits.z
    angle = turn(phi[second] - phi[first])
    chord = np.hypot(
        event.hits.x[second] - event.hits.x[first],
        event.hits.y[second] - event.hits.y[first],
    )
    chord = np.maximum(chord, 1e-3)
    dr, dz = r[second] - r[first], z[second] - z[first]
    steep = np.where(np.abs(dr) < 1e-3, np.nan, dr)
    z0 = np.clip(z[first] - r[first] * dz / steep, -1e4, 1e4)
    bend = 2 * np.sin(angle) / chord
    return np.stack([bend, np.arctan2(chord, dz), z0], axis=1).astype(np.float32)


def _starts(side: NDArray[np.int32], hits: int) -> Int:
    """Where the edges of each hit begin in their order, of shape `(hits + 1,)`."""
    counts = np.bincount(side, minlength=hits)
    return np.concatenate([[0], np.cumsum(counts)])


def _best_two(side: NDArray[np.int32], score: Float, hits: int) -> tuple[Float, Float]:
    """Best and second best score among the edges of each hit, NaN for none."""
    order = np.lexsort((-score, side))
    starts = _starts(side, hits)
    number = np.diff(starts)
    sorted_ = np.append(score[order], [np.nan, np.nan])
    first = np.where(number > 0, sorted_[starts[:-1]], np.nan)
    second = np.where(number > 1, sorted_[starts[:-1] + 1], np.nan)
    return first.astype(np.float32), second.astype(np.float32)
