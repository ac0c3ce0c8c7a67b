"""The contract that every layer keeps, and an input spec for networks."""

import inspect
import json

import numpy as np
import pytest

from network.inputs import InputSpec
from trackdnn.data.features import FEATURES


@pytest.fixture
def check_layer():
    """Value, shape, dtype, configuration and clone of any layer."""
    import keras

    def check(layer, *inputs, expected, rtol=0.0, atol=0.0):
        output = keras.ops.convert_to_numpy(layer(*inputs))
        np.testing.assert_allclose(output, expected, rtol=rtol, atol=atol)
        assert output.dtype == np.float32
        assert tuple(layer.compute_output_shape(inputs[0].shape)) == output.shape
        assert layer.weights == []

        config = layer.get_config()
        parameters = set(inspect.signature(type(layer).__init__).parameters)
        assert parameters - {"self", "kwargs"} <= set(config)
        assert json.loads(json.dumps(config)) == config
        clone = type(layer).from_config(config)
        assert clone.get_config() == config
        np.testing.assert_array_equal(clone(*inputs), output)

    return check


@pytest.fixture
def make_spec():
    """A function from a preset to the input spec of a network of that kind."""

    def make(preset, vocabulary=(4, 5, 7, 9), **changes):
        signed = [kind == "identity" for kind in preset.transforms]
        content = {
            "names": tuple(feature.name for feature in FEATURES),
            "units": tuple(feature.unit for feature in FEATURES),
            "transforms": preset.transforms,
            "lower": tuple(-10.0 if s else 0.0 for s in signed),
            "upper": (12.0,) * len(signed),
            "scales": (1.0,) * len(signed),
            "rescale": preset.ranges != "none",
            "vocabulary": preset.vocabulary or vocabulary,
        }
        return InputSpec(**(content | changes))

    return make


@pytest.fixture
def raw_tracks():
    """Raw inputs of 300 tracks: every scale, and rows of NaN, infinity and more."""
    rng = np.random.default_rng(3)
    features = rng.normal(size=(300, len(FEATURES)))
    features = (features * 10 ** rng.uniform(-4, 3, features.shape)).astype("f4")
    for row, value in enumerate([np.nan, np.inf, -np.inf, 3e38, -3e38, -99999.0, 0.0]):
        features[row] = value
    category = rng.choice([4, 5, 7, 9, 26], (300, 1)).astype("f4")
    category[:3, 0] = [np.nan, np.inf, -np.inf]
    return features, category
