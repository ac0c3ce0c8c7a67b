"""The edge classifier of HyperTrack: what two hits have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras import layers

from network.architectures.edge_classifier import edge_model, graph_tensors, state_of
from network.custom.both_directions import BothDirections
from network.custom.dense_stack import DenseStack
from network.custom.gather_rows import GatherRows
from network.custom.super_edge_conv import SuperEdgeConv

if TYPE_CHECKING:
    from collections.abc import Sequence

    from network.graph_inputs import GraphInputs


def hypertrack(
    inputs: GraphInputs,
    *,
    width: int,
    steps: int,
    depth: int,
    aggregation: Sequence[str],
    fusion: int,
    self_edges: bool,
    normalization: str,
    activation: str,
    decoder: Sequence[int],
):
    """Edge convolutions in a row, all of which speak for the state of a node.

    The inputs and the output are those of `network.architectures.edge_classifier`. The
    graph counts in both directions, and the logit follows from the product of both
    states: it is the same whichever node of an edge is the sender, and is formed once.
    With 3 features of nodes and 1 of edges and its defaults it has 160,244 parameters
    to be trained, as many as the original.

    Args:
        inputs: Names and ranges of the features.
        width: Units of nodes and all layers of a convolution.
        steps: Number of convolutions, at least one; from the second on they add to
            what was there.
        depth: Dense layers of each message and of each update.
        aggregation: How a node sums up its edges, see `SuperEdgeConv`.
        fusion: Units of the state.
        self_edges: Whether each node sends to itself, too.
        normalization: `"batch"`, `"layer"` or `"none"`.
        activation: Name of the activation.
        decoder: Units of the layers that judge an edge.

    Returns:
        `keras.Model`.

    Source:
        M. Mieskolainen, arXiv:2309.14113, and mieskolainen/hypertrack.
    """
    style = {"normalization": normalization, "activation": activation}
    graph = graph_tensors(inputs)
    turned = BothDirections(self_edges, name="both_directions", dtype="float32")
    both = turned(graph.nodes, graph.edges, graph.senders, graph.receivers)
    nodes, outputs = graph.nodes, []
    for number in range(steps):
        conv = SuperEdgeConv(
            width,
            depth=depth,
            aggregation=aggregation,
            residual=number > 0,
            name=f"step_{number}",
            dtype=None if number else "float32",
            **style,
        )
        nodes = conv(nodes, *both)
        outputs.append(nodes)
    joined = layers.Concatenate(name="all_steps")(outputs) if steps > 1 else nodes
    state = state_of(DenseStack((width, fusion), name="fusion", **style)(joined))
    one = GatherRows(name="sender_state")(state, graph.senders)
    other = GatherRows(name="receiver_state")(state, graph.receivers)
    product = layers.Multiply(name="product")([one, other])
    hidden = DenseStack(decoder, name="decoder", **style)(product)
    return edge_model(graph, hidden, "hypertrack")
