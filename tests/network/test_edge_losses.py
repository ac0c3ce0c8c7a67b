"""Losses of edges against loops, and at their edges."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from network.edge_losses import (
    binary_focal,
    contrastive_edges,
    contrastive_particles,
    hard_negative_hinge,
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


def hard_twin(place, query, other, particle, event, margin):
    found = []
    for q in query:
        costs = []
        for n in other:
            distance2 = math.fsum((place[q].astype("f8") - place[n]) ** 2)
            apart = particle[q] != particle[n] and event[q] == event[n]
            if apart and distance2 < margin**2:
                costs.append(margin**2 - distance2)
        found.append(sum(costs))
    return found


def crowd(seed=5):
    """Nodes of two events, some nobody's, some at equal places."""
    rng = np.random.default_rng(seed)
    place = rng.normal(size=(40, 3)).astype("f4")
    place[5:9] = place[4]
    particle = rng.integers(0, 6, 40).astype("i4")
    query = np.flatnonzero(particle)[::2].astype("i4")
    other = rng.choice(40, 25, replace=False).astype("i4")
    return place, query, other, particle, np.repeat(np.int32([0, 1]), 20)


@pytest.mark.parametrize("margin", [0.1, 1.0, 9.0])
def test_hard_negative_hinge_equals_its_twin(margin):
    found = hard_negative_hinge(*crowd(), margin)

    expected = hard_twin(*crowd(), margin)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    assert max(expected) > 0


def test_hard_negative_hinge_pushes_others_away_and_nothing_else():
    place = np.float32([[0, 0], [0.5, 0], [0.1, 0], [0, 0.2], [3, 0]])
    particle, event = np.int32([1, 0, 1, 2, 2]), np.int32([0, 0, 0, 1, 0])
    query, other = np.int32([0]), np.arange(5, dtype="i4")

    slopes = gradient(
        lambda x: hard_negative_hinge(x, query, other, particle, event, 1.0), place
    )

    # Only node 1 is of another particle, of the same event and within the margin.
    np.testing.assert_allclose(slopes[:, 0], [1, -1, 0, 0, 0], atol=1e-6)
    np.testing.assert_allclose(slopes[:, 1], 0, atol=1e-6)


def test_hard_negative_hinge_at_one_place_far_out_is_that_of_the_margin():
    place = np.full((6, 4), 123.456, "f4")
    one, event = np.arange(6, dtype="i4"), np.zeros(6, "i4")
    given = (one, one, one, event, 0.01)

    found = hard_negative_hinge(place, *given)

    # Five others, each at a distance that rounding must not make negative.
    assert (np.asarray(found) <= 5.001e-4).all()
    slopes = gradient(lambda x: hard_negative_hinge(x, *given), place)
    assert np.isfinite(slopes).all()


@pytest.mark.parametrize(("queries", "others"), [(0, 4), (3, 0), (0, 0)])
def test_hard_negative_hinge_without_pairs_is_zero(queries, others):
    place, query, other, particle, event = crowd()
    given = (query[:queries], other[:others] * 0, particle * 0 + 1, event)

    found = hard_negative_hinge(place, *given)

    np.testing.assert_array_equal(found, np.zeros(queries))
    slopes = gradient(lambda x: hard_negative_hinge(x, *given), place)
    np.testing.assert_array_equal(slopes, 0)


def particles_twin(score, edge, particle, count, temperature):
    losses, found = [0.0] * count, [0] * count
    for k in range(count):
        positives, negatives = [], []
        for s, (i, j) in zip(score.tolist(), edge.T.tolist(), strict=True):
            ends = [particle[i], particle[j]].count(k)
            if ends == 1:
                negatives.append(math.exp(s / temperature))
            elif ends == 2 and i != j:
                positives.append(math.exp(s / temperature))
        costs = [-math.log(p / (p + sum(negatives))) for p in positives]
        losses[k], found[k] = sum(costs) / max(len(costs), 1), len(costs)
    return losses, found


def contrastive_twin(score, edge, particle, weight, temperature):
    given = (score, edge, particle, len(weight), temperature)
    total = all_weight = 0.0
    for own_weight, loss, found in zip(
        weight.tolist(), *particles_twin(*given), strict=True
    ):
        if found:
            total += own_weight * loss
            all_weight += own_weight
    return total / all_weight if all_weight else 0.0


@pytest.mark.parametrize("temperature", [0.3, 1.0])
def test_contrastive_particles_equal_their_twin(temperature):
    rng = np.random.default_rng(7)
    # The particles beyond the fifth are counted as none, the sixth has no hits.
    particle = rng.choice([-1, 0, 1, 2, 3, 4, 6, 7], 30).astype("i4")
    edge = rng.integers(0, 30, (2, 150)).astype("i4")
    score = np.tanh(rng.normal(size=150)).astype("f2")
    given = (edge, particle, 6, temperature)

    loss, found = contrastive_particles(score, *given)

    expected, expected_found = particles_twin(score, *given)
    np.testing.assert_allclose(loss, expected, rtol=1e-5)
    np.testing.assert_array_equal(found, expected_found)
    assert loss.dtype == found.dtype == tf.float32
    assert max(expected_found) > 1
    assert expected_found[5] == 0


def test_contrastive_particles_take_a_number_of_particles_from_a_tensor():
    edge = np.array([[0, 1, 2], [1, 2, 3]], "i4")
    score, particle = np.float32([0.5, 0.25, 0.0]), np.array([0, 0, 1, 1], "i4")
    known = contrastive_particles(score, edge, particle, 2)

    traced = tf.function(contrastive_particles)(score, edge, particle, tf.constant(2))

    np.testing.assert_allclose(traced, known, rtol=1e-6)


@pytest.mark.parametrize("count", [0, 3])
def test_contrastive_particles_without_edges_are_zero(count):
    none, hits = np.zeros((2, 0), "i4"), np.array([0, 0, 1], "i4")

    loss, found = contrastive_particles(np.float32([]), none, hits, count)

    np.testing.assert_array_equal(loss, np.zeros(count))
    np.testing.assert_array_equal(found, np.zeros(count))


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
