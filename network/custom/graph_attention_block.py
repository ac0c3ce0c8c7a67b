"""Attention along the edges of a graph, both ways, with dense layers behind it."""

from __future__ import annotations

import keras
from keras import ops

from network.custom.dense_stack import NORMALIZATIONS, DenseStack, checked_choice
from network.custom.graph_attention import GraphAttention


@keras.saving.register_keras_serializable(package="trackdnn")
class GraphAttentionBlock(keras.layers.Layer):
    """Each node listens to those before it and to those behind it, and learns.

    With `[...]` for columns side by side, `A` for attention along the edges and `B` for
    attention against them, each with weights of its own::

        y    = LayerNorm(x)
        x'_n = x_n + g([y_n, A(y)_n, B(y)_n])

    Args:
        units: Positive integer, width of nodes and of all layers.
        depth: Positive integer, dense layers of `g`; the last one is linear.
        heads: Positive integer, divisor of `units`, heads of each attention.
        dynamic: Boolean, which form of attention, see `GraphAttention`.
        activation: Name of the activation of `g`.
        normalization: `"batch"`, `"layer"` or `"none"`, within `g`; `"none"` leaves
            out that of the nodes, too.
        **kwargs: Passed to `keras.layers.Layer`, such as `name` and `dtype`.

    Call arguments:
        nodes: Float tensor of shape `(nodes, units)`.
        edges: Float tensor of shape `(edges, edge_features)`.
        senders: Integer tensor of shape `(edges,)`, node where each edge starts, from 0
            to `nodes - 1`.
        receivers: As `senders`, node where each edge ends.
        training: Boolean, for batch normalisation.

    Returns:
        Float tensor of shape `(nodes, units)`.

    Raises:
        ValueError: If a width or a choice cannot be, or if the nodes have another
            width.

    Source:
        S. Brody et al., "How attentive are graph attention networks?" (2022), in
        blocks that normalise first, R. Xiong et al., "On layer normalization in the
        transformer architecture" (2020).
    """

    def __init__(
        self,
        units,
        depth=2,
        heads=1,
        dynamic=True,
        activation="swish",
        normalization="layer",
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        own = {"dtype": self.dtype_policy}
        self.normalization = checked_choice(
            "normalization", normalization, NORMALIZATIONS
        )
        form = {"units": units, "heads": heads, "dynamic": dynamic, **own}
        self.forward = GraphAttention(name="forward", **form)
        self.backward = GraphAttention(name="backward", **form)
        self.dense = DenseStack(
            (units,) * depth,
            activation=activation,
            normalization=normalization,
            end="linear",
            name="dense",
            **own,
        )
        self.calm = calm_layer(normalization, name="calm", **own)

    def build(self, nodes_shape, edges_shape, *_):
        units = self.forward.units
        if nodes_shape[-1] != units:
            raise ValueError(
                f"`nodes` must have {units} columns to be added to. "
                f"Received: {nodes_shape[-1]} columns. Encode them first"
            )
        self.calm.build(nodes_shape)
        self.forward.build(nodes_shape, edges_shape)
        self.backward.build(nodes_shape, edges_shape)
        self.dense.build((nodes_shape[0], 3 * units))
        self.built = True

    def call(self, nodes, edges, senders, receivers, training=None):
        calm = self.calm(nodes)
        before = self.forward(calm, edges, senders, receivers)
        behind = self.backward(calm, edges, receivers, senders)
        x = ops.concatenate([calm, before, behind], axis=-1)
        return nodes + self.dense(x, training=training)

    def compute_output_shape(self, nodes_shape, *_, **__):
        return tuple(nodes_shape)

    def get_config(self):
        return {
            **super().get_config(),
            "units": self.forward.units,
            "depth": len(self.dense.units),
            "heads": self.forward.heads,
            "dynamic": self.forward.dynamic,
            "activation": self.dense.activation,
            "normalization": self.normalization,
        }


def calm_layer(normalization, **kwargs):
    """What nodes between blocks pass through before they are read.

    Args:
        normalization: `"batch"`, `"layer"` or `"none"`, as in the block.
        **kwargs: Passed to the layer, such as `name` and `dtype`.

    Returns:
        A layer normalisation, or nothing where nothing is normalised.
    """
    if normalization == "none":
        return keras.layers.Identity(**kwargs)
    return keras.layers.LayerNormalization(**kwargs)
