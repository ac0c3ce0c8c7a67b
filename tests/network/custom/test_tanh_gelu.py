"""tanh_gelu against its formula."""

import math

import keras
import numpy as np

from network.custom.tanh_gelu import tanh_gelu


def test_tanh_gelu_equals_its_formula():
    x = np.linspace(-5, 5, 101)
    expected = [
        v / 2 * (1 + math.tanh(math.sqrt(2 / math.pi) * (v + 0.044715 * v**3)))
        for v in x
    ]

    found = tanh_gelu(keras.ops.convert_to_tensor(x, "float32"))

    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_tanh_gelu_survives_a_configuration():
    layer = keras.layers.Activation(tanh_gelu)

    clone = keras.layers.Activation.from_config(layer.get_config())

    assert clone.activation is tanh_gelu
