"""Some columns of a table, chosen once and for all."""

from __future__ import annotations

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable(package="trackdnn")
class SelectColumns(keras.layers.Layer):
    """Keeps the columns at fixed places, in the given order.

    Args:
        columns: Sequence of distinct integers, places of the columns that stay.
        **kwargs: Passed to `keras.layers.Layer`, such as `name` and `dtype`.

    Call arguments:
        inputs: Tensor of shape `(batch, width)`, `width` greater than any place.

    Returns:
        Tensor of shape `(batch, len(columns))`.

    Raises:
        ValueError: If there is no column, one is named twice, or one is not there.

    Source:
        This project.
    """

    def __init__(self, columns, **kwargs) -> None:
        super().__init__(**kwargs)
        self.columns = tuple(int(column) for column in columns)
        if not self.columns or len(set(self.columns)) != len(self.columns):
            raise ValueError(
                "`columns` must hold at least one place, each once. "
                f"Received: columns={self.columns}"
            )

    def build(self, input_shape):
        outside = [c for c in self.columns if not 0 <= c < input_shape[-1]]
        if outside:
            raise ValueError(
                f"`columns` must be from 0 to {input_shape[-1] - 1}, the columns of "
                f"the inputs. Received: {outside[0]}"
            )
        self.built = True

    def call(self, inputs):
        return ops.take(inputs, np.array(self.columns, "int32"), axis=1)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], len(self.columns))

    def get_config(self):
        return {**super().get_config(), "columns": list(self.columns)}
