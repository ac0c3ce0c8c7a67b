"""Rows of a table: what stands at the nodes that some indices name."""

from __future__ import annotations

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="trackdnn")
class GatherRows(keras.layers.Layer):
    """The row of each index.

    Args:
        **kwargs: Passed to `keras.layers.Layer`, such as `name` and `dtype`.

    Call arguments:
        rows: Float tensor of shape `(nodes, features)`.
        indices: Integer tensor of any shape, each from 0 to `nodes - 1`.

    Returns:
        Float tensor of shape `(*indices.shape, features)`.

    Source:
        This project.
    """

    def call(self, rows, indices):
        return ops.take(rows, indices, axis=0)

    def compute_output_shape(self, rows_shape, indices_shape):
        return (*indices_shape, rows_shape[-1])
