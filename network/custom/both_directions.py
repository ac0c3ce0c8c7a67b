"""A graph that holds each pair of nodes once becomes one that holds it both ways."""

from __future__ import annotations

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="trackdnn")
class BothDirections(keras.layers.Layer):
    """Each edge, each edge turned around, and perhaps an edge of each node to itself.

    An edge has the same features in both directions, and one of a node to itself has
    zeros: which of its nodes is the sender no longer means anything.

    Args:
        self_edges: Boolean, whether each node gets an edge to itself.
        **kwargs: Passed to `keras.layers.Layer`, such as `name` and `dtype`.

    Call arguments:
        nodes: Float tensor of shape `(nodes, node_features)`, for their number.
        edges: Float tensor of shape `(edges, edge_features)`.
        senders: Integer tensor of shape `(edges,)`, node where each edge starts, from 0
            to `nodes - 1`.
        receivers: As `senders`, node where each edge ends.

    Returns:
        Edges, senders and receivers, with `2 edges` rows, or `2 edges + nodes`.

    Source:
        The graphs of mieskolainen/hypertrack, arXiv:2309.14113.
    """

    def __init__(self, self_edges=False, **kwargs) -> None:
        super().__init__(**kwargs)
        self.self_edges = bool(self_edges)

    def call(self, nodes, edges, senders, receivers):
        parts = [[edges, edges], [senders, receivers], [receivers, senders]]
        if self.self_edges:
            size = ops.shape(nodes)[0]
            own = ops.arange(size, dtype=senders.dtype)
            loops = ops.zeros((size, edges.shape[-1]), edges.dtype)
            for part, extra in zip(parts, (loops, own, own), strict=True):
                part.append(extra)
        return tuple(ops.concatenate(part, axis=0) for part in parts)

    def compute_output_spec(self, nodes, edges, senders, receivers):
        rows = None
        if edges.shape[0] is not None and nodes.shape[0] is not None:
            rows = 2 * edges.shape[0] + self.self_edges * nodes.shape[0]
        return (
            keras.KerasTensor((rows, edges.shape[-1]), self.compute_dtype),
            keras.KerasTensor((rows,), senders.dtype),
            keras.KerasTensor((rows,), receivers.dtype),
        )

    def get_config(self):
        return {**super().get_config(), "self_edges": self.self_edges}
