"""Candidate edges between the hits of an event."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.events.event import Event


@dataclasses.dataclass(frozen=True, kw_only=True)
class Graph:
    """Edges of an event, each pair of hits once and no hit with itself.

    Args:
        hits: Number of hits of the event.
        edges: Rows of the two hits, int32 of shape `(2, edges)`: the hit nearer to the
            origin first (of equally near ones that of the lower row), ascending by
            first and then second hit.
        score: How likely each edge is part of a track, float32 of shape `(edges,)` in
            0 to 1; `None` where nobody has said.
        state: What a network knows of each hit, float32 of shape `(hits, features)`;
            `None` where none was asked.
    """

    hits: int
    edges: NDArray[np.int32]
    score: NDArray[np.float32] | None = None
    state: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return int(self.edges.shape[1])

    def take(self, rows: NDArray[np.bool_] | NDArray[np.integer]) -> Graph:
        """The edges of a mask, or of ascending indices."""
        score = None if self.score is None else self.score[rows]
        return dataclasses.replace(self, edges=self.edges[:, rows], score=score)

    def scored(self, score: NDArray[np.float32]) -> Graph:
        """The same edges with other scores."""
        return dataclasses.replace(self, score=score)

    def with_state(self, state: NDArray[np.float32]) -> Graph:
        """The same graph with other states of hits."""
        return dataclasses.replace(self, state=state)


def graph_of(
    event: Event,
    pairs: NDArray[np.integer],
    score: NDArray[np.float32] | None = None,
) -> Graph:
    """A graph out of pairs of hits in any order and direction.

    Args:
        event: The event.
        pairs: Rows of hits, of shape `(2, pairs)`; pairs may repeat, in either
            direction, and loops are left out.
        score: Of shape `(pairs,)`; of a pair that repeats, the highest stays.

    Returns:
        The graph.
    """
    keys = edge_keys(event, pairs)
    loose = pairs[0] != pairs[1]
    if score is None:
        keys = np.unique(keys[loose])
        return Graph(hits=len(event), edges=_unpacked(keys, len(event)))
    keys, score = keys[loose], score[loose]
    order = np.lexsort((-score, keys))
    keys, score = keys[order], score[order]
    first = np.ones(len(keys), dtype=bool)
    first[1:] = keys[1:] != keys[:-1]
    edges = _unpacked(keys[first], len(event))
    return Graph(hits=len(event), edges=edges, score=score[first].astype(np.float32))


def edge_keys(event: Event, pairs: NDArray[np.integer]) -> NDArray[np.int64]:
    """One number per pair of hits, the same in both directions.

    Ascending keys are in the order of a graph, so `np.isin` and `np.searchsorted`
    compare sets of edges.

    Args:
        event: The event.
        pairs: Rows of hits, of shape `(2, pairs)`.

    Returns:
        `first * hits + second`, int64 of shape `(pairs,)`.
    """
    rank = np.empty(len(event), dtype=np.int64)
    rank[np.argsort(event.hits.distance, kind="stable")] = np.arange(len(event))
    swap = rank[pairs[0]] > rank[pairs[1]]
    first = np.where(swap, pairs[1], pairs[0]).astype(np.int64)
    second = np.where(swap, pairs[0], pairs[1]).astype(np.int64)
    keys: NDArray[np.int64] = first * len(event) + second
    return keys


def _unpacked(keys: NDArray[np.int64], hits: int) -> NDArray[np.int32]:
    return np.stack(np.divmod(keys, max(hits, 1))).astype(np.int32)
