"""One event as the arrays that a network of edges is trained on.

| array             | shape            | what                                    |
|-------------------|------------------|-----------------------------------------|
| `nodes`           | (hits, F)        | columns of the hits                     |
| `edges`           | (edges, G)       | columns of the edges                    |
| `senders`         | (edges,)         | row of the inner hit                    |
| `receivers`       | (edges,)         | row of the outer hit                    |
| `label`           | (edges, 1)       | 1 for a true edge, 0 for a false one    |
| `weight`          | (edges,)         | 0 for an edge that does not count       |
| `particle`        | (hits,)          | row of `particle_weight`, 0 for none    |
| `particle_weight` | (particles + 1,) | share in the contrastive loss           |
| `score`           | (edges,)         | score of the graph; not for the network |
| `counts`          | (2,)             | true edges: of the graph, and in all    |
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from trackdnn.events.event import without_truth
from trackdnn.graphs.edge_filter.drawing import IGNORED, TRUE, draw, labels_of
from trackdnn.graphs.edge_network.columns import (
    edge_columns,
    graph_columns,
    node_columns,
)
from trackdnn.graphs.truth_graphs import true_edges

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.events.event import Event
    from trackdnn.graphs.graph import Graph
    from trackdnn.settings.finding.edge_network import EdgeNetworkSettings

    Unit = dict[str, NDArray[Any]]

# By array of indices, the array whose rows they count.
REFERS = {
    "senders": "nodes",
    "receivers": "nodes",
    "particle": "particle_weight",
}


def unit_of(
    event: Event,
    graph: Graph,
    settings: EdgeNetworkSettings,
    rng: np.random.Generator,
) -> Unit:
    """The arrays of an event.

    Args:
        event: With truth of the particles that count.
        graph: Made of the same event without truth.
        settings: The block of the network.
        rng: Draws edges, where the settings take some of them only.

    Returns:
        The arrays by name, as above.
    """
    bare = without_truth(event)
    labels = labels_of(event, graph, settings)
    asked = true_edges(event, settings.truth).shape[1]
    found = np.count_nonzero(labels == TRUE)
    weight = edge_weights(labels, settings.losses.balance)
    if settings.edges is not None:
        drawn = draw(labels, settings.edges, rng)
        graph, labels = graph.take(drawn.rows), labels[drawn.rows]
        weight = weight[drawn.rows] * drawn.weight
    owner = event.owner()
    columns = edge_columns if settings.alone else graph_columns
    scores = np.ones(len(graph)) if graph.score is None else graph.score
    return {
        "nodes": node_columns(bare, settings.node_features),
        "edges": columns(bare, graph),
        "senders": graph.edges[0].astype(np.int32),
        "receivers": graph.edges[1].astype(np.int32),
        "label": (labels == TRUE).astype(np.float32)[:, None],
        "weight": weight,
        "particle": (owner + 1).astype(np.int32),
        "particle_weight": particle_weights(
            owner, graph.edges, float(np.count_nonzero(weight))
        ),
        "score": scores.astype(np.float32),
        "counts": np.array([found, asked], np.int32),
    }


def edge_weights(labels: NDArray[np.int8], balance: float) -> NDArray[np.float32]:
    """Weights of edges, of mean 1 over those that count.

    Args:
        labels: Of `labels_of`, of shape `(edges,)`.
        balance: A true edge weighs (false edges per true edge) to this power times a
            false one.

    Returns:
        Float32 of shape `(edges,)`, 0 for edges that are ignored.
    """
    counted, true = labels != IGNORED, labels == TRUE
    number = np.count_nonzero(true)
    false = np.count_nonzero(counted) - number
    gain = (false / number) ** balance if number and false else 1.0
    weight = np.where(true, gain, 1.0) * counted
    mean = weight.sum() / max(np.count_nonzero(counted), 1)
    return np.asarray(weight / (mean or 1.0), np.float32)


def particle_weights(
    owner: NDArray[np.int32], edges: NDArray[np.int32], total: float
) -> NDArray[np.float32]:
    """Equal weights of all particles that have an edge of their own.

    Args:
        owner: Particle of each hit, of shape `(hits,)`; below 0 for none.
        edges: Rows of hits, of shape `(2, edges)`.
        total: What all weights shall add up to, so that graphs count as their edges.

    Returns:
        Float32 of shape `(particles + 1,)`; the first one is nobody's, and 0.
    """
    first, second = owner[edges]
    own = first[(first == second) & (first >= 0)]
    weight = np.zeros(int(owner.max(initial=-1)) + 2, np.float32)
    weight[np.unique(own) + 1] = 1.0
    return weight * np.float32(total / max(weight.sum(), 1.0))
