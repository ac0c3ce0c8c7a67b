from __future__ import annotations

import numpy as np
import pytest

from export.errors import UnsafeGraphError
from export.graph_functions import edge_function
from export.graph_saved_model import GraphSignature, write_graph_saved_model


@pytest.fixture(scope="module")
def saved(edge_network, tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved") / "model"
    write_graph_saved_model(edge_network, edge_function(edge_network), folder)
    return folder


def test_saved_model_equals_keras_on_every_graph(saved, graphs, edge_scores):
    signature = GraphSignature(saved)

    for kind, graph in graphs.items():
        found = signature(graph)

        assert set(found) == {"score"}
        np.testing.assert_allclose(found["score"], edge_scores[kind], atol=2e-6)


def test_saved_model_has_one_signature_with_the_names_of_the_contract(saved):
    import tensorflow as tf

    loaded = tf.saved_model.load(str(saved))

    (signature,) = loaded.signatures.values()
    inputs = signature.structured_input_signature[1]
    assert {name: spec.dtype.name for name, spec in inputs.items()} == {
        "nodes": "float32",
        "edge_index": "int64",
        "edge_features": "float32",
    }


def test_signature_refuses_what_is_no_saved_model(tmp_path):
    (tmp_path / "saved_model.pb").write_bytes(b"\xffno graph")

    with pytest.raises(UnsafeGraphError, match="must be a SavedModel"):
        GraphSignature(tmp_path)
