"""Edges with labels to train on: a bounded number of those of many events."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Protocol

import numpy as np

from trackdnn.graphs.graph import edge_keys
from trackdnn.graphs.truth_graphs import true_edges

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.events.event import Event
    from trackdnn.graphs.graph import Graph
    from trackdnn.graphs.truth_graphs import Mode

TRUE, FALSE, IGNORED = 1, 0, -1


class TruthChoice(Protocol):
    """What settings say of true edges."""

    @property
    def truth(self) -> Mode:
        """Which pairs are true."""

    @property
    def others(self) -> str:
        """What further pairs of a particle are: `"false"` or `"ignored"`."""


@dataclasses.dataclass(frozen=True)
class Drawn:
    """Edges of one event.

    Args:
        rows: Which edges, ascending, int64 of shape `(drawn,)`.
        true: Whether each is a true one, `(drawn,)`.
        weight: How many edges of the event each stands for, float32 of `(drawn,)`.
    """

    rows: NDArray[np.int64]
    true: NDArray[np.bool_]
    weight: NDArray[np.float32]


def labels_of(event: Event, graph: Graph, settings: TruthChoice) -> NDArray[np.int8]:
    """`TRUE`, `FALSE` or `IGNORED` for each edge, int8 of shape `(edges,)`.

    Args:
        event: With truth.
        graph: Its edges.
        settings: Which pairs are true, and what those of one particle that are not true
            shall be.
    """
    keys = edge_keys(event, graph.edges)
    true = np.isin(keys, edge_keys(event, true_edges(event, settings.truth)))
    owner = event.owner()
    first, second = owner[graph.edges]
    labels = np.where(true, TRUE, FALSE).astype(np.int8)
    if settings.others == "ignored":
        labels[~true & (first == second) & (first >= 0)] = IGNORED
    return labels


def draw(labels: NDArray[np.int8], most: int, rng: np.random.Generator) -> Drawn:
    """At most `most` edges, as many true as false ones where there are enough.

    Weights make up for that, so that trees learn probabilities of the whole graph.

    Args:
        labels: Of all edges, `(edges,)`.
        most: Edges to draw.
        rng: Where randomness comes from.
    """
    every = [np.flatnonzero(labels == label) for label in (FALSE, TRUE)]
    half = most // 2
    wanted = [
        min(len(rows), max(half, most - len(other)))
        for rows, other in zip(every, every[::-1], strict=True)
    ]
    parts = [
        rng.choice(rows, number, replace=False, shuffle=False)
        for rows, number in zip(every, wanted, strict=True)
    ]
    rows = np.concatenate(parts)
    true = np.repeat([False, True], wanted)
    share = [
        len(rows) / max(number, 1) for rows, number in zip(every, wanted, strict=True)
    ]
    weight = np.repeat(np.array(share, dtype=np.float32), wanted)
    order = np.argsort(rows)
    return Drawn(rows[order], true[order], weight[order])
