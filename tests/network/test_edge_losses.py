"""Losses of edges against loops, and at their edges."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from network.edge_losses import (
    binary_focal,
    contrastive_edges,
    hinge_embedding,
    hinge_embedding_mean,
    negatives_per_positive,
    squared_distance,
)

RNG = np.random.default_rng(4)


def gradient(loss, at):
    """Gradient of the sum of a loss at some numbers."""
    x = tf.constant(at)
    with tf.GradientTape() as tape:
        tape.watch(x)
        total = keras.ops.sum(loss(x))
    return np.asarray(tf.convert_to_tensor(tape.gradient(total, x)))


def slope(loss, at, step=1e-2):
    """The same by differences."""
    found = []
    for place in range(len(at)):
        ends = [at.copy(), at.copy()]
        ends[0][place] -= step
        ends[1][place] += step
        low, high = (float(keras.ops.sum(loss(end))) for end in ends)
        found.append((high - low) / (2 * step))
    return found


@pytest.mark.parametrize(("gamma", "weight"), [(0.0, 1.0), (1.0, 4.0), (2.5, 0.5)])
def test_binary_focal_equals_its_twin(gamma, weight):
    label = RNG.integers(0, 2, 40).astype("f4")
    logit = RNG.normal(0, 3, 40).astype("f4")
    expected = []
    for y, z in zip(label.tolist(), logit.tolist(), strict=True):
        p = 1 / (1 + math.exp(-z))
        right, factor = (p, weight) if y else (1 - p, 1.0)
        expected.append(-factor * (1 - right) ** gamma * math.log(right))

    found = binary_focal(label, logit, gamma, weight)

    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("gamma", [0.0, 1.0, 2.0])
@pytest.mark.parametrize("size", [100.0, 6e4, 1e30])
def test_binary_focal_is_finite_where_logits_are_saturated(gamma, size):
    logit, label = np.float32([size, -size, size, -size]), np.float32([1, 1, 0, 0])

    found = np.asarray(binary_focal(label, logit, gamma))

    np.testing.assert_allclose(found, [0, size, size, 0], rtol=1e-6)
    slopes = gradient(lambda z: binary_focal(label, z, gamma), logit)
    np.testing.assert_allclose(slopes, [0, -1, 1, 0], atol=1e-6)


def test_binary_focal_computes_half_precision_in_float32():
    found = binary_focal(np.float16([1]), np.float16([-60000]))

    assert found.dtype == tf.float32
    np.testing.assert_allclose(found, [60000], rtol=1e-3)


def test_negatives_per_positive_counts():
    label = np.float32([1, 0, 0, 0, 1, 0])

    assert float(negatives_per_positive(label)) == 2.0
    weight = np.float32([1, 1, 1, 0, 0, 1])
    assert float(negatives_per_positive(label, weight)) == 3.0


@pytest.mark.parametrize("label", [[], [0, 0], [1, 1, 1]])
def test_negatives_per_positive_is_one_without_a_class(label):
    assert float(negatives_per_positive(np.float32(label))) == 1.0


def test_squared_distance_equals_its_twin():
    place = RNG.normal(size=(6, 3)).astype("f4")
    pair = RNG.integers(0, 6, (2, 20)).astype("i4")
    expected = [
        sum((a - b) ** 2 for a, b in zip(place[i], place[j], strict=True))
        for i, j in pair.T
    ]

    np.testing.assert_allclose(squared_distance(place, pair), expected, rtol=1e-5)


def test_squared_distance_of_equal_places_has_a_finite_gradient():
    pair = np.array([[0, 0], [1, 0]], "i4")

    found = gradient(lambda x: squared_distance(x, pair), np.ones((2, 3), "f4"))

    np.testing.assert_array_equal(found, 0.0)


def hinge_twin(label, distance2, margin):
    return [
        d2 if y else max(0.0, margin * margin - d2)
        for y, d2 in zip(label.tolist(), distance2.tolist(), strict=True)
    ]


def test_hinge_embedding_equals_its_twin():
    label = RNG.integers(0, 2, 40).astype("f4")
    distance2 = RNG.uniform(0, 0.03, 40).astype("f4")

    found = hinge_embedding(label, distance2, margin=0.1)

    np.testing.assert_allclose(found, hinge_twin(label, distance2, 0.1), atol=1e-7)


@pytest.mark.parametrize("label", [[0, 1, 1, 0, 0], [0, 0, 0, 0, 0], [1] * 5, []])
def test_hinge_embedding_mean_equals_its_twin(label):
    label = np.float32(label)
    distance2 = RNG.uniform(0, 2, len(label)).astype("f4")
    loss = np.array(hinge_twin(label, distance2, 1.0))
    expected = 0.0
    for of_class, factor in ((label == 0, 1.0), (label == 1, 3.0)):
        if of_class.any():
            expected += factor * loss[of_class].mean()

    found = hinge_embedding_mean(label, distance2, 1.0, positive_weight=3.0)

    np.testing.assert_allclose(found, expected, rtol=1e-5)
    slopes = gradient(lambda d2: hinge_embedding_mean(label, d2), distance2)
    assert np.isfinite(slopes).all()


def contrastive_twin(score, edge, particle, weight, temperature):
    total = all_weight = 0.0
    for k, own_weight in enumerate(weight.tolist()):
        positives, negatives = [], []
        for s, (i, j) in zip(score.tolist(), edge.T.tolist(), strict=True):
            ends = [particle[i], particle[j]].count(k)
            if ends == 1:
                negatives.append(math.exp(s / temperature))
            elif ends == 2 and i != j:
                positives.append(math.exp(s / temperature))
        if positives:
            costs = [-math.log(p / (p + sum(negatives))) for p in positives]
            total += own_weight * sum(costs) / len(costs)
            all_weight += own_weight
    return total / all_weight if all_weight else 0.0


@pytest.mark.parametrize("seed", range(2))
def test_contrastive_edges_equal_their_twin(seed):
    rng = np.random.default_rng(seed)
    particle = rng.integers(-1, 5, 20).astype("i4")
    edge = rng.integers(0, 20, (2, 90)).astype("i4")
    score = np.tanh(rng.normal(size=90)).astype("f4")
    weight = rng.uniform(0, 1, 5).astype("f4")
    given = (edge, particle, weight, 0.3)

    found = contrastive_edges(score, *given)

    np.testing.assert_allclose(found, contrastive_twin(score, *given), rtol=1e-5)
    slopes = gradient(lambda s: contrastive_edges(s, *given), score)
    expected = slope(lambda s: contrastive_edges(s, *given), score)
    np.testing.assert_allclose(slopes, expected, atol=2e-4)
    assert np.abs(slopes).max() > 1e-3


@pytest.mark.parametrize(
    ("particle", "edge", "weight"),
    [
        ([-1, -1, -1], [[0, 1, 2], [1, 2, 2]], [1.0, 1.0]),
        ([0, 1, 2], [[0, 1, 2], [1, 2, 2]], [1.0, 1.0, 1.0]),
        ([0, 0, 1], [[], []], [1.0, 1.0]),
        ([0, 0, 1], [[0, 1], [1, 2]], [0.0, 1.0]),
        ([5, 5, -7], [[0, 1], [1, 2]], [1.0]),
        ([-1, -1], [[0], [1]], []),
        ([], [[], []], []),
    ],
    ids=["noise", "no true edge", "no edge", "no weight", "unknown", "none", "empty"],
)
def test_contrastive_edges_are_zero_without_a_true_edge(particle, edge, weight):
    edge, particle = np.array(edge, "i4"), np.array(particle, "i4")
    weight, score = np.float32(weight), np.full(edge.shape[1], 0.5, "f4")

    def loss(score):
        return contrastive_edges(score, edge, particle, weight)

    assert float(loss(score)) == 0.0
    assert not gradient(loss, score).any()


def test_contrastive_edges_cost_nothing_without_false_edges():
    edge, particle = np.array([[0, 1], [1, 0]], "i4"), np.array([0, 0], "i4")

    assert float(contrastive_edges(np.float32([3, -3]), edge, particle, [1.0])) == 0.0


@pytest.mark.parametrize("size", [1e3, 1e30])
def test_contrastive_edges_are_finite_where_scores_are_large(size):
    edge = np.array([[0, 1, 0, 1], [1, 0, 2, 2]], "i4")
    given = (edge, np.array([0, 0, 1], "i4"), np.float32([1, 1]))
    score = np.float32([-size, size, size, -size])

    assert np.isfinite(contrastive_edges(score, *given))
    slopes = gradient(lambda s: contrastive_edges(s, *given), score)
    assert np.isfinite(slopes).all()
