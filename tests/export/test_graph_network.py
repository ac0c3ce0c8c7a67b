"""Networks of graphs in ONNX: the contract, the numbers, the threads."""

from __future__ import annotations

import collections
import re

import numpy as np
import pytest

from export import graph_functions, graph_network
from export.errors import ConversionError
from export.graph_parity import evaluate_edges
from tests.export.graph_models import (
    EDGE_WIDTH,
    SMALL,
    SMALL_MASKS,
    WIDTH,
    build_network,
    random_graph,
    random_micrographs,
    session_of,
    sigmoid,
)


def shapes(tensors):
    return {one.name: (one.type, tuple(one.shape)) for one in tensors}


def kinds(proto):
    return collections.Counter(node.op_type for node in proto.graph.node)


def test_edges_keep_the_contract(edge_proto):
    session = session_of(edge_proto)

    assert [one.name for one in session.get_inputs()] == [
        "nodes",
        "edge_index",
        "edge_features",
    ]
    assert shapes(session.get_inputs()) == {
        "nodes": ("tensor(float)", ("n_nodes", WIDTH)),
        "edge_index": ("tensor(int64)", (2, "n_edges")),
        "edge_features": ("tensor(float)", ("n_edges", EDGE_WIDTH)),
    }
    assert shapes(session.get_outputs()) == {"score": ("tensor(float)", ("n_edges", 1))}
    assert edge_proto.opset_import[0].version == 18


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_edges_equal_keras_with_any_threads(edge_proto, graphs, edge_scores, threads):
    session, first = session_of(edge_proto, threads), session_of(edge_proto)
    for kind, graph in graphs.items():
        found = session.run(["score"], graph)[0]

        np.testing.assert_allclose(found, edge_scores[kind], atol=2e-6, err_msg=kind)
        assert found.tobytes() == first.run(["score"], graph)[0].tobytes()


def test_normalisations_and_sigmoids_become_one_node_each(edge_proto, plain_edge_proto):
    graph = random_graph(50, 300)
    protos = (edge_proto, plain_edge_proto)

    # Two encoders of two layers, two stacks of a step, the decoder.
    assert kinds(edge_proto)["LayerNormalization"] == 10
    assert kinds(edge_proto)["ReduceMean"] == 0
    assert kinds(plain_edge_proto)["ReduceMean"] == 20
    # Of each swish, and of the score.
    assert kinds(edge_proto)["Exp"] == 0 < kinds(edge_proto)["Sigmoid"]
    assert kinds(plain_edge_proto)["Exp"] == kinds(edge_proto)["Sigmoid"]
    found, wanted = (session_of(one).run(["score"], graph)[0] for one in protos)
    np.testing.assert_allclose(found, wanted, atol=1e-6)


def test_scatter_that_adds_is_refused():
    import tensorflow as tf

    signature = [
        tf.TensorSpec((None, 3), tf.float32, name="nodes"),
        tf.TensorSpec((2, None), tf.int64, name="edge_index"),
    ]

    def racing(nodes, edge_index):
        rows = tf.gather(nodes, edge_index[0])
        zero = tf.zeros_like(nodes)
        added = tf.tensor_scatter_nd_add(zero, edge_index[1][:, None], rows)
        return {"state": added}

    function = tf.function(racing, input_signature=signature, autograph=False)

    with pytest.raises(ConversionError, match=re.escape("Received: ScatterND(add)")):
        graph_network.convert_graph(function)


def test_an_opset_without_maxima_is_refused(edge_network):
    with pytest.raises(ConversionError, match=r"opset 18 or later. Received: opset=17"):
        graph_network.convert_edges(edge_network, opset=17)


def test_embedding_equals_keras(embedding_network):
    proto = graph_network.convert_embedding(embedding_network)
    session = session_of(proto)

    assert kinds(proto)["LayerNormalization"] == 2
    assert shapes(session.get_outputs())["place"][1] == ("n_nodes", 3)
    for count in (0, 1, 40):
        nodes = random_graph(count, 0)["nodes"]
        found = session.run(["place"], {"nodes": nodes})[0]
        wanted = embedding_network([nodes])["place"]
        np.testing.assert_allclose(found, wanted, atol=5e-6)


@pytest.mark.slow
def test_masks_equal_keras():
    model = build_network(masks=SMALL_MASKS)
    proto = graph_network.convert_masks(model)
    session = session_of(proto, 2)

    assert kinds(proto)["LayerNormalization"] == 4
    assert kinds(proto)["ReduceMean"] == 0
    assert shapes(session.get_inputs())["pivots"][1] == (
        "n_micrographs",
        "n_pivots",
        8 + WIDTH,
    )
    for size in [(0, 5, 2), (1, 2, 2), (20, 30, 4)]:
        graphs = random_micrographs(*size, 8 + WIDTH)
        found = session.run(["probability"], graphs)[0]
        logit = model.get_layer("masks")(*graphs.values())
        np.testing.assert_allclose(found, sigmoid(logit), atol=2e-6)


@pytest.mark.slow
def test_hits_of_the_network_are_the_tokens_of_the_masks():
    """Edges and masks one behind the other are the whole network."""
    model = build_network(masks=SMALL_MASKS)
    edges = session_of(graph_network.convert_edges(model, state=True, hits=True))
    masks = session_of(graph_network.convert_masks(model))
    graph = random_graph(30, 90)
    micrographs = random_micrographs(6, 7, 2, 1)
    rng = np.random.default_rng(5)
    tokens, pivots = rng.integers(0, 30, (6, 7)), rng.integers(0, 30, (6, 2))
    valid = {key: micrographs[key] for key in ("token_valid", "pivot_valid")}

    rows = edges.run(["hit_features"], graph)[0]
    feed = {"tokens": rows[tokens], "pivots": rows[pivots], **valid}
    found = masks.run(["probability"], feed)[0]

    senders, receivers = graph["edge_index"].astype("i4")
    whole = {"nodes": graph["nodes"], "edges": graph["edge_features"]}
    whole |= {"senders": senders, "receivers": receivers, **valid}
    whole |= {"tokens": tokens.astype("i4"), "pivots": pivots.astype("i4")}
    wanted = model([whole[one.name] for one in model.inputs])["mask"]
    np.testing.assert_allclose(found, sigmoid(wanted), atol=2e-6)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("architecture", "options", "normalizations"),
    [
        ("interaction", {**SMALL, "recurrent": True, "steps": 2}, 14),
        ("exatrkx", {"width": 8, "steps": 2, "decoder": (8, 8)}, 20),
        ("hypertrack", {"width": 8, "steps": 2}, 0),
        ("attention", {"width": 8, "steps": 2, "decoder": (8, 8)}, None),
        ("dense", {"width": 8}, 4),
    ],
)
@pytest.mark.parametrize("logit", [False, True])
def test_each_architecture_leaves(architecture, options, normalizations, logit, graphs):
    model = build_network(architecture, options)
    proto = graph_network.convert_edges(model, logit=logit)
    output = "logit" if logit else "score"

    if normalizations is not None:
        assert kinds(proto)["LayerNormalization"] == normalizations
    assert kinds(proto)["ReduceMean"] == 0
    scores = evaluate_edges(model, graphs)
    for threads in (1, 2, 4):
        session = session_of(proto, threads)
        for kind, graph in graphs.items():
            found = session.run([output], graph)[0]
            found = sigmoid(found) if logit else found
            np.testing.assert_allclose(found, scores[kind], atol=1e-5, err_msg=kind)


def test_axes_name_every_tensor_of_the_functions(edge_network, embedding_network):
    functions = [
        graph_functions.edge_function(edge_network),
        graph_functions.embedding_function(embedding_network),
    ]

    names = {spec.name for one in functions for spec in one.input_signature}

    assert names <= set(graph_network.AXES)
