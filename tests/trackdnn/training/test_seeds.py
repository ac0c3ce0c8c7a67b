"""Two replicas draw different masks, and the same ones again after a restart."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
SCRIPT = """
import keras
import numpy as np
import tensorflow as tf
from trackdnn.settings import LocalSettings
from trackdnn.training import devices
from trackdnn.training.seeds import spread_seeds
from trackdnn.training.team import Team

strategy = devices.choose_strategy(LocalSettings(logical_cpus=2))
team = Team(strategy)
keras.utils.set_random_seed(1)
with strategy.scope():
    inputs = keras.Input((64,))
    model = keras.Model(inputs, keras.layers.Dropout(0.5)(inputs))

@tf.function
def draw():
    return strategy.run(lambda: model(tf.ones((1, 64)), training=True))

def masks(count):
    found = [strategy.experimental_local_results(draw()) for _ in range(count)]
    return np.array([[one.numpy() for one in both] for both in found])

first, second = masks(1)[0]
assert (first == second).all()  # as Keras does it
kept = [variable.numpy() for variable in model.variables]
spread_seeds(team, model)
wanted = masks(3)
assert all((one != other).any() for one, other in wanted)
# A restart: all replicas get what the first one had.
for variable, value in zip(model.variables, kept):
    variable.assign(value)
spread_seeds(team, model)
found = masks(2)
spread_seeds(team, model)
np.testing.assert_array_equal(np.concatenate([found, masks(1)]), wanted)
print("apart")
"""


def test_replicas_draw_masks_of_their_own():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip() == "apart"
