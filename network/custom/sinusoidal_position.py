"""Positions as sines and cosines of fixed wavelengths.

With `d` features, to feature `2 i` of a token at position `p` is added
`sin(p / longest^(2 i / d))`, to feature `2 i + 1` the cosine of the same angle.
"""

from __future__ import annotations

import keras
import numpy as np
from keras import ops

# Beyond it neighbours in float32 lie many wavelengths apart.
LARGEST_POSITION = 1e9


@keras.saving.register_keras_serializable(package="trackdnn")
class SinusoidalPosition(keras.layers.Layer):
    """Adds sines and cosines of the position of each token.

    A position need not be whole: a path length in units of the shortest distance that
    matters will do. NaN reads as position zero. Angles are formed in float32 whatever
    the dtype policy. The layer has no weights.

    Args:
        longest: Float greater than 1; the wavelengths go from `2 pi` to nearly
            `2 pi longest`, in units of the positions.
        **kwargs: Passed to `keras.layers.Layer`, such as `name` and `dtype`.

    Call arguments:
        tokens: Float tensor of shape `(batch, tokens, features)`, `features` even.
        positions: Tensor of shape `(batch, tokens)` or `(tokens,)`; `None` for the
            order of the tokens.

    Returns:
        Float tensor of the shape of `tokens`.

    Raises:
        ValueError: If `longest` is not greater than 1, or `features` is odd.

    Source:
        A. Vaswani et al., "Attention is all you need" (2017), section 3.5.
    """

    def __init__(self, longest=10000.0, **kwargs) -> None:
        # The cast to half precision would come before the angles.
        super().__init__(autocast=False, **kwargs)
        self.longest = float(longest)
        if not 1.0 < self.longest < np.inf:
            raise ValueError(
                f"`longest` must be greater than 1. Received: longest={longest}"
            )

    def build(self, tokens_shape):
        if tokens_shape[-1] % 2:
            raise ValueError(
                "The tokens must have an even number of features. "
                f"Received: {tokens_shape[-1]} features"
            )
        self.built = True

    def call(self, tokens, positions=None):
        features = tokens.shape[-1]
        if positions is None:
            positions = ops.arange(ops.shape(tokens)[-2], dtype="int32")
        place = ops.cast(positions, "float32")
        place = ops.where(ops.isnan(place), 0.0, place)
        place = ops.clip(place, -LARGEST_POSITION, LARGEST_POSITION)
        pair = np.arange(features) // 2
        rate = (self.longest ** (-2.0 * pair / features)).astype("float32")
        angle = ops.expand_dims(place, -1) * rate
        even = np.arange(features) % 2 == 0
        code = ops.where(even, ops.sin(angle), ops.cos(angle))
        tokens = ops.cast(tokens, self.compute_dtype)
        return tokens + ops.cast(code, self.compute_dtype)

    def compute_output_shape(self, tokens_shape):
        return tuple(tokens_shape)

    def get_config(self):
        return {**super().get_config(), "longest": self.longest}
