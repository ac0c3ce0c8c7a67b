"""An edge classifier without messages: the edge and its two hits, nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from network.architectures.edge_classifier import (
    edge_model,
    encoded,
    graph_tensors,
    state_of,
)
from network.custom.dense_stack import DenseStack
from network.custom.edge_dense import EdgeDense

if TYPE_CHECKING:
    from network.graph_inputs import GraphInputs


def dense_edges(
    inputs: GraphInputs, *, width: int, depth: int, normalization: str, activation: str
):
    """Dense layers over both nodes and the features of an edge: a filter.

    The inputs and the output are those of `network.architectures.edge_classifier`.
    Each node is encoded once, and the linear part of the first layer of edges that
    comes from nodes is formed once per node.

    Args:
        inputs: Names and ranges of the features.
        width: Units of each layer.
        depth: Dense layers over edges, at least two.
        normalization: `"batch"`, `"layer"` or `"none"`.
        activation: Name of the activation.

    Returns:
        `keras.Model`.

    Source:
        The filter of the Exa.TrkX pipeline, X. Ju et al., arXiv:2103.06995.
    """
    style = {"normalization": normalization, "activation": activation}
    graph = graph_tensors(inputs)
    nodes = encoded(graph.nodes, width, 1, "node_encoder", **style)
    state = state_of(nodes)
    first = EdgeDense(width, name="edge_ends", dtype="float32")
    x = first(state, graph.edges, graph.senders, graph.receivers)
    rest = (width,) * (depth - 1)
    x = DenseStack(rest, lead=True, name="edge_stack", **style)(x)
    return edge_model(graph, x, "dense")
