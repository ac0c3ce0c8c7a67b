"""log(1 + u) in six nodes."""

import numpy as np
import pytest

from export.variants.graph import Graph
from export.variants.logarithm import shorten_logarithms

TEXT = """
<ir_version: 7, opset_import: ["" : 13]>
g (float[n, 1] x) => (float[n, 1] out) {{
    nan = IsNaN (x)
    real = Where (nan, zero, x)
    size = {size} (real)
    u = {bound} (size, most)
    w = Add (u, one)
    less = Sub (w, one)
    same = Equal (less, u)
    part = Div (u, less)
    gain = Where (same, one, part)
    log = Log (w)
    wide = Mul (log, gain)
    tiny = Equal (w, one)
    out = Where (tiny, u, wide)
}}
"""
CONSTANTS = {"zero": 0, "one": 1, "most": 1e38}


def shortened(build, size="Abs", bound="Min"):
    constants = {name: np.float32(value) for name, value in CONSTANTS.items()}
    graph = Graph(build(TEXT.format(size=size, bound=bound), **constants))
    shorten_logarithms(graph)
    return graph.proto()


def test_shorten_logarithms_keeps_all_digits(build, run):
    proto = shortened(build)
    x = np.float32([[0], [1e-40], [1e-12], [1e-7], [6e-8], [1e-5], [0.3], [1], [7e4]])
    x = np.concatenate([x, np.logspace(-9, 38.5, 2000, dtype=np.float32)[:, None]])

    (found,) = run(proto, {"x": x})

    expected = np.array([[np.log1p(min(float(v), 1e38))] for (v,) in x])
    assert len(proto.graph.node) == 10
    np.testing.assert_allclose(found, expected, rtol=4e-7, atol=1e-44)


def test_shorten_logarithms_is_finite_for_odd_values(build, run):
    x = np.float32([[np.nan], [np.inf], [-np.inf], [3.4e38]])

    (found,) = run(shortened(build), {"x": x})

    assert found.ravel() == pytest.approx([0, *[np.log(1e38)] * 3], rel=1e-6)


@pytest.mark.parametrize(
    "unbounded",
    [{"bound": "Max"}, {"size": "Neg"}],
    ids=["infinite", "negative"],
)
def test_shorten_logarithms_leaves_what_may_be_anything(build, unbounded):
    assert len(shortened(build, **unbounded).graph.node) == 13
