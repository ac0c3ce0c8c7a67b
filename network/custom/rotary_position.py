"""Positions as rotations of queries and keys.

The pair of features `(2 i, 2 i + 1)` at position `p` is turned by the angle
`p base^(-2 i / d)`, with `d` features::

    out[2 i]     = x[2 i] cos - x[2 i + 1] sin
    out[2 i + 1] = x[2 i + 1] cos + x[2 i] sin
"""

from __future__ import annotations

import keras
import numpy as np
from keras import ops

LARGEST_POSITION = 1e9


@keras.saving.register_keras_serializable(package="trackdnn")
class RotaryPosition(keras.layers.Layer):
    """Turns queries or keys by an angle that grows with their position.

    The product of a turned query with a turned key depends on the difference of their
    positions alone. Values are not turned. A position need not be whole, NaN reads as
    zero, and angles are formed in float32 whatever the dtype policy. No weights.

    Args:
        base: Float greater than 1; the wavelengths go from `2 pi` to nearly `2 pi
            base`, in units of the positions.
        **kwargs: Passed to `keras.layers.Layer`, such as `name` and `dtype`.

    Call arguments:
        vectors: Float tensor of shape `(batch, ..., tokens, features)`, such as
            `(batch, heads, tokens, head_features)`; `features` even.
        positions: Tensor whose shape, with one axis for the features behind, fits that
            of `vectors`: `(tokens,)`, or `(batch, 1, tokens)` where there are heads;
            `None` for the order of the tokens.

    Returns:
        Float tensor of the shape of `vectors`.

    Raises:
        ValueError: If `base` is not greater than 1, or `features` is odd.

    Source:
        J. Su et al., "RoFormer" (2021), equations 15 and 34.
    """

    def __init__(self, base=10000.0, **kwargs) -> None:
        # The cast to half precision would come before the angles.
        super().__init__(autocast=False, **kwargs)
        self.base = float(base)
        if not 1.0 < self.base < np.inf:
            raise ValueError(f"`base` must be greater than 1. Received: base={base}")

    def build(self, vectors_shape):
        if vectors_shape[-1] % 2:
            raise ValueError(
                "The vectors must have an even number of features. "
                f"Received: {vectors_shape[-1]} features"
            )
        self.built = True

    def call(self, vectors, positions=None):
        features = vectors.shape[-1]
        if positions is None:
            positions = ops.arange(ops.shape(vectors)[-2], dtype="int32")
        place = ops.cast(positions, "float32")
        place = ops.where(ops.isnan(place), 0.0, place)
        place = ops.clip(place, -LARGEST_POSITION, LARGEST_POSITION)
        feature = np.arange(features)
        rate = (self.base ** (-2.0 * (feature // 2) / features)).astype("float32")
        angle = ops.expand_dims(place, -1) * rate
        sign = np.where(feature % 2, 1.0, -1.0).astype("float32")
        x = ops.cast(vectors, "float32")
        partner = ops.take(x, (feature ^ 1).astype("int32"), axis=-1)
        turned = x * ops.cos(angle) + partner * (ops.sin(angle) * sign)
        return ops.cast(turned, self.compute_dtype)

    def compute_output_shape(self, vectors_shape):
        return tuple(vectors_shape)

    def get_config(self):
        return {**super().get_config(), "base": self.base}
