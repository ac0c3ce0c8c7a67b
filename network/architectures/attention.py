"""An edge classifier of graph attention: nodes weigh which edges to listen to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from network.architectures.edge_classifier import (
    decoded,
    edge_model,
    encoded,
    graph_tensors,
    state_of,
)
from network.custom.graph_attention_block import GraphAttentionBlock, calm_layer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from network.graph_inputs import GraphInputs


def attention(
    inputs: GraphInputs,
    *,
    width: int,
    steps: int,
    depth: int,
    heads: int,
    dynamic: bool,
    normalization: str,
    activation: str,
    decoder: Sequence[int],
):
    """Blocks of attention and dense layers, and a decoder of edges.

    The inputs and the output are those of `network.architectures.edge_classifier`. See
    `GraphAttentionBlock` for the blocks.

    Args:
        inputs: Names and ranges of the features.
        width: Units of nodes, edges and all layers but those of the decoder.
        steps: Number of blocks.
        depth: Dense layers of each encoder and of each block.
        heads: Heads of each attention, a divisor of `width`.
        dynamic: Which form of attention, see `GraphAttention`.
        normalization: `"batch"`, `"layer"` or `"none"`.
        activation: Name of the activation.
        decoder: Units of the layers that judge an edge, at least two.

    Returns:
        `keras.Model`.

    Source:
        P. Velickovic et al., "Graph attention networks" (2018); see the block.
    """
    style = {"normalization": normalization, "activation": activation}
    graph = graph_tensors(inputs)
    nodes = encoded(graph.nodes, width, depth, "node_encoder", **style)
    edges = encoded(graph.edges, width, depth, "edge_encoder", **style)
    for number in range(steps):
        block = GraphAttentionBlock(
            width,
            depth=depth,
            heads=heads,
            dynamic=dynamic,
            name=f"step_{number}",
            **style,
        )
        nodes = block(nodes, edges, graph.senders, graph.receivers)
    state = state_of(calm_layer(normalization, name="state_normalization")(nodes))
    hidden = decoded(graph, state, edges, decoder, **style)
    return edge_model(graph, hidden, "attention")
