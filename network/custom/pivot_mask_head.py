"""Which hits around some pivots belong to the track of the pivots.

A micrograph holds the hits (tokens) that a graph connects to a few pivots, hits that
likely belong to one track::

    T, P  = encode(tokens), encode(pivots)      the same dense network
    M     = MAB(T, P)                           each token looks at the pivots
    M     = SAB(... SAB(M))                     the tokens look at each other
    logit = mask(M)                             one number for each token
"""

from __future__ import annotations

import keras
from keras import layers, ops

from network.custom.cross_attention_block import CrossAttentionBlock
from network.custom.self_attention_block import SelfAttentionBlock
from network.custom.without_padding import without_padding

# A token that does not exist is not chosen: its probability is below 1e-43.
PADDED_LOGIT = -100.0


@keras.saving.register_keras_serializable(package="trackdnn")
class PivotMaskHead(keras.layers.Layer):
    """A logit for each token: does it belong to the track of the pivots?

    Each micrograph is judged alone, whatever else is in the batch; the order of tokens
    and of pivots means nothing; padding never changes a token that exists.

    Args:
        width: Positive integer, features inside.
        heads: Positive integer, divisor of `width`.
        blocks: Integer from 0, self-attention blocks.
        mask_units: Sequence of positive integers, units of the mask network.
        activation: Name of the activation of all dense layers but the last ones.
        **kwargs: Passed to `keras.layers.Layer`, such as `name` and `dtype`.

    Call arguments:
        tokens: Float tensor of shape `(batch, tokens, features)`.
        pivots: Float tensor of shape `(batch, pivots, features)`.
        token_valid: Boolean tensor of shape `(batch, tokens)`, true where a token
            exists; `None` for all.
        pivot_valid: Boolean tensor of shape `(batch, pivots)`, likewise.

    Returns:
        Float32 tensor of shape `(batch, tokens)`, `PADDED_LOGIT` where no token exists.

    Raises:
        ValueError: If `heads` does not divide `width`, a number is not positive, or
            tokens and pivots differ in their features.

    Source:
        `STransformer` of mieskolainen/hypertrack (arXiv:2309.14113), from blocks of
        J. Lee et al., "Set Transformer" (2019).
    """

    def __init__(
        self,
        width=64,
        heads=4,
        blocks=4,
        mask_units=(32, 16),
        activation="swish",
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        self.width, self.heads, self.blocks = int(width), int(heads), int(blocks)
        self.mask_units = tuple(int(units) for units in mask_units)
        self.activation = keras.activations.get(activation)
        if self.blocks < 0 or min(self.mask_units, default=1) < 1:
            raise ValueError(
                "`blocks` must be at least 0 and `mask_units` positive. "
                f"Received: blocks={blocks}, mask_units={self.mask_units}"
            )
        own = {"dtype": self.dtype_policy}
        inner = (self.heads, self.width, None, self.activation)
        self.look = CrossAttentionBlock(*inner, name="look", **own)
        self.mix = [
            SelfAttentionBlock(*inner, name=f"mix_{number}", **own)
            for number in range(self.blocks)
        ]
        encoder = ((self.width, self.activation), (self.width, None))
        self.encode = _dense("encode", encoder, **own)
        mask = [(units, self.activation) for units in self.mask_units]
        self.mask = _dense("mask", mask, **own)
        self.score = layers.Dense(1, name="score", dtype="float32")

    def build(self, tokens_shape, pivots_shape):
        if tokens_shape[-1] != pivots_shape[-1]:
            raise ValueError(
                "Tokens and pivots must have the same features. Received: "
                f"{tokens_shape[-1]} and {pivots_shape[-1]} features"
            )
        inner = (None, None, self.width)
        _build(self.encode, tokens_shape[-1])
        self.look.build(inner, inner)
        for block in self.mix:
            block.build(inner)
        self.score.build((None, None, _build(self.mask, self.width)))
        self.built = True

    def call(self, tokens, pivots, token_valid=None, pivot_valid=None):
        tokens = without_padding(tokens, token_valid)
        pivots = without_padding(pivots, pivot_valid)
        for layer in self.encode:
            tokens, pivots = layer(tokens), layer(pivots)
        x = self.look(tokens, pivots, token_valid, pivot_valid)
        for layer in self.mix:
            x = layer(x, token_valid)
        for layer in self.mask:
            x = layer(x)
        logit = ops.squeeze(self.score(x), axis=-1)
        if token_valid is None:
            return logit
        return ops.where(ops.cast(token_valid, "bool"), logit, PADDED_LOGIT)

    def compute_output_shape(self, tokens_shape, pivots_shape=None):
        return tuple(tokens_shape[:2])

    def compute_output_spec(self, tokens, pivots, token_valid=None, pivot_valid=None):
        return keras.KerasTensor(tokens.shape[:2], "float32")

    def get_config(self):
        return {
            **super().get_config(),
            "width": self.width,
            "heads": self.heads,
            "blocks": self.blocks,
            "mask_units": list(self.mask_units),
            "activation": keras.activations.serialize(self.activation),
        }


def _dense(name, sizes, **kwargs):
    return [
        layers.Dense(units, activation, name=f"{name}_{number}", **kwargs)
        for number, (units, activation) in enumerate(sizes)
    ]


def _build(chain, width):
    """Builds dense layers one behind another; gives the width behind the last."""
    for layer in chain:
        layer.build((None, None, width))
        width = layer.units
    return width
