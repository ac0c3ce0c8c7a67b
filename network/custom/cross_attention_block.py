"""Attention from one set to another, with a feed-forward network behind.

For queries X and keys Y, and for each head `h` of width `w`::

    A[h]   = softmax(Q[h] K[h]^T / sqrt(w) + bias[h])      over the keys that exist
    H      = LayerNorm(X + join(A[1] V[1], ..., A[heads] V[heads]))
    output = LayerNorm(H + FeedForward(H))
"""

from __future__ import annotations

import keras
import numpy as np
from keras import layers, ops

from network.custom.without_padding import without_padding

# As good as -inf behind a softmax in float32, and without its NaN in a row of nothing.
UNSEEN = -1e30


@keras.saving.register_keras_serializable(package="trackdnn")
class CrossAttentionBlock(keras.layers.Layer):
    """Multi-head attention block: each query gathers from all keys.

    A row that does not exist never changes one that does, whatever it holds, NaN
    included, and leaves as zeros. Queries without any key gather nothing. Order means
    nothing: permuted queries give permuted outputs, permuted keys the same ones.

    Args:
        heads: Positive integer, divisor of `width`.
        width: Positive integer, features of the queries and of the output.
        hidden: Positive integer, units of the feed-forward network; `None` for `width`.
        activation: Name of the activation of the feed-forward network.
        **kwargs: Passed to `keras.layers.Layer`, such as `name` and `dtype`.

    Call arguments:
        queries: Float tensor of shape `(batch, queries, width)`.
        keys: Float tensor of shape `(batch, keys, key_features)`.
        query_valid: Boolean tensor of shape `(batch, queries)`, true where a query
            exists; `None` for all.
        key_valid: Boolean tensor of shape `(batch, keys)`, likewise.
        bias: Float tensor that broadcasts to `(batch, heads, queries, keys)`, such as
            that of `AlibiBias`; `None` for none.

    Returns:
        Float tensor of shape `(batch, queries, width)`.

    Raises:
        ValueError: If `heads` does not divide `width`, a number is not positive, or the
            queries have another width.

    Source:
        MAB of J. Lee et al., "Set Transformer" (2019), equations 6 and 7; attention of
        A. Vaswani et al., "Attention is all you need" (2017), equation 1.
    """

    def __init__(self, heads, width, hidden=None, activation="swish", **kwargs) -> None:
        super().__init__(**kwargs)
        self.heads, self.width = int(heads), int(width)
        self.hidden = self.width if hidden is None else int(hidden)
        self.activation = keras.activations.get(activation)
        _check(self.heads, self.width, self.hidden)
        own = {"dtype": self.dtype_policy}
        self.query = self._projection("query")
        self.key = self._projection("key")
        self.value = self._projection("value")
        self.join = layers.EinsumDense(
            "bhtw,hwd->btd", (None, self.width), bias_axes="d", name="join", **own
        )
        self.expand = layers.Dense(self.hidden, self.activation, name="expand", **own)
        self.contract = layers.Dense(self.width, name="contract", **own)
        self.norm_attention = layers.LayerNormalization(name="norm_attention", **own)
        self.norm_output = layers.LayerNormalization(name="norm_output", **own)

    def _projection(self, name):
        shape = (self.heads, None, self.width // self.heads)
        return layers.EinsumDense(
            "btd,dhw->bhtw", shape, bias_axes="hw", name=name, dtype=self.dtype_policy
        )

    def build(self, queries_shape, keys_shape):
        if queries_shape[-1] != self.width:
            raise ValueError(
                f"The queries must have {self.width} features, the width of the block. "
                f"Received: {queries_shape[-1]} features"
            )
        own = (None, None, self.width)
        self.query.build(own)
        self.key.build((None, None, keys_shape[-1]))
        self.value.build((None, None, keys_shape[-1]))
        self.join.build((None, self.heads, None, self.width // self.heads))
        self.norm_attention.build(own)
        self.expand.build(own)
        self.contract.build((None, None, self.hidden))
        self.norm_output.build(own)
        self.built = True

    def call(self, queries, keys, query_valid=None, key_valid=None, bias=None):
        queries = without_padding(queries, query_valid)
        keys = without_padding(keys, key_valid)
        gathered = self._gather(queries, keys, key_valid, bias)
        hidden = self.norm_attention(queries + gathered)
        output = self.norm_output(hidden + self.contract(self.expand(hidden)))
        return without_padding(output, query_valid)

    def _gather(self, queries, keys, key_valid, bias):
        query = self.query(queries) * (self.width // self.heads) ** -0.5
        key = ops.transpose(self.key(keys), (0, 1, 3, 2))
        score = ops.cast(ops.matmul(query, key), "float32")
        if bias is not None:
            score = score + ops.cast(bias, "float32")
        if key_valid is None:
            share = ops.softmax(score, axis=-1)
        else:
            seen = ops.cast(key_valid, "bool")[:, None, None, :]
            # The product silences the keys where none exists and all are even.
            share = ops.softmax(ops.where(seen, score, np.float32(UNSEEN)), axis=-1)
            share = share * ops.cast(seen, "float32")
        value = self.value(keys)
        return self.join(ops.matmul(ops.cast(share, value.dtype), value))

    def compute_output_shape(self, queries_shape, keys_shape=None):
        return tuple(queries_shape)

    def get_config(self):
        return {
            **super().get_config(),
            "heads": self.heads,
            "width": self.width,
            "hidden": self.hidden,
            "activation": keras.activations.serialize(self.activation),
        }


def _check(heads, width, hidden) -> None:
    if heads < 1 or width < 1 or width % heads:
        raise ValueError(
            "`heads` must be positive and divide `width`. "
            f"Received: heads={heads}, width={width}"
        )
    if hidden < 1:
        raise ValueError(f"`hidden` must be at least 1. Received: hidden={hidden}")
