"""Each node weighs what it hears: attention over the edges that reach it."""

from __future__ import annotations

import keras
import numpy as np
from keras import ops

from network.custom.edge_dense import checked_units
from network.custom.segment import segment_softmax, segment_sum


@keras.saving.register_keras_serializable(package="trackdnn")
class GraphAttention(keras.layers.Layer):
    """Mean of the senders of each node, weighted by a softmax over its edges.

    Per head, with `W`, `V` and `U` for matrices, `a` for a vector per head, `|` for its
    parts and L for the leaky ReLU::

        static:   l_k = L(a_s . W x_s + a_r . W x_r + a_e . U e_k)
        dynamic:  l_k = a . L(W x_s + V x_r + U e_k)
        p_k   = exp(l_k) / sum exp(l_j)           over the edges j with r(j) = r(k)
        x'_n  = sum p_k W x_s(k) + b              over the edges k with r(k) = n

    In the static form all nodes rank their senders alike, and the logits are formed per
    node; the dynamic form has no such limit, and costs a few times more. A node that no
    edge reaches hears nothing: give it an edge from itself, or a residual.

    Args:
        units: Positive integer, width of the output, all heads side by side.
        heads: Positive integer, divisor of `units`.
        dynamic: Boolean, which form.
        residual: Boolean, whether the nodes are added to the output; they then come
            with `units` columns.
        slope: Float from 0 to 1, slope of the leaky ReLU below zero.
        **kwargs: Passed to `keras.layers.Layer`, such as `name` and `dtype`.

    Call arguments:
        nodes: Float tensor of shape `(nodes, node_features)`.
        edges: Float tensor of shape `(edges, edge_features)`.
        senders: Integer tensor of shape `(edges,)`, node where each edge starts, from 0
            to `nodes - 1`; may equal the receiver.
        receivers: As `senders`, node where each edge ends.

    Returns:
        Float tensor of shape `(nodes, units)`.

    Raises:
        ValueError: If `heads` does not divide `units`, the slope is outside its range,
            or nodes of another width shall be added to.

    Source:
        Static: P. Velickovic et al., "Graph attention networks" (2018), equations 1-5;
        dynamic: S. Brody et al., "How attentive are graph attention networks?" (2022),
        equation 7. The term of the edges is that of either paper's reference code.
    """

    def __init__(
        self, units, heads=1, dynamic=True, residual=False, slope=0.2, **kwargs
    ) -> None:
        super().__init__(**kwargs)
        self.units = checked_units(units)
        self.heads = int(heads)
        self.dynamic = bool(dynamic)
        self.residual = bool(residual)
        self.slope = float(slope)
        if self.heads < 1 or self.units % self.heads:
            raise ValueError(
                "`heads` must be positive and divide `units`. "
                f"Received: heads={heads}, units={units}"
            )
        if not 0 <= self.slope <= 1:
            raise ValueError(f"`slope` must be from 0 to 1. Received: slope={slope}")
        # (units, heads), 1 where a unit belongs to a head.
        codes = np.eye(self.heads, dtype="float32")
        self._belongs = np.repeat(codes, self.units // self.heads, axis=0)

    def build(self, nodes_shape, edges_shape, *_):
        width = nodes_shape[-1]
        if self.residual and width != self.units:
            raise ValueError(
                f"`nodes` must have {self.units} columns to be added to. "
                f"Received: {width} columns. Set residual=False"
            )
        self.sender_kernel = self._matrix("sender_kernel", width)
        self.edge_kernel = self._matrix("edge_kernel", edges_shape[-1])
        if self.dynamic:
            self.receiver_kernel = self._matrix("receiver_kernel", width)
        # One row per term of the logits: sender, receiver and edge.
        self.attention = self._matrix("attention", 1 if self.dynamic else 3)
        self.bias = self.add_weight(
            shape=(self.units,), initializer="zeros", name="bias"
        )
        self.built = True

    def _matrix(self, name, rows):
        return self.add_weight(
            shape=(rows, self.units), initializer="glorot_uniform", name=name
        )

    def call(self, nodes, edges, senders, receivers):
        sent = ops.matmul(nodes, self.sender_kernel)
        own = ops.matmul(edges, self.edge_kernel)
        form = self._dynamic_logits if self.dynamic else self._static_logits
        logits = form(nodes, sent, own, senders, receivers)
        size = ops.shape(nodes)[0]
        share = segment_softmax(logits, receivers, size)
        # (edges, heads) to (edges, units), by a product: a repeat would be slower.
        spread = ops.matmul(share, ops.cast(self._belongs.T, share.dtype))
        message = ops.take(sent, senders, axis=0) * spread
        heard = segment_sum(message, receivers, size) + self.bias
        return heard + nodes if self.residual else heard

    def _dynamic_logits(self, nodes, sent, own, senders, receivers):
        received = ops.matmul(nodes, self.receiver_kernel)
        ends = ops.take(sent, senders, axis=0) + ops.take(received, receivers, axis=0)
        bent = ops.leaky_relu(ends + own, self.slope)
        return ops.matmul(bent, self._per_head(0, own.dtype))

    def _static_logits(self, nodes, sent, own, senders, receivers):
        to_s, to_r, to_e = (self._per_head(row, own.dtype) for row in range(3))
        ends = ops.take(ops.matmul(sent, to_s), senders, axis=0)
        ends = ends + ops.take(ops.matmul(sent, to_r), receivers, axis=0)
        return ops.leaky_relu(ends + ops.matmul(own, to_e), self.slope)

    def _per_head(self, row, dtype):
        """A row of `attention` as a matrix from units to heads."""
        return self.attention[row][:, None] * ops.cast(self._belongs, dtype)

    def compute_output_shape(self, nodes_shape, *_, **__):
        return (nodes_shape[0], self.units)

    def get_config(self):
        return {
            **super().get_config(),
            "units": self.units,
            "heads": self.heads,
            "dynamic": self.dynamic,
            "residual": self.residual,
            "slope": self.slope,
        }
