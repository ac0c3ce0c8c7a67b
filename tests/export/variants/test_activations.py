"""Sigmoids written with exp become one node."""

import numpy as np

from export.variants.activations import join_sigmoids
from export.variants.graph import Graph

TEXT = """
<ir_version: 7, opset_import: ["" : 13]>
g (float[n, 1] x) => (float[n, 1] out) {{
    a = Neg (x)
    b = Exp (a)
    c = Add (b, one)
    out = Div ({over}, c)
}}
"""
X = np.float32([[-90], [-20], [-1.5], [0], [1e-4], [3], [20], [90]])


def test_join_sigmoids_computes_what_it_did(build, run):
    graph = Graph(build(TEXT.format(over="one"), one=np.float32(1)))

    join_sigmoids(graph)

    written = graph.proto()
    expected = [[1 / (1 + np.exp(-float(x)))] for (x,) in X]
    assert [node.op_type for node in written.graph.node] == ["Sigmoid"]
    np.testing.assert_allclose(run(written, {"x": X})[0], expected, atol=2e-7)


def test_join_sigmoids_leaves_other_quotients(build):
    two = {"one": np.float32(1), "two": np.float32(2)}
    graph = Graph(build(TEXT.format(over="two"), **two))

    join_sigmoids(graph)

    assert len(graph.proto().graph.node) == 4
