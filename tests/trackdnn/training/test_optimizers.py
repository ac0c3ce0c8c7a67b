"""Learning rates against the formula, and what weight decay leaves alone."""

import keras
import numpy as np
import pytest

from trackdnn.settings import Stage
from trackdnn.training.optimizers import FINAL_SHARE, learning_rate, optimizer


def rates(steps=100, **changes):
    stage = Stage(learning_rate=0.5, **changes)
    return np.array([learning_rate(stage, step, steps) for step in range(steps)])


def test_learning_rate_rises_linearly_through_the_warmup():
    np.testing.assert_allclose(rates(warmup=0.1)[:10], 0.05 * np.arange(1, 11))


def test_learning_rate_falls_as_the_cosine_of_keras():
    schedule = keras.optimizers.schedules.CosineDecay(0.5, 90, alpha=FINAL_SHARE)

    expected = [float(schedule(step)) for step in range(90)]

    np.testing.assert_allclose(rates(warmup=0.1)[10:], expected, rtol=1e-5)


def test_learning_rate_may_be_constant():
    np.testing.assert_array_equal(rates(schedule="constant", warmup=0.0), 0.5)


@pytest.mark.parametrize("steps", [1, 2])
def test_learning_rate_of_a_very_short_stage_is_positive(steps):
    assert np.all(rates(steps, warmup=0.9) > 0)


def test_weight_decay_leaves_offsets_and_normalisations_alone():
    model = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(4), keras.layers.LayerNormalization()]
    )
    model.set_weights([np.ones_like(weight) for weight in model.get_weights()])
    adamw = optimizer(Stage(learning_rate=0.1, weight_decay=0.5))
    adamw.build(model.trainable_variables)

    adamw.apply([0.0 * v.value for v in model.trainable_variables])

    changed = {v.name: not np.allclose(v.numpy(), 1) for v in model.weights}
    assert changed == {"kernel": True, "bias": False, "gamma": False, "beta": False}


def test_adam_decays_nothing():
    assert optimizer(Stage(optimizer="adam")).weight_decay is None
