"""Minimum and maximum become one node, but not where NaN may be."""

import numpy as np
import pytest

from export.variants.bounds import Interval, find_bounds
from export.variants.clipping import join_clips
from export.variants.graph import Graph

TEXT = """
<ir_version: 7, opset_import: ["" : 13]>
g (float[n, 2] x) => (float[n, 2] out) {
    nan = IsNaN (x)
    real = Where (nan, zero, x)
    under = Min (real, high)
    out = Max (under, low)
}
"""
LIMITS = {"zero": 0, "low": -1, "high": 2}
X = np.float32([[np.nan, np.inf], [-np.inf, 3e38], [0.5, -1], [2, -7]])


def joined(build, text=TEXT, **limits):
    constants = {name: np.float32(value) for name, value in LIMITS.items()}
    graph = Graph(build(text, **{**constants, **limits}))
    join_clips(graph)
    return graph.proto()


def kinds(proto):
    return [node.op_type for node in proto.graph.node]


def test_join_clips_keeps_the_values(build, run):
    proto = joined(build)

    (found,) = run(proto, {"x": X})

    assert kinds(proto) == ["IsNaN", "Where", "Clip"]
    assert found.tolist() == [[0, 2], [-1, 2], [0.5, -1], [2, -1]]


def test_bounds_know_clips(build):
    found = find_bounds(Graph(joined(build)))

    assert found.of("out") == Interval(-1, 2, nan=False)


@pytest.mark.parametrize(
    "other",
    [
        {"text": TEXT.replace("Min (real", "Min (x")},
        {"low": np.float32([-1, -2])},
        {"low": np.float32(3)},
    ],
    ids=["NaN", "columns", "crossed"],
)
def test_join_clips_leaves_the_rest(build, other):
    assert kinds(joined(build, **other))[-2:] == ["Min", "Max"]
