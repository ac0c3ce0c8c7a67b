"""Every layer of graphs and every function of segments on a second Keras backend."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from tests.network.custom.graph_layer import make_graph, symbol, with_random_weights

ROOT = Path(__file__).parents[3]
SCRIPT = """
import sys
import keras, numpy as np
from tests.network.custom.test_graph_layers_on_jax import results
np.savez(sys.argv[1], backend=np.array(keras.backend.backend()), **results())
"""


def layers():
    from network.custom.both_directions import BothDirections
    from network.custom.dense_stack import DenseStack
    from network.custom.edge_dense import EdgeDense
    from network.custom.graph_attention import GraphAttention
    from network.custom.graph_attention_block import GraphAttentionBlock
    from network.custom.interaction_network import InteractionNetwork
    from network.custom.super_edge_conv import SuperEdgeConv

    every = ("sum", "mean", "max", "std")
    return {
        "dense_stack": DenseStack((5, 3), normalization="batch"),
        "edge_dense": EdgeDense(5),
        "interaction": InteractionNetwork(4, aggregation=every, both_ways=True),
        "super_edge": SuperEdgeConv(4),
        "dynamic": GraphAttention(6, heads=3),
        "attention_block": GraphAttentionBlock(4, heads=2),
        "both_directions": BothDirections(self_edges=True),
        "static": GraphAttention(6, heads=2, dynamic=False),
    }


def results():
    """Name of a layer or a function to what it gives, compiled under JAX."""
    from network.custom import segment

    graph, found = make_graph(edge_features=4), {}
    symbols = [symbol(given) for given in graph]
    for name, layer in layers().items():
        count = 1 if name == "dense_stack" else len(graph)
        with_random_weights(layer, *graph[:count])
        for place, output in enumerate(keras.tree.flatten(layer(*symbols[:count]))):
            found[f"{name}_{place}"] = output
    for name in ("sum", "mean", "std", "max", "softmax", "logsumexp"):
        function = getattr(segment, f"segment_{name}")
        found[name] = function(symbols[1], symbols[3], 7)
    return keras.Model(symbols, found).predict_on_batch(list(graph))


@pytest.mark.skipif(
    importlib.util.find_spec("jax") is None, reason="jax is not installed"
)
def test_layers_of_graphs_agree_on_jax(tmp_path):
    expected = results()

    subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "results.npz")],
        cwd=ROOT,
        env={**os.environ, "KERAS_BACKEND": "jax"},
        check=True,
    )

    found = dict(np.load(tmp_path / "results.npz"))
    assert str(found.pop("backend")) == "jax"
    assert set(found) == set(expected)
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, atol=5e-6, err_msg=name)
