"""Products with what is linear around them."""

import collections

import numpy as np
import pytest

from export.variants.graph import Graph
from export.variants.linear import join_products

HEAD = '<ir_version: 7, opset_import: ["" : 13]>'
RNG = np.random.default_rng(6)
X = RNG.normal(size=(20, 4)).astype(np.float32)


def normal(*shape):
    return RNG.normal(size=shape).astype(np.float32)


def joined(build, body, **constants):
    graph = Graph(build(f"{HEAD} {body}", **constants))
    join_products(graph)
    return graph.proto()


def kinds(proto):
    return dict(collections.Counter(node.op_type for node in proto.graph.node))


def product(rows, weights):
    """Rows times a matrix, by loops."""
    return [
        [sum(float(r[i]) * float(weights[i, j]) for i in range(len(r))) for j in (0, 1)]
        for r in rows
    ]


@pytest.mark.parametrize("bias", [normal(2), normal(1, 2), normal(1)], ids=str)
def test_join_products_takes_the_bias(build, run, bias):
    body = "g (float[n, 4] x) => (float[n, 2] o) {p = MatMul (x, w)\n o = Add (b, p)}"
    w = normal(4, 2)

    proto = joined(build, body, w=w, b=bias)

    assert kinds(proto) == {"Gemm": 1}
    expected = np.array(product(X, w)) + bias
    np.testing.assert_allclose(run(proto, {"x": X})[0], expected, atol=2e-6)


def test_join_products_takes_the_scaling_before(build, run):
    body = """
    g (float[n, 4] x) => (float[n, 2] o) {
        a = Sub (x, c)
        d = Sub (one, a)
        e = Div (d, s)
        f = Mul (s, e)
        h = Mul (f, s)
        p = MatMul (h, w)
        o = Add (p, b)
    }
    """
    w, b, c, s = normal(4, 2), normal(2), normal(4), normal(1, 4)

    proto = joined(build, body, w=w, b=b, c=c, s=s, one=np.float32(1))

    assert kinds(proto) == {"Gemm": 1}
    expected = np.array(product((1 - (X - c)) * s, w)) + b
    np.testing.assert_allclose(run(proto, {"x": X})[0], expected, atol=1e-5)


def test_join_products_takes_batch_normalisation_behind(build, run):
    body = """
    g (float[n, 4] x) => (float[n, 2] o) {
        p = Gemm (x, w, b)
        a = Mul (p, gain)
        o = Sub (a, shift)
    }
    """
    w, b, gain, shift = normal(4, 2), normal(2), normal(2), normal(1, 2)

    proto = joined(build, body, w=w, b=b, gain=gain, shift=shift)

    assert kinds(proto) == {"Gemm": 1}
    expected = (np.array(product(X, w)) + b) * gain - shift
    np.testing.assert_allclose(run(proto, {"x": X})[0], expected, atol=1e-5)


def test_join_products_leaves_what_others_take(build, run):
    body = """
    g (float[n, 4] x) => (float[n, 2] o) {
        p = MatMul (x, w)
        a = Add (p, b)
        o = Mul (a, p)
    }
    """
    w, b = normal(4, 2), normal(2)

    proto = joined(build, body, w=w, b=b)

    whole = np.array(product(X, w))
    np.testing.assert_allclose(run(proto, {"x": X})[0], (whole + b) * whole, rtol=1e-4)


def test_join_products_leaves_sums_of_other_shapes(build, run):
    body = "g (float[n, 4] x) => (float[2, 2] o) {p = MatMul (x, w)\n o = Add (p, b)}"
    w, b = normal(4, 2), normal(2, 2)

    proto = joined(build, body, w=w, b=b)

    expected = np.array(product(X[:2], w)) + b
    np.testing.assert_allclose(run(proto, {"x": X[:2]})[0], expected, atol=1e-5)


PIECES = """
g (float[n, 4] x) => (float[n, 2] o) {{
    {clean}
    m = Mul (real, s)
    a = Gather <axis = 1> (m, columns)
    e = Sin (x)
    r = Concat <axis = 1> (e, a)
    o = MatMul (r, w)
}}
"""
CLEAN = """
    nan = IsNaN (x)
    known = Where (nan, zero, x)
    under = Min (known, high)
    real = Max (under, low)
"""


def pieces(build, clean):
    limits = {"zero": np.float32(0), "high": np.float32(9), "low": np.float32(-9)}
    columns, w, s = np.int64([3, 0, 0]), normal(7, 2), normal(4)
    body = PIECES.format(clean=clean)
    proto = joined(build, body, w=w, s=s, columns=columns, **limits)
    rows = np.concatenate([np.sin(X), (X * s)[:, columns]], axis=1)
    return proto, product(rows, w)


def test_join_products_dissolves_chosen_columns(build, run):
    proto, expected = pieces(build, CLEAN)

    assert "Gather" not in kinds(proto)
    assert "Mul" not in kinds(proto)
    np.testing.assert_allclose(run(proto, {"x": X})[0], expected, atol=1e-5)


def test_join_products_keeps_choosing_what_may_be_infinite(build, run):
    proto, expected = pieces(build, "real = Identity (x)")

    assert kinds(proto)["Gather"] == 1
    np.testing.assert_allclose(run(proto, {"x": X})[0], expected, atol=1e-5)


def test_join_products_leaves_a_column_that_is_spread_over_others(build, run):
    body = """
    g (float[n, 4] x, float[n, 1] z) => (float[n, 2] o) {
        a = Mul (z, c)
        o = MatMul (a, w)
    }
    """
    w, c = normal(4, 2), normal(4)

    proto = joined(build, body, w=w, c=c)

    assert kinds(proto) == {"Mul": 1, "Gemm": 1}
    (found,) = run(proto, {"x": X, "z": X[:, :1]})
    np.testing.assert_allclose(found, product(X[:, :1] * c, w), atol=1e-5)


def test_join_products_leaves_a_bias_per_row(build, run):
    body = "g (float[2, 4] x) => (float[2, 2] o) {o = Gemm (x, w, b)}"
    w, b = normal(4, 2), normal(2, 1)

    proto = joined(build, body, w=w, b=b)

    expected = np.array(product(X[:2], w)) + b
    np.testing.assert_allclose(run(proto, {"x": X[:2]})[0], expected, atol=1e-5)


def test_join_products_leaves_double_precision(build):
    body = "g (double[n, 4] x) => (double[n, 2] o) {p = MatMul (x, w)\n o = Add (b, p)}"
    w, b = normal(4, 2).astype(np.float64), normal(2).astype(np.float64)

    assert kinds(joined(build, body, w=w, b=b)) == {"MatMul": 1, "Add": 1}
