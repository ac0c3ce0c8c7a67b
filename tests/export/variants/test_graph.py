"""Reading, changing and writing a graph."""

import numpy as np
import onnx
import pytest

from export.errors import ConversionError
from export.variants.graph import Graph, attribute, products

CHAIN = """
<ir_version: 7, opset_import: ["" : 13, "ai.onnx.ml" : 2]>
chain (float[n, 2] x) => (float[n, 2] out) {
    two = Constant <value = float {2}> ()
    a = Mul (x, two)
    idle = Neg (a)
    out = Abs (a)
}
"""


def test_graph_takes_constant_nodes_as_constants(build):
    graph = Graph(build(CHAIN))

    assert graph.constants["two"] == 2
    assert [node.op_type for node in graph.nodes] == ["Mul", "Neg", "Abs"]
    assert graph.shape("a") == (-1, 2)
    assert graph.matrix("a")
    assert not graph.matrix("nowhere")


def test_graph_written_down_lacks_what_nobody_needs(build):
    written = Graph(build(CHAIN)).proto()

    assert [node.op_type for node in written.graph.node] == ["Mul", "Abs"]
    assert [item.domain for item in written.opset_import] == [""]


def test_graph_leaves_its_source_as_it_was(build):
    source = build(CHAIN)
    before = source.SerializeToString()

    graph = Graph(source)
    graph.replace("a", graph.add("Neg", "x"))
    graph.proto()

    assert source.SerializeToString() == before


def test_replace_leads_all_takers_to_the_new_tensor(build, run):
    graph = Graph(build(CHAIN))
    graph.replace("a", graph.add("Add", "x", graph.constant(np.float32(5))))

    (out,) = run(graph.proto(), {"x": np.float32([[-6, 1]])})

    assert out.tolist() == [[1, 6]]


def test_replace_of_an_output_keeps_its_name(build, run):
    graph = Graph(build(CHAIN))
    graph.replace("out", graph.add("Neg", "a"))
    written = graph.proto()

    (out,) = run(written, {"x": np.float32([[-6, 1]])})

    assert [value.name for value in written.graph.output] == ["out"]
    assert out.tolist() == [[12, -2]]


def test_used_once_counts_the_outside(build):
    graph = Graph(build(CHAIN))

    assert not graph.used_once("a")
    assert not graph.used_once("out")
    assert graph.used_once("x")


def test_graph_within_a_node_is_refused():
    branch = onnx.helper.make_graph([], "branch", [], [])
    node = onnx.helper.make_node("If", ["x"], [], then_branch=branch)
    graph = onnx.helper.make_graph([node], "g", [], [])

    with pytest.raises(ConversionError, match=r"no graphs within nodes.*Received: If"):
        Graph(onnx.helper.make_model(graph))


def test_graph_that_the_checker_refuses_is_not_written(build):
    graph = Graph(build(CHAIN))
    graph.replace("a", graph.add("NoSuchOperator", "x"))

    with pytest.raises(ConversionError, match=r"pass the ONNX checker.*NoSuchOperator"):
        graph.proto()


def test_attribute_has_a_default(build):
    node = onnx.helper.make_node("Gather", ["a", "b"], ["c"], axis=1)

    assert attribute(node, "axis", 0) == 1
    assert attribute(node, "other", 5) == 5


def test_products_are_of_rows_with_a_constant_matrix(build):
    text = """
    <ir_version: 7, opset_import: ["" : 13]>
    p (float[n, 2] x, float[2, 2] z) => (float[n, 2] e) {
        a = MatMul (x, w)
        b = Gemm (a, w, v)
        c = Gemm <transB = 1> (b, w, v)
        d = MatMul (c, z)
        e = Neg (d)
    }
    """
    values = {"w": np.eye(2, dtype=np.float32), "v": np.zeros(2, np.float32)}

    found = products(Graph(build(text, **values)))

    assert [node.output[0] for node in found] == ["a", "b"]
