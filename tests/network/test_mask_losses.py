"""Losses of masks against loops, and at their edges."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from network.mask_losses import dice, intersect

RNG = np.random.default_rng(4)
LABEL = RNG.integers(0, 2, (6, 9)).astype("f4")
LOGIT = RNG.normal(0, 3, (6, 9)).astype("f4")
VALID = RNG.random((6, 9)) < 0.6
# A set without tokens, one without true tokens, one without false ones, a full one.
VALID[0], VALID[3] = False, True
LABEL[1], LABEL[2] = 0, 1
WEIGHT = RNG.uniform(0, 1, (6, 9)).astype("f4")
LOSSES = (intersect, dice)


def sets(label, logit, valid, weight):
    """Of each set, the tokens that exist: label, probability, weight."""
    for row in zip(label, logit, valid, weight, strict=True):
        yield [
            (y, 1 / (1 + math.exp(-z)), w)
            for y, z, here, w in zip(*(part.tolist() for part in row), strict=True)
            if here
        ]


def intersect_twin(label, logit, valid, weight, threshold):
    output = []
    for tokens in sets(label, logit, valid, weight):
        loss = 1.0
        for y, p, w in tokens:
            if p > threshold:
                loss += -w * p if y else w * p
        output.append(loss)
    return output


def dice_twin(label, logit, valid, smooth):
    output = []
    for tokens in sets(label, logit, valid, WEIGHT):
        overlap = sum(y * p for y, p, _ in tokens)
        size = sum(y + p for y, p, _ in tokens)
        output.append(1 - (2 * overlap + smooth) / (size + smooth))
    return output


@pytest.mark.parametrize("threshold", [0.0, 0.5, 0.8])
def test_intersect_equals_its_twin(threshold):
    found = intersect(LABEL, LOGIT, VALID, WEIGHT, threshold)

    expected = intersect_twin(LABEL, LOGIT, VALID, WEIGHT, threshold)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_tokens_of_a_set_share_the_weight_where_none_is_given():
    count = np.maximum(VALID.sum(axis=1, keepdims=True), 1)
    even = np.broadcast_to(1.0 / count, VALID.shape)

    expected = intersect_twin(LABEL, LOGIT, VALID, even, 0.5)
    np.testing.assert_allclose(intersect(LABEL, LOGIT, VALID), expected, atol=1e-6)


@pytest.mark.parametrize("smooth", [1.0, 0.1])
def test_dice_equals_its_twin(smooth):
    found = dice(LABEL, LOGIT, VALID, smooth)

    expected = dice_twin(LABEL, LOGIT, VALID, smooth)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("loss", LOSSES)
def test_everything_exists_where_nothing_is_said(loss):
    found = loss(LABEL, LOGIT)

    np.testing.assert_array_equal(found, loss(LABEL, LOGIT, np.ones_like(VALID)))


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("wild", [np.nan, np.inf, 1e9])
def test_padding_changes_neither_loss_nor_gradient(loss, wild):
    logit = tf.constant(np.where(VALID, LOGIT, np.float32(wild)))
    label = np.where(VALID, LABEL, np.float32(wild))

    with tf.GradientTape() as tape:
        tape.watch(logit)
        found = loss(label, logit, VALID)
        total = keras.ops.sum(found)
    slopes = np.asarray(tape.gradient(total, logit))

    np.testing.assert_array_equal(found, loss(LABEL, LOGIT, VALID))
    assert np.isfinite(slopes).all()
    assert not slopes[~VALID].any()
    assert slopes[VALID].any()


@pytest.mark.parametrize("loss", LOSSES)
def test_saturated_logits_are_finite(loss):
    logit = tf.constant(np.float32([[6e4, -6e4, 3e38, -3e38]] * 3))
    label = np.float32([[1, 1, 0, 0], [1, 0, 1, 0], [0, 0, 0, 0]])

    with tf.GradientTape() as tape:
        tape.watch(logit)
        found = loss(label, logit)
        total = keras.ops.sum(found)

    assert np.isfinite(found).all()
    assert np.isfinite(tape.gradient(total, logit)).all()


@pytest.mark.parametrize(("loss", "worst"), [(intersect, 2.0), (dice, 1.0)])
def test_right_masks_cost_nothing_and_wrong_ones_all(loss, worst):
    label = np.ones((1, 4000), "f4")

    assert float(loss(label, 60 * label)[0]) == pytest.approx(0.0, abs=1e-3)
    assert float(loss(0 * label, 60 * label)[0]) == pytest.approx(worst, abs=1e-3)


def test_half_precision_is_computed_in_float32():
    for loss in LOSSES:
        found = loss(LABEL.astype("f2"), LOGIT.astype("f2"), VALID)

        assert found.dtype == tf.float32
        np.testing.assert_allclose(found, loss(LABEL, LOGIT, VALID), atol=2e-3)
