"""Networks of graphs as functions: names, outputs, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from export import graph_functions
from export.errors import ConversionError
from network.graph_inputs import GraphInputs
from tests.export.graph_models import (
    INPUTS,
    SMALL_MASKS,
    WIDTH,
    build_network,
    random_graph,
    random_micrographs,
    sigmoid,
)


def names(function):
    return [spec.name for spec in function.input_signature]


def keras_edges(model, graph):
    import keras

    senders, receivers = graph["edge_index"].astype("i4")
    feed = {"nodes": graph["nodes"], "edges": graph["edge_features"]}
    feed |= {"senders": senders, "receivers": receivers}
    known = {tensor.name: tensor for tensor in model.inputs}
    layers = [model.get_layer(name).output for name in ("state", "node_sanitizer")]
    given = {name: known[name] for name in feed}
    inner = keras.Model(given, [model.output["edge"], *layers])
    return [np.asarray(x) for x in inner(feed, training=False)]


def test_edge_function_gives_what_is_asked_for(edge_network):
    graph = random_graph(20, 60)
    edge, state, nodes = keras_edges(edge_network, graph)

    plain = graph_functions.edge_function(edge_network)
    more = graph_functions.edge_function(
        edge_network, state=True, hits=True, logit=True
    )

    assert names(plain) == ["nodes", "edge_index", "edge_features"]
    assert set(plain(**graph)) == {"score"}
    found = more(**graph)
    assert set(found) == {"logit", "state", "hit_features"}
    np.testing.assert_allclose(plain(**graph)["score"], sigmoid(edge), atol=1e-6)
    np.testing.assert_allclose(found["logit"], edge, atol=1e-5)
    np.testing.assert_allclose(found["state"], state, atol=1e-5)
    both = np.concatenate([state, nodes], axis=1)
    np.testing.assert_allclose(found["hit_features"], both, atol=1e-5)


def test_edge_function_takes_an_index_in_floats(edge_network):
    graph = random_graph(20, 60)
    floats = {**graph, "edge_index": graph["edge_index"].astype("f4")}
    plain = graph_functions.edge_function(edge_network)
    function = graph_functions.edge_function(edge_network, float_index=True)

    found = function(**floats)["score"]

    assert function.input_signature[1].dtype == "float32"
    np.testing.assert_array_equal(found, plain(**graph)["score"])


def test_edge_function_refuses_edges_without_features():
    bare = GraphInputs(
        node_names=INPUTS.node_names,
        node_lower=INPUTS.node_lower,
        node_upper=INPUTS.node_upper,
    )
    model = build_network("dense", {"width": 8, "depth": 2}, bare)

    with pytest.raises(ConversionError, match=r"Received: edges of shape \(edges, 0"):
        graph_functions.edge_function(model)


def test_mask_function_equals_the_layer_and_silences_padding(mask_network):
    head = mask_network.get_layer("masks")
    graphs = random_micrographs(4, 9, 2, 8 + WIDTH)
    function = graph_functions.mask_function(mask_network)

    found = function(**graphs)["probability"]

    assert names(function) == ["tokens", "pivots", "token_valid", "pivot_valid"]
    np.testing.assert_allclose(found, sigmoid(head(*graphs.values())), atol=1e-6)
    assert np.all(np.asarray(found)[graphs["token_valid"] == 0] < 1e-40)


def test_embedding_function_equals_the_network(embedding_network):
    nodes = random_graph(12, 0)["nodes"]

    found = graph_functions.embedding_function(embedding_network)(nodes=nodes)["place"]

    np.testing.assert_allclose(found, embedding_network([nodes])["place"], atol=1e-6)


def test_edge_function_refuses_other_networks(embedding_network):
    with pytest.raises(ConversionError, match="without edges, senders, receivers"):
        graph_functions.edge_function(embedding_network)


def test_functions_refuse_networks_without_the_layer_or_output(edge_network):
    with pytest.raises(
        ConversionError, match=r"a layer named `masks`. Received: .*node"
    ):
        graph_functions.mask_function(edge_network)
    with pytest.raises(ConversionError, match=r"output `place`. Received: edge"):
        graph_functions.embedding_function(edge_network)


@pytest.fixture(scope="module")
def mask_network():
    options = {"width": 8, "steps": 1, "decoder": (8, 8)}
    return build_network(options=options, masks=SMALL_MASKS)
