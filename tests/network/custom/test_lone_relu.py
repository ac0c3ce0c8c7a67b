"""ReLU as a maximum: the same numbers, and a quiet graph optimiser."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from network.custom.lone_relu import lone_relu

ROOT = Path(__file__).parents[3]
RESIDUAL = """
import keras
import tensorflow as tf
from network.custom.lone_relu import lone_relu

x = keras.Input((4,))
sums = keras.layers.Add()([x, keras.layers.Dense(4)(x)])
model = keras.Model(x, keras.layers.Activation(ACTIVATION)(sums))
tf.function(lambda rows: model(rows, training=False))(tf.ones((2, 4)))
"""


def complaints(activation):
    """Lines in which TensorFlow's graph optimiser says that it failed."""
    done = subprocess.run(
        [sys.executable, "-c", RESIDUAL.replace("ACTIVATION", activation)],
        cwd=ROOT,
        env={**os.environ, "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "0"},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = done.stderr.splitlines()
    return [line for line in lines if line.startswith("E") and "optimizer" in line]


def test_lone_relu_equals_a_loop():
    x = np.float32([[-np.inf, -3.5, -0.0, 0.0, 1e-30, 2.5, np.inf]])

    found = np.asarray(lone_relu(x))

    expected = [[value if value > 0 else 0.0 for value in row] for row in x.tolist()]
    np.testing.assert_array_equal(found, np.float32(expected))


def test_tensorflow_leaves_a_lone_relu_behind_a_sum_alone():
    assert complaints("lone_relu") == []
