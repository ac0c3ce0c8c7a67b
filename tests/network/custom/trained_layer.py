"""The contract of a layer with weights."""

import inspect
import json

import keras
import numpy as np


def randomize(layer, seed=5):
    """The same weights each time, without zeros, so that none can be forgotten."""
    rng = np.random.default_rng(seed)
    # A normalisation that mostly passes on what it gets, so that answers differ.
    layer.set_weights(
        [rng.normal(w.name == "gamma", 0.5, w.shape) for w in layer.weights]
    )
    return layer


def values(tensor):
    return keras.ops.convert_to_numpy(keras.ops.cast(tensor, "float32"))


def check_trained_layer(layer, *inputs, expected, half=0.1, atol=5e-6):
    """Value, shape, configuration, clone, symbolic call and half precision.

    `layer` has been called and has got its weights.
    """
    output = values(layer(*inputs))
    np.testing.assert_allclose(output, expected, atol=atol)
    wanted = inspect.signature(layer.compute_output_shape).parameters
    shapes = [given.shape for given in inputs[: len(wanted)]]
    assert tuple(layer.compute_output_shape(*shapes)) == output.shape
    config = layer.get_config()
    parameters = set(inspect.signature(type(layer).__init__).parameters)
    assert parameters - {"self", "kwargs"} <= set(config)
    assert json.loads(json.dumps(config)) == config
    stored = keras.saving.serialize_keras_object(layer)
    clone = keras.saving.deserialize_keras_object(stored)
    assert clone.get_config() == config

    symbols = [
        keras.Input((None, *given.shape[2:]), dtype=str(given.dtype))
        for given in inputs
    ]
    model = keras.Model(symbols, clone(*symbols))
    model.set_weights(layer.get_weights())
    assert model.outputs[0].dtype == "float32"
    assert len(model.outputs[0].shape) == output.ndim
    np.testing.assert_allclose(values(model(list(inputs))), output, atol=5e-6)

    mixed = type(layer).from_config({**config, "dtype": "mixed_bfloat16"})
    mixed(*inputs)
    mixed.set_weights(layer.get_weights())
    np.testing.assert_allclose(values(mixed(*inputs)), expected, atol=half)
