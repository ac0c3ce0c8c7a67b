"""Graphs of TensorFlow that reach outside themselves are refused, by their bytes."""

from __future__ import annotations

import pytest

OPERATIONS = ["ReadFile", "WriteFile", "PyFunc", "PrintV2", "LoadLibrary", "IO>Own"]


def with_operation(graph, operation):
    """A node that nothing asks for: importing it must not happen either."""
    graph.node.add(name="hostile", op=operation, input=["x"])


@pytest.fixture
def refused_graph(bundle, reseal, refused):
    """A function that shows a file of a tampered bundle to what reads such files."""

    def run(name, what):
        reseal(bundle)
        output = bundle.parent / "converted.onnx"
        doors = [
            ["inspect", bundle / name],
            ["convert", bundle / name, "--to", "onnx", "-o", output],
            ["verify", bundle, "--runtime", "onnxruntime"],
        ]
        for words in doors:
            assert what in refused(*words), words
        assert not output.exists()

    return run


@pytest.mark.parametrize("operation", OPERATIONS)
def test_frozen_graphs_hold_operations_that_compute(bundle, refused_graph, operation):
    from tensorflow.core.framework.graph_pb2 import GraphDef

    path = bundle / "frozen_graph.pb"
    graph = GraphDef.FromString(path.read_bytes())
    with_operation(graph, operation)
    path.write_bytes(graph.SerializeToString())

    refused_graph("frozen_graph.pb", operation)


@pytest.mark.parametrize("where", ["graph", "function"])
@pytest.mark.parametrize("operation", OPERATIONS[:3])
def test_saved_models_hold_operations_that_compute(
    bundle, refused_graph, operation, where
):
    from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

    path = bundle / "saved_model" / "saved_model.pb"
    saved = SavedModel.FromString(path.read_bytes())
    graph = saved.meta_graphs[0].graph_def
    if where == "graph":
        with_operation(graph, operation)
    else:
        body = graph.library.function[0].node_def
        body.add(name="hostile", op=operation, input=[])
    path.write_bytes(saved.SerializeToString())

    refused_graph("saved_model", operation)


def test_assets_are_refused(bundle, refused_graph):
    from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

    path = bundle / "saved_model" / "saved_model.pb"
    saved = SavedModel.FromString(path.read_bytes())
    saved.meta_graphs[0].asset_file_def.add(filename="../../secret")
    path.write_bytes(saved.SerializeToString())

    refused_graph("saved_model", "assets")
