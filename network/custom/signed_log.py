"""A logarithm on both sides of zero, for columns with long tails."""

from __future__ import annotations

import keras
import numpy as np
from keras import ops

from network.custom.input_sanitizer import LARGEST_RATIO


@keras.saving.register_keras_serializable(package="trackdnn")
class SignedLog(keras.layers.Layer):
    """`sign(x) log(1 + |x| / scale)` per column; linear around zero, finite far out.

    It computes in float32 whatever the dtype policy; NaN stays NaN.

    Args:
        scales: Sequence of floats, where each column turns from linear to logarithmic,
            in its unit; 0 for a column that stays as it is.
        **kwargs: Passed to `keras.layers.Layer`; `dtype` is always float32.

    Call arguments:
        inputs: Float tensor of shape `(rows, columns)`.

    Returns:
        Float32 tensor of the same shape.

    Raises:
        ValueError: If a scale is negative or not finite, or the inputs have another
            width.

    Source:
        This project.
    """

    def __init__(self, scales, **kwargs) -> None:
        kwargs["dtype"] = "float32"
        super().__init__(**kwargs)
        self.scales = tuple(float(scale) for scale in scales)
        wrong = [s for s in self.scales if s != 0 and not 1e-30 <= s <= 1e30]
        if wrong:
            raise ValueError(
                "`scales` must be 0, or between 1e-30 and 1e30. "
                f"Received: scale={wrong[0]}"
            )

    def build(self, input_shape):
        if input_shape[-1] != len(self.scales):
            raise ValueError(
                "The inputs must have one column per entry of `scales`. Received: "
                f"{input_shape[-1]} columns for {len(self.scales)} scales"
            )
        self.built = True

    def call(self, inputs):
        scales = np.array(self.scales, np.float32)
        bent = scales > 0
        inverse = np.float32(1) / np.where(bent, scales, np.float32(1))
        ratio = ops.minimum(ops.abs(inputs) * inverse, LARGEST_RATIO)
        return ops.where(bent, ops.sign(inputs) * ops.log1p(ratio), inputs)

    def compute_output_shape(self, input_shape):
        return tuple(input_shape)

    def get_config(self):
        return {**super().get_config(), "scales": list(self.scales)}


def signed_log(value, scale):
    """What the layer makes of one number, in double precision."""
    return float(np.sign(value) * np.log1p(abs(value) / scale)) if scale else value
