"""Networks of graphs in ONNX Runtime: right with one thread and with four."""

from __future__ import annotations

import numpy as np
import pytest

SIZES = {"nodes": "nodes", "edges": "edges", "senders": "edges", "receivers": "edges"}
KINDS = ("interaction", "super_edge", "attention")


@pytest.fixture(scope="module")
def network():
    """A function from a kind of layer to a network in Keras and in ONNX."""
    import tensorflow as tf

    from export import onnx_graph
    from tests.network.custom.graph_layer import make_graph, with_random_weights

    def make(kind):
        graph = make_graph(features=8, edge_features=8)
        layer = with_random_weights(layer_of(kind), *graph)
        signature = [
            tf.TensorSpec((None, *given.shape[1:]), given.dtype, name=name)
            for name, given in zip(SIZES, graph, strict=True)
        ]

        def forward(nodes, edges, senders, receivers):
            outputs = layer(nodes, edges, senders, receivers)
            if kind == "interaction":
                return {"new_nodes": outputs[0], "new_edges": outputs[1]}
            return {"new_nodes": outputs}

        function = tf.function(forward, input_signature=signature, autograph=False)
        axes = {**SIZES, "new_nodes": "nodes", "new_edges": "edges"}
        proto = onnx_graph.convert_function(function, opset=18, ir_version=8, axes=axes)
        return function, proto

    return make


def layer_of(kind):
    from network.custom.graph_attention import GraphAttention
    from network.custom.interaction_network import InteractionNetwork
    from network.custom.super_edge_conv import SuperEdgeConv

    if kind == "interaction":
        return InteractionNetwork(8, aggregation=("std", "max"))
    if kind == "super_edge":
        return SuperEdgeConv(8, residual=True)
    return GraphAttention(8, heads=4)


def session_of(proto, threads):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(
        proto.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def random_graph(nodes, edges):
    rng = np.random.default_rng(9)
    ends = (nodes * rng.uniform(size=(2, edges)) ** 2).astype("i4")
    values = (rng.normal(size=(count, 8)).astype("f4") for count in (nodes, edges))
    return dict(zip(SIZES, (*values, *ends), strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_network_of_graphs_is_right_with_one_thread_and_with_four(network, kind):
    function, proto = network(kind)
    graphs = [
        random_graph(*size) for size in [(10_000, 100_000), (5, 0), (1, 3), (0, 0)]
    ]

    for threads in (1, 4):
        session = session_of(proto, threads)
        for graph in graphs:
            expected = function(**graph)
            found = session.run(list(expected), graph)

            for value, wanted in zip(found, expected.values(), strict=True):
                np.testing.assert_allclose(value, wanted, rtol=2e-4, atol=2e-4)
