"""The compiled steps against Keras, one step at a time."""

import keras
import numpy as np
import pytest

from network.losses import loss
from tests.trackdnn.training.conftest import make_graphs
from trackdnn.data.batches.buffers import Chunk
from trackdnn.settings import OptimizerSettings, Stage
from trackdnn.training.objective import Objective, Term
from trackdnn.training.optimization.make import make_optimizer
from trackdnn.training.steps import SingleDevicePass, Step

SIZE = 37
BOUNDS = np.array([0, 13, 25, 37], "i4")


def regression():
    keras.utils.set_random_seed(1)
    inputs = [keras.Input((3,), name="features"), keras.Input((1,), name="category")]
    x = keras.layers.Concatenate()(inputs)
    return keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(x))


@pytest.fixture
def chunk():
    rng = np.random.default_rng(1)
    return Chunk(
        features=rng.normal(size=(SIZE, 3)).astype("f4"),
        category=rng.normal(size=(SIZE, 1)).astype("f4"),
        label=(rng.random((SIZE, 1)) < 0.5).astype("f4"),
        weight=rng.uniform(0.5, 1.5, SIZE).astype("f4"),
        bounds=BOUNDS,
        sizes=np.diff(BOUNDS).astype("f4"),
    )


def twin(chunk, weights, rates):
    """Logistic regression by gradient descent, one batch at a time, in float64."""
    kernel, bias = (weight.astype("f8") for weight in weights)
    losses = []
    for step, rate in enumerate(rates):
        rows = slice(BOUNDS[step], BOUNDS[step + 1])
        x, c, y, w = (array[rows] for array in chunk.columns().values())
        size = chunk.sizes[step]
        x = np.concatenate([x, c], axis=1)
        p = 1 / (1 + np.exp(-(x @ kernel + bias)))
        losses.append(-np.sum(w[:, None] * np.log(np.where(y > 0, p, 1 - p))) / size)
        slope = w[:, None] * (p - y) / size
        kernel, bias = kernel - rate * (x.T @ slope), bias - rate * slope.sum(axis=0)
    return losses, [kernel, bias]


def make_pass(network, name, **options):
    optimizer = make_optimizer(OptimizerSettings(name=name))
    optimizer.build(network.trainable_variables)
    step = Step(
        objective=Objective(network, [Term(loss("binary_crossentropy"))]),
        optimizer=optimizer,
        variables=network.trainable_variables,
        **options,
    )
    return SingleDevicePass(step)


@pytest.mark.parametrize(("parts", "lanes"), [(1, 1), (3, 1), (50, 1), (1, 5), (3, 2)])
@pytest.mark.parametrize("padding", [0, 4])
def test_steps_equal_their_twin(chunk, padding, parts, lanes):
    # Padding has no weight and does not count; nor do the parts and lanes of a batch,
    # some of which are larger than others, or empty.
    chunk.weight[SIZE - padding :] = 0
    chunk.sizes[-1] -= padding
    rates = np.array([0.1, 0.05, 0.02], "f4")
    network = regression()
    expected, weights = twin(chunk, network.get_weights(), rates)
    inner = make_pass(network, "sgd", parts=parts, lanes=lanes)

    losses = inner.run(chunk, rates)

    np.testing.assert_allclose(losses, expected, rtol=1e-5)
    for found, wanted in zip(network.get_weights(), weights, strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-6)


@pytest.mark.parametrize("parts", [1, 4])
def test_gradient_is_clipped_by_the_norm_of_all_weights(chunk, parts):
    network = regression()
    before = network.get_weights()
    inner = make_pass(network, "sgd", parts=parts, clip=0.01)

    inner.run(chunk, np.ones(1, "f4"))

    moved = [new - old for new, old in zip(network.get_weights(), before, strict=True)]
    assert np.sqrt(sum((one**2).sum() for one in moved)) == pytest.approx(
        0.01, rel=1e-4
    )
    free = regression()
    make_pass(free, "sgd").run(chunk, np.ones(1, "f4"))
    whole = [new - old for new, old in zip(free.get_weights(), before, strict=True)]
    norm = np.sqrt(sum((one**2).sum() for one in whole))
    for one, other in zip(moved, whole, strict=True):
        np.testing.assert_allclose(one, other * 0.01 / norm, atol=1e-6)


def test_small_gradient_is_not_clipped(chunk):
    free, clipped = regression(), regression()
    make_pass(free, "sgd").run(chunk, np.ones(3, "f4"))
    make_pass(clipped, "sgd", clip=1e6).run(chunk, np.ones(3, "f4"))

    for one, other in zip(free.get_weights(), clipped.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-7)


def edge_twin(graphs, network):
    """Loss and gradient of a batch of graphs, one graph after the other."""
    import tensorflow as tf

    count = sum(len(one["edge"]) for one in graphs)
    total, sums = 0.0, [np.zeros(one.shape) for one in network.trainable_variables]
    for one in graphs:
        with tf.GradientTape() as tape:
            score = network([one["node"], one["edge"]])
            losses = loss("binary_crossentropy")(one["true_edge"], score)
            part = tf.reduce_sum(one["edge_weight"] * losses) / count
        total += float(part)
        for sum_, more in zip(
            sums, tape.gradient(part, network.trainable_variables), strict=True
        ):
            sum_ += more.numpy()
    return total, sums


@pytest.mark.parametrize(("parts", "lanes"), [(1, 1), (2, 1), (5, 1), (1, 3)])
def test_steps_on_graphs_equal_their_twin(edges, parts, lanes):
    build, task = edges
    network, [stage] = build(), [Stage(batch_size=3)]
    before = network.get_weights()
    graphs = list(make_graphs(1, 0))[:3]
    wanted, gradients = edge_twin(graphs, network)
    optimizer = make_optimizer(OptimizerSettings(name="sgd"))
    optimizer.build(network.trainable_variables)
    step = Step(
        objective=Objective(network, task.terms(stage)),
        optimizer=optimizer,
        variables=network.trainable_variables,
        parts=parts,
        lanes=lanes,
    )
    [chunk] = task.batches(1, stage, 1).epochs(1)

    # The other batches of the chunk take no step.
    losses = SingleDevicePass(step).run(chunk, np.array([1.0, 0, 0], "f4"))

    assert losses[0] == pytest.approx(wanted, rel=1e-5)
    moved = [a - b for a, b in zip(before, network.get_weights(), strict=True)]
    for one, other in zip(moved, gradients, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
