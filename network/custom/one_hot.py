"""One code per category, by comparison with a vocabulary."""

from __future__ import annotations

import keras
import numpy as np
from keras import ops

UNKNOWN = ("code", "zero")
# Whole numbers up to here are exact in float32, the only type CMSSW can feed.
LARGEST_VALUE = 2**24


@keras.saving.register_keras_serializable(package="trackdnn")
class OneHot(keras.layers.Layer):
    """One-hot code of a categorical input; an unknown value has a defined code.

    The input is rounded and compared with each value of the vocabulary, so that it may
    come as float (the only type that CMSSW feeds) or as integer. A value outside the
    vocabulary, NaN and infinity included, takes the last code of its own, or with
    `unknown="zero"` the all-zero row that `tf.one_hot` of the CMS reference gives.

    A code that no training track has would act through weights that were never
    trained; with `dropout`, a small share of the tracks is shown as unknown during
    training, so that the network learns to judge a track without its category.

    Args:
        vocabulary: Sequence of distinct integers below 2^24 in magnitude.
        unknown: `"code"` for a last code of its own, `"zero"` for an all-zero row.
        dropout: Float in `[0, 1)`, share of the rows shown as unknown in training.
        **kwargs: Passed to `keras.layers.Layer`; `dtype` is always float32.

    Call arguments:
        inputs: Float or integer tensor of shape `(batch, 1)`.
        training: Boolean, whether `dropout` acts.

    Returns:
        Float32 tensor of shape `(batch, depth)`, with `depth` the size of the
        vocabulary, plus one with `unknown="code"`.

    Raises:
        ValueError: If the vocabulary is empty, repeats itself or is too large, if
            `unknown` is neither of the two, if `dropout` is outside its range, or if
            the input has more than one column.

    Source:
        `OneHotLayer` of hajohajo/TrainingFrameworkTrackDNN, whose depth 25 cannot
        hold the algorithms 25 and 26.
    """

    def __init__(self, vocabulary, unknown="code", dropout=0.0, **kwargs) -> None:
        kwargs["dtype"] = "float32"
        # Keras would cast 16777217 and small integers alike before we could look.
        kwargs.setdefault("autocast", False)
        super().__init__(**kwargs)
        self.vocabulary = tuple(int(value) for value in vocabulary)
        self.unknown = unknown
        self.dropout = float(dropout)
        self._check()
        if self.dropout > 0:
            self.seed_generator = keras.random.SeedGenerator()

    @property
    def depth(self):
        return len(self.vocabulary) + (self.unknown == "code")

    def build(self, input_shape):
        if input_shape[-1] != 1:
            raise ValueError(
                "The category must have one column. "
                f"Received: input_shape={tuple(input_shape)}"
            )
        self.built = True

    def call(self, inputs, training=False):
        value = ops.round(ops.cast(inputs, "float32"))
        vocabulary = np.array(self.vocabulary, np.float32)
        known = ops.cast(ops.equal(value, vocabulary), "float32")
        if training and self.dropout > 0:
            chance = keras.random.uniform(ops.shape(value), seed=self.seed_generator)
            known = known * ops.cast(chance >= self.dropout, "float32")
        if self.unknown == "zero":
            return known
        # A product, not a sum over the last axis: ONNX Runtime gives that a wrong shape
        # for a batch of no rows.
        ones = np.ones((len(self.vocabulary), 1), np.float32)
        unknown = 1.0 - ops.matmul(known, ones)
        return ops.concatenate([known, unknown], axis=-1)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.depth)

    def get_config(self):
        return {
            **super().get_config(),
            "vocabulary": list(self.vocabulary),
            "unknown": self.unknown,
            "dropout": self.dropout,
        }

    def _check(self):
        values = self.vocabulary
        if not values or len(set(values)) != len(values):
            raise ValueError(
                "`vocabulary` must hold at least one value, each once. "
                f"Received: vocabulary={values}"
            )
        if max(map(abs, values)) > LARGEST_VALUE:
            raise ValueError(
                f"`vocabulary` must stay within +-{LARGEST_VALUE}. "
                f"Received: {max(values, key=abs)}"
            )
        if self.unknown not in UNKNOWN:
            raise ValueError(
                f"`unknown` must be of {UNKNOWN}. Received: unknown={self.unknown!r}"
            )
        if not 0 <= self.dropout < 1:
            raise ValueError(
                f"`dropout` must be in [0, 1). Received: dropout={self.dropout}"
            )
