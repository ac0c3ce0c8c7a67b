"""What a network is told of the hits and the edges of a graph, as columns.

Hits have the features of `trackdnn.events.features`, edges those of the edge filter,
with the score as a logit, which a network can add to. A network that sees the whole
graph is also told the shape of each edge with its sign, since edges of one track turn
alike, and its context: what fits best at either end. What is not known is NaN; the
first layer of a network reads it as zero.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trackdnn.events.features import feature_table, node_features
from trackdnn.graphs.edge_filter.context import CONTEXT, SHAPE, Context, shapes
from trackdnn.graphs.edge_filter.features import FEATURES, edge_features

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trackdnn.events.event import Event
    from trackdnn.graphs.graph import Graph

    Float = NDArray[np.float32]

EDGE_NAMES = (*FEATURES[:-1], "logit")
GRAPH_NAMES = (*EDGE_NAMES, *SHAPE, *CONTEXT)
# Beyond this a score is as sure as float32 can say.
_SURE = 12.0


def node_names(groups: Sequence[str]) -> tuple[str, ...]:
    """Names of the columns of hits, in their order."""
    return tuple(feature.name for feature in feature_table(groups))


def node_columns(event: Event, groups: Sequence[str]) -> Float:
    """Columns of all hits, float32 of shape `(hits, features)`; truth is not read."""
    return node_features(event, groups)


def edge_columns(
    event: Event, graph: Graph, rows: slice | NDArray[np.int64] = slice(None)
) -> Float:
    """Columns of some edges.

    Args:
        event: The event; its truth is not looked at.
        graph: Its edges, with scores or without.
        rows: Which edges.

    Returns:
        Float32 of shape `(edges, len(EDGE_NAMES))`, NaN where something is not known.
    """
    columns = edge_features(event, graph, rows)
    columns[:, -1] = logit(columns[:, -1])
    return columns


def graph_columns(event: Event, graph: Graph) -> Float:
    """Columns of all edges, with what tells them from each other in their graph.

    Args:
        event: The event; its truth is not looked at.
        graph: Its edges, with scores or without.

    Returns:
        Float32 of shape `(edges, len(GRAPH_NAMES))`.
    """
    whole = slice(None)
    alone = edge_columns(event, graph, whole)
    context = Context(event, graph).features(whole)
    return np.concatenate([alone, shapes(event, graph), context], axis=1)


def logit(score: Float) -> Float:
    """log(p / (1 - p)), from -12 to 12; NaN stays."""
    score = np.clip(score.astype(np.float64), 0.0, 1.0)
    with np.errstate(divide="ignore"):
        odds = np.log(score) - np.log1p(-score)
    bounded: Float = np.clip(odds, -_SURE, _SURE).astype(np.float32)
    return bounded
