"""HyperTrack's edge convolution, with what two hits have in common as input."""

from __future__ import annotations

import keras
import numpy as np
from keras import ops

from network.custom.dense_stack import NORMALIZATIONS, DenseStack, checked_choice
from network.custom.edge_dense import checked_units
from network.custom.segment import aggregate, checked_kinds


@keras.saving.register_keras_serializable(package="trackdnn")
class SuperEdgeConv(keras.layers.Layer):
    """Messages from differences, products, distances and edge features.

    For an edge from node `s` to node `r`, with `[...]` for columns side by side::

        m_k  = f([x_r, x_s - x_r, x_s * x_r, |x_s - x_r|, x_s . x_r, e_k])
        x'_n = g([x_n, A of m_k with r(k) = n])              + x_n if `residual`

    The linear part of the first layer of `f` in `x_r` and `x_s - x_r` is formed per
    node, as `(W_1 - W_2) x` and `W_2 x`; products and distances need the edge. The
    distance is that of the difference: `|x_s|^2 + |x_r|^2 - 2 x_s . x_r` would come
    nearly for free, but loses the digits of near nodes, which matter most. It is formed
    in float32.

    Args:
        units: Positive integer, width of nodes after the layer and of all layers of
            `f` and `g`.
        depth: Integer of at least 2, dense layers of `f` and of `g`.
        aggregation: Sequence of `"sum"`, `"mean"`, `"max"` and `"std"`.
        residual: Boolean, whether the nodes are added to the output; they then come
            with `units` columns.
        activation: Name of the activation.
        normalization: `"batch"`, `"layer"` or `"none"`, after each dense layer.
        **kwargs: Passed to `keras.layers.Layer`, such as `name` and `dtype`.

    Call arguments:
        nodes: Float tensor of shape `(nodes, node_features)`.
        edges: Float tensor of shape `(edges, edge_features)`.
        senders: Integer tensor of shape `(edges,)`, node where each edge starts, from 0
            to `nodes - 1`; may equal the receiver.
        receivers: As `senders`, node where each edge ends.
        training: Boolean, for batch normalisation.

    Returns:
        Float tensor of shape `(nodes, units)`.

    Raises:
        ValueError: If a width, the depth or a choice cannot be, or if nodes of another
            width shall be added to.

    Source:
        `SuperEdgeConv` of mieskolainen/hypertrack, arXiv:2309.14113, with the
        normalisation before the activation rather than behind it.
    """

    def __init__(
        self,
        units,
        depth=2,
        aggregation=("mean",),
        residual=False,
        activation="swish",
        normalization="batch",
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        self.units = checked_units(units)
        self.depth = int(depth)
        if self.depth < 2:
            raise ValueError(f"`depth` must be at least 2. Received: depth={depth}")
        self.aggregation = checked_kinds(aggregation)
        self.residual = bool(residual)
        self.activation = activation
        self.normalization = checked_choice(
            "normalization", normalization, NORMALIZATIONS
        )
        self._make_layers()

    def _make_layers(self):
        style = {
            "activation": self.activation,
            "normalization": self.normalization,
            "dtype": self.dtype_policy,
        }
        rest = (self.units,) * (self.depth - 1)
        self.edge_rest = DenseStack(rest, lead=True, name="edge_rest", **style)
        self.node_stack = DenseStack((self.units, *rest), name="node_stack", **style)

    def build(self, nodes_shape, edges_shape, *_):
        self._width = nodes_shape[-1]
        if self.residual and self._width != self.units:
            raise ValueError(
                f"`nodes` must have {self.units} columns to be added to. "
                f"Received: {self._width} columns. Set residual=False"
            )
        # Rows in the order of the formula.
        self.kernel = self.add_weight(
            shape=(3 * self._width + 2 + edges_shape[-1], self.units),
            initializer="glorot_uniform",
            name="kernel",
        )
        self.bias = self.add_weight(
            shape=(self.units,), initializer="zeros", name="bias"
        )
        self.edge_rest.build((edges_shape[0], self.units))
        inputs = self._width + len(self.aggregation) * self.units
        self.node_stack.build((nodes_shape[0], inputs))
        self.built = True

    def call(self, nodes, edges, senders, receivers, training=None):
        first = self._first_layer(nodes, edges, senders, receivers)
        message = self.edge_rest(first, training=training)
        size = ops.shape(nodes)[0]
        heard = aggregate(message, receivers, size, self.aggregation, sort=True)
        update = self.node_stack(
            ops.concatenate([nodes, heard], axis=-1), training=training
        )
        return update + nodes if self.residual else update

    def _first_layer(self, nodes, edges, senders, receivers):
        width = self._width
        own, step = self.kernel[:width], self.kernel[width : 2 * width]
        products = self.kernel[2 * width : 3 * width]
        distance, dot = self.kernel[3 * width], self.kernel[3 * width + 1]
        x_s, x_r = (ops.take(nodes, end, axis=0) for end in (senders, receivers))
        linear = ops.take(ops.matmul(nodes, own - step), receivers, axis=0)
        linear = linear + ops.take(ops.matmul(nodes, step), senders, axis=0)
        # x_s . x_r is the sum of the products: its weights join those of each of them.
        crossed = ops.matmul(x_s * x_r, products + dot)
        apart = ops.cast(_distance(x_s, x_r, width), nodes.dtype) * distance
        behind = ops.matmul(edges, self.kernel[3 * width + 2 :]) + self.bias
        return linear + crossed + apart + behind

    def compute_output_shape(self, nodes_shape, *_, **__):
        return (nodes_shape[0], self.units)

    def get_config(self):
        return {
            **super().get_config(),
            "units": self.units,
            "depth": self.depth,
            "aggregation": list(self.aggregation),
            "residual": self.residual,
            "activation": self.activation,
            "normalization": self.normalization,
        }


def _distance(x_s, x_r, width):
    """Distance of two nodes, of shape `(edges, 1)`, in float32."""
    step = ops.cast(x_s, "float32") - ops.cast(x_r, "float32")
    # A product, not a sum over the last axis: ONNX Runtime gives that a wrong shape
    # for no edges.
    square = ops.matmul(ops.square(step), np.ones((width, 1), np.float32))
    # The root has no gradient at 0: an edge from a node to itself.
    apart = square > 0
    root = ops.sqrt(ops.where(apart, square, 1.0))
    return ops.where(apart, root, 0.0)
