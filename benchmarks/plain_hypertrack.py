"""HyperTrack's edge classifier as it is written down, in Keras: a peer to be beaten.

Every directed edge and every hit's edge to itself has its whole input side by side,
`[x_r, x_s - x_r, x_s * x_r, |x_s - x_r|, x_s . x_r, e]`, and runs through each dense
layer; both directions of an edge are judged. The sizes, the inputs and the weights are
those of our preset `hypertrack`, in the same order: with the same weights both give the
same logits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
from keras import layers, ops

from network.architectures.edge_classifier import graph_tensors, state_of
from network.custom.both_directions import BothDirections
from network.custom.dense_stack import DenseStack
from network.custom.gather_rows import GatherRows

if TYPE_CHECKING:
    from network.graph_inputs import GraphInputs


class PlainEdgeConv(layers.Layer):
    """Messages from all that two nodes have in common, and their mean.

    Args:
        units: Width of all layers.
        depth: Dense layers of messages and of updates.
        residual: Whether the nodes are added to the update.
        **kwargs: Of a layer.
    """

    def __init__(self, units: int, depth: int, residual: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        style = {"activation": "swish", "normalization": "batch"}
        self.residual = residual
        self.message = DenseStack((units,) * depth, name="message", **style)
        self.update = DenseStack((units,) * depth, name="update", **style)

    def build(self, nodes_shape, edges_shape, *_):
        """Makes the weights."""
        width = nodes_shape[-1]
        self.message.build((None, 3 * width + 2 + edges_shape[-1]))
        self.update.build((None, width + self.message.units[-1]))
        self.built = True

    def call(self, nodes, edges, senders, receivers, training=None):
        """Nodes after the step."""
        x_s = ops.take(nodes, senders, axis=0)
        x_r = ops.take(nodes, receivers, axis=0)
        step, product = x_s - x_r, x_s * x_r
        dot = ops.sum(product, axis=-1, keepdims=True)
        parts = [x_r, step, product, _length(step), dot, edges]
        message = self.message(ops.concatenate(parts, axis=-1), training=training)
        size = ops.shape(nodes)[0]
        total = ops.segment_sum(message, receivers, num_segments=size)
        ones = ops.ones_like(message[:, :1])
        count = ops.segment_sum(ones, receivers, num_segments=size)
        mean = total / ops.maximum(count, 1.0)
        found = self.update(ops.concatenate([nodes, mean], axis=-1), training=training)
        return found + nodes if self.residual else found

    def compute_output_shape(self, nodes_shape, *_, **__):
        """One row per node."""
        return (nodes_shape[0], self.update.units[-1])


class FirstRows(layers.Layer):
    """As many rows of the first as the second has."""

    def call(self, rows, like):
        """The edges as they came; the others were judged for nothing."""
        return rows[: ops.shape(like)[0]]

    def compute_output_shape(self, rows_shape, like_shape):
        """One row per edge of the input."""
        return (like_shape[0], rows_shape[-1])


def plain_hypertrack(
    inputs: GraphInputs,
    *,
    width: int = 64,
    steps: int = 5,
    depth: int = 2,
    fusion: int = 61,
    decoder: tuple[int, ...] = (30, 30),
) -> Any:
    """The network, with inputs and output as our presets of edge classifiers.

    Args:
        inputs: Names and ranges of the features.
        width: Units of nodes and of all layers of a step.
        steps: Number of steps.
        depth: Dense layers of each message and of each update.
        fusion: Units of what a node is in the end.
        decoder: Units of the layers that judge an edge.

    Returns:
        `keras.Model`.

    Source:
        mieskolainen/hypertrack (arXiv:2309.14113), with each normalisation before the
        activation, as in our preset.
    """
    style = {"activation": "swish", "normalization": "batch"}
    graph = graph_tensors(inputs)
    every = BothDirections(self_edges=True, name="all_edges")
    edges, *ends = every(graph.nodes, graph.edges, graph.senders, graph.receivers)
    nodes, outputs = graph.nodes, []
    for number in range(steps):
        conv = PlainEdgeConv(width, depth, number > 0, name=f"step_{number}")
        nodes = conv(nodes, edges, *ends)
        outputs.append(nodes)
    joined = layers.Concatenate(name="all_steps")(outputs)
    state = state_of(DenseStack((width, fusion), name="fusion", **style)(joined))
    product = layers.Multiply(name="product")(
        [GatherRows()(state, one) for one in ends]
    )
    hidden = DenseStack(decoder, name="decoder", **style)(product)
    logits = layers.Dense(1, name="edge")(hidden)
    logit = FirstRows(name="judged")(logits, graph.senders)
    return keras.Model(list(graph.given), {"edge": logit}, name="plain_hypertrack")


def _length(step: Any) -> Any:
    square = ops.sum(ops.square(step), axis=-1, keepdims=True)
    # The root has no gradient at 0: an edge from a hit to itself.
    apart = square > 0
    return ops.where(apart, ops.sqrt(ops.where(apart, square, 1.0)), 0.0)
