"""Every network of graphs on a second Keras backend, compiled."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.network.architectures.graph_networks import (
    EDGE_NETWORKS,
    MASKS,
    make_masks,
    make_network,
)
from tests.network.custom.graph_layer import make_graph

ROOT = Path(__file__).parents[2]
SCRIPT = """
import sys
import keras, numpy as np
from tests.network.test_graph_networks_on_jax import results
np.savez(sys.argv[1], backend=np.array(keras.backend.backend()), **results())
"""


def results():
    """Name of a network and its output to what it gives."""
    inputs, found = [*make_graph(), *make_masks()], {}
    for name in EDGE_NETWORKS:
        outputs = make_network(name, MASKS).predict_on_batch(inputs)
        found |= {f"{name}_{key}": value for key, value in outputs.items()}
    place = make_network("embedding").predict_on_batch(inputs[:1])["place"]
    return {**found, "embedding_place": place}


@pytest.mark.slow
@pytest.mark.skipif(
    importlib.util.find_spec("jax") is None, reason="jax is not installed"
)
def test_networks_of_graphs_agree_on_jax(tmp_path):
    expected = results()

    subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "results.npz")],
        cwd=ROOT,
        env={**os.environ, "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"},
        check=True,
    )

    found = dict(np.load(tmp_path / "results.npz"))
    assert str(found.pop("backend")) == "jax"
    assert set(found) == set(expected)
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, atol=2e-5, err_msg=name)
