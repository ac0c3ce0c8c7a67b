"""Edge classifiers that pass messages: our own, and that of the Exa.TrkX pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from network.architectures.edge_classifier import (
    decoded,
    edge_model,
    encoded,
    graph_tensors,
    state_of,
)
from network.custom.interaction_network import InteractionNetwork

if TYPE_CHECKING:
    from collections.abc import Sequence

    from network.graph_inputs import GraphInputs


def interaction(
    inputs: GraphInputs,
    *,
    width: int,
    steps: int,
    depth: int,
    aggregation: Sequence[str],
    recurrent: bool,
    both_ways: bool,
    residual: bool,
    normalization: str,
    activation: str,
    decoder: Sequence[int],
):
    """Encoders of nodes and edges, steps of messages, and a decoder of edges.

    The inputs and the output are those of `network.architectures.edge_classifier`.

    Args:
        inputs: Names and ranges of the features.
        width: Units of nodes, edges and all layers but those of the decoder.
        steps: Number of steps.
        depth: Dense layers of each encoder, of each message and of each update.
        aggregation: How a node sums up its edges, see `InteractionNetwork`.
        recurrent: Whether all steps share their weights.
        both_ways: Whether the node where an edge starts hears of it, too.
        residual: Whether each step adds to what was there.
        normalization: `"batch"`, `"layer"` or `"none"`.
        activation: Name of the activation.
        decoder: Units of the layers that judge an edge, at least two.

    Returns:
        `keras.Model`.

    Source:
        X. Ju et al., arXiv:2103.06995, section 4.3; P. Battaglia et al., "Interaction
        networks for learning about objects, relations and physics" (2016).
    """
    style = {"normalization": normalization, "activation": activation}
    graph = graph_tensors(inputs)
    nodes = encoded(graph.nodes, width, depth, "node_encoder", **style)
    edges = encoded(graph.edges, width, depth, "edge_encoder", **style)
    made = [
        InteractionNetwork(
            width,
            depth=depth,
            aggregation=aggregation,
            both_ways=both_ways,
            residual=residual,
            name="step" if recurrent else f"step_{number}",
            **style,
        )
        for number in range(min(steps, 1) if recurrent else steps)
    ]
    for step in made * steps if recurrent else made:
        nodes, edges = step(nodes, edges, graph.senders, graph.receivers)
    state = state_of(nodes)
    hidden = decoded(graph, state, edges, decoder, **style)
    return edge_model(graph, hidden, "interaction")
