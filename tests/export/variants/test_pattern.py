"""Which nodes a pattern is."""

import numpy as np
import pytest

from export.variants.graph import Graph
from export.variants.pattern import match

TEXT = """
<ir_version: 7, opset_import: ["" : 13]>
g (float[n, 2] x, float[n, 2] y) => (float[n, 1] out) {
    minus = Neg (y)
    sum = Add (x, minus)
    square = Mul (sum, sum)
    mean = ReduceMean <axes = [1], keepdims = 1> (square)
    out = Div (mean, two)
}
"""


@pytest.fixture
def graph(build):
    return Graph(build(TEXT, two=np.float32(2)))


@pytest.mark.parametrize(
    ("name", "pattern", "expected"),
    [
        ("sum", ("Add", "a", "b"), {"a": "x", "b": "minus"}),
        ("sum", ("Add", ("Neg", "b"), "a"), {"a": "x", "b": "y"}),
        ("sum", ("Sub", "a", "b"), None),
        ("sum", ("Add", "a", "a"), None),
        ("square", ("Mul", "a", "a"), {"a": "sum"}),
        ("out", ("Div", ("ReduceMean", "a"), 2.0), {"a": "square"}),
        ("out", ("Div", "a", 3.0), None),
        ("out", ("Div", 2.0, "a"), None),
        ("x", "a", {"a": "x"}),
        ("x", ("Neg", "a"), None),
        ("minus", ("Neg", "a", "b"), None),
        # The first order of the sum does not fit what follows, the second does.
        (
            "square",
            ("Mul", ("Add", "a", "b"), ("Add", ("Neg", "c"), "a")),
            {"a": "x", "b": "minus", "c": "y"},
        ),
    ],
)
def test_match_names_the_tensors_of_a_pattern(graph, name, pattern, expected):
    assert match(graph, name, pattern) == expected
