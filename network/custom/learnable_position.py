"""Positions as rows of a table that training fills.

Token `t` at position `p` becomes `token[t] + table[p]`.
"""

from __future__ import annotations

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="trackdnn")
class LearnablePosition(keras.layers.Layer):
    """Adds a learned vector for the position of each token.

    A position is a whole number: the place in the sequence, or the number of the
    detector layer. Positions below zero read the first row of the table, positions
    beyond its end the last one.

    Args:
        max_positions: Positive integer, rows of the table.
        **kwargs: Passed to `keras.layers.Layer`, such as `name` and `dtype`.

    Call arguments:
        tokens: Float tensor of shape `(batch, tokens, features)`.
        positions: Integer tensor of shape `(batch, tokens)` or `(tokens,)`; `None` for
            the order of the tokens.

    Returns:
        Float tensor of the shape of `tokens`.

    Raises:
        ValueError: If the table has no row, or there are more tokens than rows and no
            positions.

    Source:
        J. Gehring et al., "Convolutional sequence to sequence learning" (2017), section
        3.1; initial values as in J. Devlin et al., "BERT" (2019).
    """

    def __init__(self, max_positions, **kwargs) -> None:
        super().__init__(**kwargs)
        self.max_positions = int(max_positions)
        if self.max_positions < 1:
            raise ValueError(
                "`max_positions` must be at least 1. "
                f"Received: max_positions={max_positions}"
            )

    def build(self, tokens_shape):
        self.table = self.add_weight(
            shape=(self.max_positions, tokens_shape[-1]),
            initializer=keras.initializers.TruncatedNormal(stddev=0.02),
            name="table",
        )
        self.built = True

    def call(self, tokens, positions=None):
        if positions is None:
            self._check_count(tokens.shape[-2])
            positions = ops.arange(ops.shape(tokens)[-2], dtype="int32")
        # A row that is not there ends a job on one runtime and is noise on another.
        row = ops.clip(ops.cast(positions, "int32"), 0, self.max_positions - 1)
        return tokens + ops.take(self.table, row, axis=0)

    def _check_count(self, count) -> None:
        if count is not None and count > self.max_positions:
            raise ValueError(
                "There must be a row of the table for each token. "
                f"Received: {count} tokens for max_positions={self.max_positions}"
            )

    def compute_output_shape(self, tokens_shape):
        return tuple(tokens_shape)

    def get_config(self):
        return {**super().get_config(), "max_positions": self.max_positions}
