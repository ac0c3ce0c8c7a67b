"""Attention within one set: `SAB(X) = MAB(X, X)`."""

from __future__ import annotations

import keras

from network.custom.cross_attention_block import CrossAttentionBlock


@keras.saving.register_keras_serializable(package="trackdnn")
class SelfAttentionBlock(keras.layers.Layer):
    """Set attention block: each token gathers from all tokens of its set.

    Padding never changes a token that exists, and permuted tokens give permuted
    outputs, as in `CrossAttentionBlock`.

    Args:
        heads: Positive integer, divisor of `width`.
        width: Positive integer, features of the tokens and of the output.
        hidden: Positive integer, units of the feed-forward network; `None` for `width`.
        activation: Name of the activation of the feed-forward network.
        **kwargs: Passed to `keras.layers.Layer`, such as `name` and `dtype`.

    Call arguments:
        tokens: Float tensor of shape `(batch, tokens, width)`.
        valid: Boolean tensor of shape `(batch, tokens)`, true where a token exists;
            `None` for all.
        bias: Float tensor that broadcasts to `(batch, heads, tokens, tokens)`; `None`
            for none.

    Returns:
        Float tensor of shape `(batch, tokens, width)`.

    Raises:
        ValueError: As `CrossAttentionBlock`.

    Source:
        SAB of J. Lee et al., "Set Transformer" (2019), equation 8.
    """

    def __init__(self, heads, width, hidden=None, activation="swish", **kwargs) -> None:
        super().__init__(**kwargs)
        self.block = CrossAttentionBlock(
            heads, width, hidden, activation, name="block", dtype=self.dtype_policy
        )

    def build(self, tokens_shape):
        self.block.build(tokens_shape, tokens_shape)
        self.built = True

    def call(self, tokens, valid=None, bias=None):
        return self.block(tokens, tokens, valid, valid, bias)

    def compute_output_shape(self, tokens_shape):
        return tuple(tokens_shape)

    def get_config(self):
        inner = self.block.get_config()
        names = ("heads", "width", "hidden", "activation")
        return {**super().get_config(), **{name: inner[name] for name in names}}
