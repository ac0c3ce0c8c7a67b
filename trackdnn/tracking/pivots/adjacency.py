"""Neighbours of hits as one sorted table, so that many hits are asked at once."""

from __future__ import annotations

import dataclasses
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray

    Int = NDArray[np.int64]


@dataclasses.dataclass(frozen=True)
class Adjacency:
    """Both directions of each edge: by hit, then by falling score, then by neighbour.

    Args:
        hits: Number of hits.
        hit: Hit of each entry, of shape `(entries,)`.
        neighbour: Hit at the other end, of shape `(entries,)`.
        score: Of the edge, of shape `(entries,)`.
    """

    hits: int
    hit: Int
    neighbour: Int
    score: NDArray[np.float32]

    @cached_property
    def starts(self) -> Int:
        """First entry of each hit, and the number of entries, `(hits + 1,)`."""
        counts = np.bincount(self.hit, minlength=self.hits)
        return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)

    @property
    def degree(self) -> Int:
        """Neighbours of each hit, of shape `(hits,)`."""
        return np.diff(self.starts)

    @property
    def best(self) -> NDArray[np.float32]:
        """Best score at each hit, -1 where it has no edge, of shape `(hits,)`."""
        best = np.full(self.hits, -1.0, dtype=np.float32)
        some = self.degree > 0
        best[some] = self.score[self.starts[:-1][some]]
        return best

    def take(self, entries: NDArray[np.bool_]) -> Self:
        """Some of the entries."""
        return dataclasses.replace(
            self,
            hit=self.hit[entries],
            neighbour=self.neighbour[entries],
            score=self.score[entries],
        )

    def among(self, active: NDArray[np.bool_]) -> Self:
        """Edges with both ends active; `active` has the shape `(hits,)`."""
        both = active[self.hit] & active[self.neighbour]
        return self if both.all() else self.take(both)

    def of(self, hits: Int) -> tuple[Int, Int]:
        """Entries of some hits, hit after hit.

        Args:
            hits: Of shape `(asked,)`; a hit may be asked for more than once.

        Returns:
            Which of the asked hits, and which entry, of shape `(found,)` each.
        """
        first = self.starts[hits]
        counts = self.starts[hits + 1] - first
        asked = np.repeat(np.arange(len(hits)), counts)
        before = np.cumsum(counts) - counts
        return asked, np.arange(len(asked)) + (first - before)[asked]

    def greatest(self, values: Int) -> Int:
        """Greatest value of each hit and its neighbours, of shape `(hits,)`."""
        greatest = values.copy()
        some = np.flatnonzero(self.degree)
        if len(some):
            around = np.maximum.reduceat(values[self.neighbour], self.starts[some])
            greatest[some] = np.maximum(values[some], around)
        return greatest


def adjacency_of(
    hits: int, edges: NDArray[np.integer], score: NDArray[np.floating]
) -> Adjacency:
    """The table of some edges.

    Args:
        hits: Number of hits.
        edges: Rows of hits, each pair once, of shape `(2, edges)`.
        score: Of shape `(edges,)`.
    """
    both = np.concatenate([edges, edges[::-1]], axis=1).astype(np.int64)
    scores = np.concatenate([score, score]).astype(np.float32)
    order = np.lexsort((both[1], -scores, both[0]))
    return Adjacency(hits, both[0][order], both[1][order], scores[order])
