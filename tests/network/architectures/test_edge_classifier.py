"""What every edge classifier keeps to."""

import functools

import keras
import numpy as np
import pytest

from tests.network.architectures.graph_networks import (
    FORMS,
    edge_logits,
    make_inputs,
    make_network,
)
from tests.network.custom.graph_layer import make_graph

GRAPH = make_graph()
every = pytest.mark.parametrize("name", FORMS)
network = functools.cache(make_network)


@functools.cache
def half_network(name):
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        return make_network(name)
    finally:
        keras.config.set_dtype_policy("float32")


@every
def test_inputs_and_output_have_the_agreed_names_and_types(name):
    model = network(name)

    given = [(one.name, one.dtype, one.shape) for one in model.inputs]
    assert given == [
        ("nodes", "float32", (None, 4)),
        ("edges", "float32", (None, 3)),
        ("senders", "int32", (None,)),
        ("receivers", "int32", (None,)),
    ]
    assert list(model.output) == ["edge"]
    assert model.output["edge"].shape == (None, 1)
    assert model.get_layer("state").output.dtype == "float32"
    assert model.get_layer("node_sanitizer").output.shape == (None, 4)


@every
def test_order_of_nodes_and_edges_means_nothing(name):
    nodes, edges, senders, receivers = GRAPH
    rng = np.random.default_rng(4)
    rows, row = rng.permutation(len(edges)), rng.permutation(len(nodes))
    place = np.argsort(row).astype("i4")
    moved = (nodes[row], edges[rows], place[senders][rows], place[receivers][rows])

    found = edge_logits(network(name), *moved)

    expected = edge_logits(network(name), *GRAPH)
    np.testing.assert_allclose(found, expected[rows], atol=2e-5)


@every
def test_events_side_by_side_are_judged_as_each_alone(name):
    nodes, edges = GRAPH[:2]
    other = make_graph(seed=9)
    joined = [np.concatenate(parts) for parts in zip(GRAPH, other, strict=True)]
    joined[2][len(edges) :] += len(nodes)
    joined[3][len(edges) :] += len(nodes)

    found = edge_logits(network(name), *joined)

    alone = [edge_logits(network(name), *graph) for graph in (GRAPH, other)]
    np.testing.assert_allclose(found, np.concatenate(alone), atol=2e-5)


@every
@pytest.mark.parametrize("count", [0, 7])
def test_a_graph_may_have_no_edge(name, count):
    nodes, edges, senders, receivers = GRAPH

    output = network(name)([nodes[:count], edges[:0], senders[:0], receivers[:0]])

    assert output["edge"].shape == (0, 1)


@every
def test_whatever_comes_in_the_logits_are_finite(name):
    nodes, edges = (part.copy() for part in GRAPH[:2])
    nodes[:3, 0] = edges[:3, 1] = [np.nan, np.inf, -np.inf]

    assert np.isfinite(edge_logits(network(name), nodes, edges, *GRAPH[2:])).all()


@every
def test_half_precision_gives_nearly_the_same_in_float32(name):
    output = half_network(name)(list(GRAPH))["edge"]

    assert output.dtype == "float32"
    expected = edge_logits(network(name), *GRAPH)
    found = np.asarray(output)[:, 0]
    assert np.corrcoef(found, expected)[0, 1] > 0.95
    assert np.abs(found - expected).max() > 0


@every
def test_the_first_layers_keep_float32(name):
    """Two hits that bfloat16 cannot tell apart keep different states."""
    half = half_network(name)
    nodes, edges = (part[:2].copy() for part in GRAPH[:2])
    nodes[1] = nodes[0]
    nodes[1, 0] += 1e-4
    first = "step_0" if name == "hypertrack" else "node_encoder"
    layer = half.get_layer(first)
    seen = half.get_layer("node_sanitizer")(nodes)
    graph = (edges, np.int32([0, 1]), np.int32([0, 1]))

    found = np.asarray(layer(seen, *graph) if name == "hypertrack" else layer(seen))

    assert found.dtype == np.float32
    assert (found[0] != found[1]).any()


@every
def test_a_network_is_stored_and_loaded(name):
    content = keras.saving.serialize_keras_object(network(name))
    other = keras.saving.deserialize_keras_object(content)
    other.set_weights(network(name).get_weights())

    found = edge_logits(other, *GRAPH)

    np.testing.assert_array_equal(found, edge_logits(network(name), *GRAPH))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_file_holds_a_network(tmp_path):
    model = network("hypertrack")
    model.save(tmp_path / "model.keras")

    other = keras.saving.load_model(tmp_path / "model.keras")

    found = edge_logits(other, *GRAPH)
    np.testing.assert_array_equal(found, edge_logits(model, *GRAPH))


@every
def test_edges_may_have_no_features(name):
    model = make_network(name, inputs=make_inputs(4, 0))
    nodes, edges, senders, receivers = GRAPH

    found = edge_logits(model, nodes, edges[:, :0], senders, receivers)

    assert np.isfinite(found).all()
    assert np.ptp(found) > 0
