"""Positions as a penalty on attention between tokens that are far apart.

The score of head `h` between positions `p` and `q` gains `-slope[h] |p - q| / length`.
With a power of two as number of heads, `slope[h] = 2^(-8 (h + 1) / heads)`.
"""

from __future__ import annotations

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable(package="trackdnn")
class AlibiBias(keras.layers.Layer):
    """Attention with linear biases: the `bias` of a `CrossAttentionBlock`.

    Some heads look at neighbours only, others nearly everywhere, and a sequence may be
    longer than any in training. The distance has no direction, since hits have no
    order that attention would have to keep. NaN reads as position zero. Float32
    whatever the dtype policy; no weights.

    Args:
        heads: Positive integer.
        length: Positive float, distance that counts as one, in the unit of the
            positions.
        **kwargs: Passed to `keras.layers.Layer`; `dtype` is always float32.

    Call arguments:
        query_positions: Tensor of shape `(batch, queries)`.
        key_positions: Tensor of shape `(batch, keys)`; `None` for those of the queries.

    Returns:
        Float32 tensor of shape `(batch, heads, queries, keys)`, at most zero.

    Raises:
        ValueError: If `heads` or `length` is not positive.

    Source:
        O. Press et al., "Train short, test long" (2022), section 3, for both
        directions; slopes for other numbers of heads as in
        `ofirpress/attention_with_linear_biases`.
    """

    def __init__(self, heads, length=1.0, **kwargs) -> None:
        kwargs["dtype"] = "float32"
        super().__init__(**kwargs)
        self.heads, self.length = int(heads), float(length)
        if self.heads < 1:
            raise ValueError(f"`heads` must be at least 1. Received: heads={heads}")
        if not 1e-30 <= self.length <= 1e30:
            raise ValueError(
                "`length` must be positive, between 1e-30 and 1e30. "
                f"Received: length={length}"
            )

    def call(self, query_positions, key_positions=None):
        query = self._place(query_positions)
        key = query if key_positions is None else self._place(key_positions)
        distance = ops.abs(ops.expand_dims(query, 2) - ops.expand_dims(key, 1))
        slope = np.array(_slopes(self.heads), "float32")[:, None, None]
        return ops.expand_dims(distance, 1) * -slope

    def _place(self, positions):
        place = ops.cast(positions, "float32")
        place = ops.where(ops.isnan(place), 0.0, place)
        inverse = np.float32(1.0 / self.length)
        return ops.clip(place * inverse, -1e30, 1e30)

    def compute_output_shape(self, query_positions_shape, key_positions_shape=None):
        batch, queries = query_positions_shape
        keys = (key_positions_shape or query_positions_shape)[1]
        return (batch, self.heads, queries, keys)

    def get_config(self):
        return {**super().get_config(), "heads": self.heads, "length": self.length}


def _slopes(heads: int) -> list[float]:
    power = 2 ** (heads.bit_length() - 1)
    slopes = [2.0 ** (-8.0 * (h + 1) / power) for h in range(power)]
    # The other heads lie between: every second slope of twice as many heads.
    between = [2.0 ** (-8.0 * (2 * h + 1) / (2 * power)) for h in range(power)]
    return slopes + between[: heads - power]
