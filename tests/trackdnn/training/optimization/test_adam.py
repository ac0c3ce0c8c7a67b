"""The one operation gives what the recursion of the paper gives."""

import numpy as np
import pytest

from trackdnn.training.optimization.adam import Adam, AdamW

# The kernel's numbers are float32.
B1, B2, EPSILON = *map(float, np.array([0.9, 0.999], "f4")), 1e-7


def slow_twin(start, rates, gradients, decay):
    """Algorithm 1 of the paper, with decoupled decay, weight by weight in float64."""
    found = []
    for place, values in enumerate(start):
        x = values.astype("f8")
        m = v = np.zeros_like(x)
        for step, rate in enumerate(rates, start=1):
            g = gradients[step - 1][place].astype("f8")
            m = B1 * m + (1 - B1) * g
            v = B2 * v + (1 - B2) * g * g
            # As TensorFlow and Keras: epsilon before the correction of v.
            length = float(rate) * np.sqrt(1 - B2**step) / (1 - B1**step)
            x = x - float(rate) * decay * x - length * m / (np.sqrt(v) + EPSILON)
        found.append(x)
    return found


@pytest.mark.parametrize("graph", [False, True])
@pytest.mark.parametrize(("kind", "decay"), [(Adam, None), (AdamW, 0.1)])
def test_adam_equals_its_slow_twin(
    kind, decay, graph, weights, rates, gradients, variables, follow
):
    wanted = slow_twin(weights, 0.01 * rates, gradients, decay or 0.0)
    pair = variables(weights)
    optimizer = kind(weight_decay=decay, epsilon=EPSILON)
    optimizer.build(pair)

    found = follow(optimizer, pair, 0.01 * rates, gradients, graph=graph)

    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-6)


def test_amsgrad_is_that_of_keras(weights, rates, gradients, variables, follow):
    import keras

    pair, theirs = variables(weights), variables(weights)
    optimizer = Adam(amsgrad=True)
    other = keras.optimizers.Adam(1.0, amsgrad=True)
    for one, each in ((optimizer, pair), (other, theirs)):
        one.build(each)

    found = follow(optimizer, pair, 0 * rates + 1, gradients[: len(rates)])

    for one in gradients[: len(rates)]:
        other.apply(one, theirs)
    for one, variable in zip(found, theirs, strict=True):
        np.testing.assert_allclose(one, variable.numpy(), rtol=0, atol=1e-6)
