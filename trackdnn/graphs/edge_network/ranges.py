"""Ranges of the columns of hits and edges, from the graphs of a training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from network.graph_inputs import GraphInputs
from trackdnn.errors import InputError
from trackdnn.graphs.edge_network.columns import node_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Float = NDArray[np.float32]

# The tails beyond are clipped: a straight line that crosses the beam line a kilometre
# away must not decide the scale.
_TAIL = 0.002
# A column whose tail is so many times as far out as its bulk gets a logarithm.
_LONG = 8.0
# As many rows of each event tell the ranges.
_ROWS = 20_000


def fit_ranges(
    parts: Iterable[tuple[Float, Float]], groups: Sequence[str], names: Sequence[str]
) -> GraphInputs:
    """The inputs of a network, fitted to graphs.

    Args:
        parts: Columns of hits, and of true edges, event by event. What false edges are
            like is not asked: far out, they are all the same.
        groups: Groups of the columns of hits.
        names: Of the columns of edges.

    Raises:
        InputError: If no graph has an edge.
    """
    nodes, edges = [], []
    for hits, pairs in parts:
        nodes.append(hits[:: max(len(hits) // _ROWS, 1)])
        edges.append(pairs[:: max(len(pairs) // _ROWS, 1)])
    if not sum(len(one) for one in edges):
        raise InputError(
            "A network of edges must have true edges to learn from. Received: graphs "
            "without any. Train on more events, or with another constructor."
        )
    node_range, edge_range = (ranges_of(np.concatenate(one)) for one in (nodes, edges))
    return GraphInputs(
        node_names=node_names(groups),
        node_lower=node_range[0],
        node_upper=node_range[1],
        node_scale=node_range[2],
        edge_names=tuple(names),
        edge_lower=edge_range[0],
        edge_upper=edge_range[1],
        edge_scale=edge_range[2],
    )


def ranges_of(columns: Float) -> list[tuple[float, ...]]:
    """Lower ends, upper ends and scales of all columns, of shape `(rows, columns)`."""
    return list(zip(*map(_range, columns.T), strict=True))


def _range(column: Float) -> tuple[float, float, float]:
    """Quantiles, and zero, which stands for what is not known; and the scale."""
    known = column[np.isfinite(column)]
    ends = np.quantile(known, [_TAIL, 1 - _TAIL]) if len(known) else np.zeros(2)
    low, high = min(float(ends[0]), 0.0), max(float(ends[1]), 0.0)
    if high <= low:
        # A column of zeros, such as a layer that no hit is on, gets a range, too.
        return low, low + 1.0, 0.0
    bulk = float(np.quantile(np.abs(known), 0.25))
    long = bulk > 0 and max(-low, high) > _LONG * bulk
    return low, high, bulk if long else 0.0
