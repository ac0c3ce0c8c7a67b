"""Losses of masks: which tokens of a set belong to one object.

Each takes a batch of sets, gives one loss per set, computes in float32, and is finite,
with a finite gradient, for sets without tokens, without true ones, and for saturated
logits. What does not exist changes nothing, whatever its logit is.
"""

from __future__ import annotations

from keras import ops

from network.custom.without_padding import without_padding


def intersect(label, logit, valid=None, weight=None, threshold=0.5):
    """Rewards tokens that are chosen rightly, punishes those chosen wrongly.

    With `p = sigmoid(logit)`, a token is chosen where `p > threshold`; true tokens that
    are not chosen count nothing. With weights `w` (1 / tokens by default)::

        loss = 1 - sum over chosen and true of w p + sum over chosen and false of w p

    Args:
        label: Tensor of shape `(batch, tokens)`, 1 for a token of the object, else 0.
        logit: Float tensor of shape `(batch, tokens)`.
        valid: Boolean tensor of shape `(batch, tokens)`, true where a token exists;
            `None` for all.
        weight: Float tensor of shape `(batch, tokens)`; `None` for one over the number
            of tokens of the set.
        threshold: Float from 0 to 1.

    Returns:
        Float32 tensor of shape `(batch,)`, from 0 to 2 with the weights of `None`.

    Source:
        `intersect_loss` of mieskolainen/hypertrack (arXiv:2309.14113).
    """
    y, probability, exists = _prepared(label, logit, valid)
    if weight is None:
        count = ops.maximum(ops.sum(exists, axis=1, keepdims=True), 1.0)
        weight = exists / count
    else:
        weight = _flat(ops.cast(weight, "float32"), valid)
    chosen = ops.cast(probability > threshold, "float32")
    gain = weight * chosen * (2.0 * y - 1.0) * probability
    return 1.0 - ops.sum(gain, axis=1)


def dice(label, logit, valid=None, smooth=1.0):
    """One minus twice the overlap over the sizes of the chosen and of the true set.

    With `p = sigmoid(logit)` and label `y`, sums over the tokens that exist::

        loss = 1 - (2 sum of p y + smooth) / (sum of p + sum of y + smooth)

    Args:
        label: Tensor of shape `(batch, tokens)`, 1 for a token of the object, else 0.
        logit: Float tensor of shape `(batch, tokens)`.
        valid: Boolean tensor of shape `(batch, tokens)`, true where a token exists;
            `None` for all.
        smooth: Positive float, which keeps the loss finite for empty sets.

    Returns:
        Float32 tensor of shape `(batch,)`, from 0 to 1.

    Source:
        F. Milletari et al., "V-Net" (2016), section 3, with plain sums below the line.
    """
    y, probability, exists = _prepared(label, logit, valid)
    overlap = ops.sum(probability * y, axis=1)
    size = ops.sum(exists * (probability + y), axis=1)
    return 1.0 - (2.0 * overlap + smooth) / (size + smooth)


def _prepared(label, logit, valid):
    """Labels, probabilities and what exists, in float32, zero where nothing does."""
    y = _flat(ops.cast(label, "float32"), valid)
    exists = _flat(ops.ones_like(y), valid)
    probability = ops.sigmoid(_flat(ops.cast(logit, "float32"), valid))
    return y, probability, exists


def _flat(values, valid):
    return ops.squeeze(without_padding(ops.expand_dims(values, -1), valid), -1)
