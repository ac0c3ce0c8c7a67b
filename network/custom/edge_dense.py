"""A dense layer over both nodes and the features of each edge."""

from __future__ import annotations

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="trackdnn")
class EdgeDense(keras.layers.Layer):
    """`W [x_s, x_r, e] + b` per edge, without forming what stands in the brackets.

    The product splits into `(W_s x)_s + (W_r x)_r + W_e e`: the first two are formed
    once per node, of which there are ten to a hundred times fewer than edges. No
    activation, because it must follow the sum.

    Args:
        units: Positive integer, width of the output.
        **kwargs: Passed to `keras.layers.Layer`, such as `name` and `dtype`.

    Call arguments:
        nodes: Float tensor of shape `(nodes, node_features)`.
        edges: Float tensor of shape `(edges, edge_features)`.
        senders: Integer tensor of shape `(edges,)`, node where each edge starts, from 0
            to `nodes - 1`.
        receivers: As `senders`, node where each edge ends.

    Returns:
        Float tensor of shape `(edges, units)`.

    Raises:
        ValueError: If `units` is not positive.

    Source:
        This project.
    """

    def __init__(self, units, **kwargs) -> None:
        super().__init__(**kwargs)
        self.units = checked_units(units)

    def build(self, nodes_shape, edges_shape, *_):
        self._width = nodes_shape[-1]
        rows = 2 * self._width + edges_shape[-1]
        # One kernel, so that its initial weights know the whole number of inputs.
        self.kernel = self.add_weight(
            shape=(rows, self.units), initializer="glorot_uniform", name="kernel"
        )
        self.bias = self.add_weight(
            shape=(self.units,), initializer="zeros", name="bias"
        )
        self.built = True

    def call(self, nodes, edges, senders, receivers):
        width = self._width
        sent = ops.matmul(nodes, self.kernel[:width])
        received = ops.matmul(nodes, self.kernel[width : 2 * width])
        own = ops.matmul(edges, self.kernel[2 * width :]) + self.bias
        ends = ops.take(sent, senders, axis=0) + ops.take(received, receivers, axis=0)
        return ends + own

    def compute_output_shape(self, nodes_shape, edges_shape, *_, **__):
        return (edges_shape[0], self.units)

    def get_config(self):
        return {**super().get_config(), "units": self.units}


def checked_units(units):
    """A width as an integer.

    Raises:
        ValueError: If it is not positive.
    """
    if int(units) < 1:
        raise ValueError(f"`units` must be positive. Received: units={units}")
    return int(units)
