"""Every layer and every network on a second Keras backend."""

import importlib.util
import json
import os
import subprocess
import sys
import types
from pathlib import Path

import keras
import numpy as np
import pytest

from network.builder import ModelBuilder
from network.presets import PRESETS

ROOT = Path(__file__).parents[2]
BACKENDS = [
    pytest.param(
        name,
        marks=pytest.mark.skipif(
            importlib.util.find_spec(name) is None, reason=f"{name} is not installed"
        ),
    )
    for name in ("jax", "torch")
]
SCRIPT = """
import json, sys, types
import keras, numpy as np
from network.builder import ModelBuilder
from network.inputs import InputSpec
from tests.network.test_backends import OUR_LAYERS
folder = sys.argv[1]
data = np.load(f"{folder}/data.npz")
inputs = [data["features"], data["category"]]
results = {"backend": np.array(keras.backend.backend())}
for name, text in json.load(open(f"{folder}/specs.json")).items():
    choice = types.SimpleNamespace(architecture=name, options={})
    model = ModelBuilder(choice).build(InputSpec.from_json(text))
    model.set_weights([data[f"{name}_{i}"] for i in range(len(model.weights))])
    results[name] = keras.ops.convert_to_numpy(model(inputs))
    for layer in OUR_LAYERS:
        if layer in {l.name for l in model.layers}:
            given = inputs[layer == "one_hot"]
            output = model.get_layer(layer)(given)
            results[f"{name}.{layer}"] = keras.ops.convert_to_numpy(output)
np.savez(f"{folder}/results.npz", **results)
"""
# InputSanitizer, OneHot and TrackKinematics; tanh_gelu is a function of Keras alone.
OUR_LAYERS = ("sanitizer", "one_hot", "kinematics")


@pytest.mark.parametrize("backend", BACKENDS)
def test_layers_and_networks_agree_on_a_second_backend(
    backend, make_spec, raw_tracks, tmp_path
):
    expected, arrays, specs = {}, {}, {}
    for name in PRESETS:
        keras.utils.set_random_seed(3)
        spec = make_spec(PRESETS[name])
        choice = types.SimpleNamespace(architecture=name, options={})
        model = ModelBuilder(choice).build(spec)
        specs[name] = spec.to_json()
        arrays |= {f"{name}_{i}": w for i, w in enumerate(model.get_weights())}
        expected[name] = np.asarray(model(list(raw_tracks)))
        for layer in {layer.name for layer in model.layers} & set(OUR_LAYERS):
            output = model.get_layer(layer)(raw_tracks[layer == "one_hot"])
            expected[f"{name}.{layer}"] = np.asarray(output)
    np.savez(
        tmp_path / "data.npz", features=raw_tracks[0], category=raw_tracks[1], **arrays
    )
    (tmp_path / "specs.json").write_text(json.dumps(specs))

    subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "KERAS_BACKEND": backend},
        check=True,
    )

    results = np.load(tmp_path / "results.npz")
    assert str(results["backend"]) == backend
    assert set(results) == {*expected, "backend"}
    for name, value in expected.items():
        np.testing.assert_allclose(results[name], value, atol=3e-6, err_msg=name)
