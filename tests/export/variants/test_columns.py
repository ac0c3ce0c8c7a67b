"""Slices of single columns become one split."""

import numpy as np

from export.variants.columns import split_columns
from export.variants.graph import Graph

TEXT = """
<ir_version: 7, opset_import: ["" : 13]>
g (float[n, 6] x) => (float[n, 4] out) {{
    all = Neg (x)
    a = Slice (all, from{0}, to{0}, axes, steps)
    b = Slice (all, from{1}, to{1}, axes, steps)
    c = Slice (all, from{2}, to{2}, axes, steps)
    d = Slice (all, from{3}, to{3}, axes, steps)
    out = Concat <axis = 1> (a, b, c, d)
}}
"""


def sliced(build, columns, rows=0):
    constants = {"axes": np.int64([0, 1]), "steps": np.int64([1, 1])}
    for column in columns:
        constants[f"from{column}"] = np.int64([rows, column])
        constants[f"to{column}"] = np.int64([2**31 - 1, column + 1])
    return Graph(build(TEXT.format(*columns), **constants))


def test_split_columns_takes_the_same_columns(build, run):
    graph = sliced(build, (4, 0, 1, 4))
    split_columns(graph)
    written = graph.proto()
    x = np.random.default_rng(0).normal(size=(7, 6)).astype(np.float32)

    kinds = [node.op_type for node in written.graph.node]

    assert kinds == ["Neg", "Split", "Concat"]
    expected = [[-row[c] for c in (4, 0, 1, 4)] for row in x]
    np.testing.assert_array_equal(run(written, {"x": x})[0], expected)


def test_split_columns_leaves_slices_of_rows(build):
    graph = sliced(build, (4, 0, 1, 5), rows=2)

    split_columns(graph)

    assert [node.op_type for node in graph.proto().graph.node].count("Slice") == 4


def test_split_columns_leaves_slices_that_the_graph_gives(build, run):
    text = TEXT.replace("[n, 4] out)", "[n, 4] out, float[n, 1] a, float[n, 1] d)")
    names = {"axes": [0, 1], "steps": [1, 1]}
    names |= {f"from{column}": [0, column] for column in (0, 1, 4)}
    names |= {f"to{column}": [2**31 - 1, column + 1] for column in (0, 1, 4)}
    constants = {name: np.int64(value) for name, value in names.items()}
    given = build(text.format(4, 0, 1, 4), **constants)
    graph = Graph(given)
    split_columns(graph)
    x = np.random.default_rng(0).normal(size=(7, 6)).astype(np.float32)

    found, expected = run(graph.proto(), {"x": x}), run(given, {"x": x})

    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)
