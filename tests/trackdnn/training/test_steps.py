"""The compiled steps against Keras, one step at a time."""

import keras
import numpy as np
import pytest

from network.losses import loss
from trackdnn.training.columns import Columns
from trackdnn.training.steps import SingleDevicePass, WeightAverage

SIZE = 37
BOUNDS = np.array([0, 13, 25, 37], "i4")


def regression():
    keras.utils.set_random_seed(1)
    inputs = [keras.Input((3,)), keras.Input((1,))]
    x = keras.layers.Concatenate()(inputs)
    return keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(x))


@pytest.fixture
def columns():
    rng = np.random.default_rng(1)
    return Columns(
        features=rng.normal(size=(SIZE, 3)).astype("f4"),
        category=rng.normal(size=(SIZE, 1)).astype("f4"),
        label=(rng.random((SIZE, 1)) < 0.5).astype("f4"),
        weight=rng.uniform(0.5, 1.5, SIZE).astype("f4"),
    )


def twin(columns, weights, rows, rates):
    """Logistic regression by gradient descent, one batch at a time, in float64."""
    kernel, bias = (weight.astype("f8") for weight in weights)
    losses = []
    for start, stop, rate in zip(BOUNDS[:-1], BOUNDS[1:], rates, strict=True):
        x, c, y, w = (array[rows[start:stop]] for array in columns.arrays())
        x = np.concatenate([x, c], axis=1)
        p = 1 / (1 + np.exp(-(x @ kernel + bias)))
        losses.append(-np.mean(w[:, None] * np.log(np.where(y > 0, p, 1 - p))))
        slope = w[:, None] * (p - y) / len(w)
        kernel, bias = kernel - rate * (x.T @ slope), bias - rate * slope.sum(axis=0)
    return losses, [kernel, bias]


def test_steps_equal_their_twin(columns):
    rows = np.random.default_rng(2).permutation(SIZE).astype("i4")
    rates = np.array([0.1, 0.05, 0.02], "f4")
    network = regression()
    expected, weights = twin(columns, network.get_weights(), rows, rates)
    optimizer = keras.optimizers.SGD(1.0)
    optimizer.build(network.trainable_variables)
    inner = SingleDevicePass(
        network, optimizer, loss("binary_crossentropy"), columns, None
    )

    losses = inner.run(rows, BOUNDS, rates)

    np.testing.assert_allclose(losses, expected, rtol=1e-5)
    for found, wanted in zip(network.get_weights(), weights, strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-6)


def test_average_follows_its_recursion():
    network = regression()
    average = WeightAverage(network, 0.5)
    kernel = network.trainable_variables[0]
    expected, start = kernel.numpy(), kernel.numpy()

    for step, factor in enumerate((2.0, 3.0, -1.0), start=1):
        kernel.assign(factor * start)
        average.update()
        momentum = min(0.5, (1 + step) / (10 + step))
        expected = momentum * expected + (1 - momentum) * factor * start

    average.swap()
    np.testing.assert_allclose(kernel.numpy(), expected, rtol=1e-5)


def test_average_swaps_back_exactly():
    network = regression()
    average = WeightAverage(network, 0.9)
    raw = [v.numpy() for v in network.trainable_variables]

    average.update()
    average.swap()
    average.swap()

    for before, variable in zip(raw, network.trainable_variables, strict=True):
        np.testing.assert_array_equal(before, variable.numpy())
