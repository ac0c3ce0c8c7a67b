"""Attention and its losses on another Keras backend, and in ONNX Runtime."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.network.attention_cases import call_layers, call_losses, layer_cases

ROOT = Path(__file__).parents[2]
SCRIPT = """
import sys
import jax, keras, numpy as np
from tests.network.attention_cases import call_layers, call_losses
run = lambda calls: jax.jit(calls)()
results, _ = call_layers(dict(np.load(f"{sys.argv[1]}/weights.npz")), run)
backend = np.array(keras.backend.backend())
np.savez(f"{sys.argv[1]}/results.npz", backend=backend, **results, **call_losses(run))
"""


@pytest.mark.skipif(
    importlib.util.find_spec("jax") is None, reason="jax is not installed"
)
def test_layers_and_losses_agree_on_a_second_backend(tmp_path):
    expected, weights = call_layers()
    expected |= call_losses()
    np.savez(tmp_path / "weights.npz", **weights)

    subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"},
        check=True,
    )

    results = np.load(tmp_path / "results.npz")
    assert str(results["backend"]) == "jax"
    assert set(results) == {*expected, "backend"}
    for name, value in expected.items():
        np.testing.assert_allclose(
            results[name], value, rtol=1e-5, atol=5e-6, err_msg=name
        )


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_layers_leave_for_onnx_with_any_number_of_rows():
    import onnxruntime
    import tensorflow as tf
    import tf2onnx

    cases = {name.replace(" ", "_"): case for name, case in layer_cases().items()}
    feed, signature = {}, []
    for name, (layer, inputs) in cases.items():
        layer(*inputs)
        for number, given in enumerate(inputs):
            key = f"{name}_{number}"
            # The bias has two axes of rows behind that of the heads.
            rows = (0, 2, 3) if given.ndim == 4 else (0, 1)
            shape = [None if i in rows else n for i, n in enumerate(given.shape)]
            signature.append(tf.TensorSpec(shape, given.dtype, name=key))
            feed[key] = given

    def network(*given):
        left = iter(given)
        return {
            name: layer(*(next(left) for _ in inputs))
            for name, (layer, inputs) in cases.items()
        }

    traced = tf.function(network, input_signature=signature, autograph=False)
    model, _ = tf2onnx.convert.from_function(traced, signature, opset=18)

    assert {node.domain for node in model.graph.node} == {""}
    session = onnxruntime.InferenceSession(model.SerializeToString())
    for given in (feed, {key: value[:2] for key, value in feed.items()}):
        expected = {k: np.asarray(v) for k, v in traced(*given.values()).items()}
        found = session.run(list(expected), given)
        for (name, value), other in zip(expected.items(), found, strict=True):
            np.testing.assert_allclose(other, value, atol=1e-5, err_msg=name)
