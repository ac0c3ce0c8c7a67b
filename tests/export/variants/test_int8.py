"""Products of integers, against the same sums by loops."""

import collections

import numpy as np
import onnx
import pytest

from export.variants.calibration import find_ranges
from export.variants.int8 import int8_dynamic, int8_static
from tests.export.variants.conftest import NETWORK

TEXT = """
<ir_version: 7, opset_import: ["" : 13]>
g (float[n, 3] x) => (float[n, 1] out) {
    first = MatMul (x, w0)
    p = MatMul (first, w1)
    middle = Add (p, b1)
    out = MatMul (middle, w2)
}
"""


@pytest.fixture(scope="module")
def small():
    rng = np.random.default_rng(9)
    shapes = {"w0": (3, 5), "w1": (5, 4), "b1": (4,), "w2": (4, 1)}
    return {k: rng.normal(size=s).astype(np.float32) for k, s in shapes.items()}


@pytest.fixture(scope="module")
def rows():
    x = np.random.default_rng(10).normal(size=(40, 3)).astype(np.float32)
    x[0] = 0
    return x


def integer_product(values, c, scale, low):
    """One row: values = low + scale q; weights = S V; sums of integers."""
    q = [round((float(v) - low) / scale) for v in values]
    q = [min(max(one, 0), 255) for one in q]
    out = []
    for column, bias in zip(c["w1"].T, c["b1"], strict=True):
        step = max(abs(float(w)) for w in column) / 63
        weights = [round(float(w) / step) for w in column]
        whole = sum(a * b for a, b in zip(q, weights, strict=True))
        out.append(whole * scale * step + low * sum(weights) * step + float(bias))
    return out


def test_dynamic_rows_are_sums_of_integers(build, run, small, rows):
    made = int8_dynamic(build(TEXT, **small))

    (found,) = run(made, {"x": rows})

    expected = []
    for one in rows @ small["w0"]:
        low, scale = float(one.min()), max(float(np.ptp(one)) / 255, 1e-30)
        expected.append(integer_product(one, small, scale, low) @ small["w2"])
    # Half a step, where the loop and the runtime round a tie to different sides.
    np.testing.assert_allclose(found, expected, atol=2e-2)
    assert np.quantile(np.abs(found - expected), 0.9) < 1e-5


def test_static_rows_are_sums_of_integers(build, run, small, rows):
    proto = build(TEXT, **small)
    made = int8_static(proto, {"x": rows}, method="min-max")

    (found,) = run(made, {"x": rows})

    low, high = find_ranges(proto, ["first"], {"x": rows}, "min-max")["first"]
    scale = (high - low) / 255
    low = -scale * round(-low / scale)
    expected = [
        integer_product(one, small, scale, low) @ small["w2"]
        for one in rows @ small["w0"]
    ]
    np.testing.assert_allclose(found, expected, atol=3e-2)
    assert np.quantile(np.abs(found - expected), 0.9) < 1e-5


@pytest.mark.parametrize("opset", [13, 18])
def test_int8_networks_are_near_the_network(build, run, feed, constants, opset):
    text = NETWORK.format(ir=8, opset=opset)
    more = {}
    if opset == 18:
        text = text.replace("axes = [1], ", "").replace(
            "(h0)\n    m", "(h0, axes)\n    m"
        )
        text = text.replace("(square)", "(square, axes)")
        more = {"axes": np.int64([1])}
    proto = build(text, **constants, **more)
    (expected,) = run(proto, feed)

    for made in (
        int8_dynamic(proto),
        int8_dynamic(proto, scale="batch"),
        int8_static(proto, feed),
    ):
        (found,) = run(made, feed)
        assert np.isfinite(found).all()
        assert 1e-6 < np.abs(found - expected).max() < 0.1


def test_int8_networks_hold_operators_of_onnx_alone(network, feed):
    for made in (int8_dynamic(network), int8_static(network, feed)):
        kinds = collections.Counter(node.op_type for node in made.graph.node)
        types = [one.data_type for one in made.graph.initializer]
        assert kinds["MatMulInteger"] == 2
        assert kinds["MatMul"] == 2
        assert types.count(onnx.TensorProto.INT8) == 2
        assert [item.domain for item in made.opset_import] == [""]


def test_weights_leave_room_for_sums_in_16_bits(network):
    made = int8_dynamic(network)

    stored = [
        onnx.numpy_helper.to_array(one)
        for one in made.graph.initializer
        if one.data_type == onnx.TensorProto.INT8
    ]

    assert [np.abs(one).max() for one in stored] == [63, 63]


@pytest.mark.parametrize(("scale", "alone"), [("row", True), ("batch", False)])
def test_rows_scaled_by_themselves_do_not_see_others(network, run, feed, scale, alone):
    made = int8_dynamic(network, scale=scale)
    (whole,) = run(made, feed)

    few = {name: value[:16] for name, value in feed.items()}
    difference = np.abs(run(made, few)[0] - whole[:16]).max()

    assert bool(difference == 0) is alone


def test_columns_of_zeros_have_a_scale(build, run, small, rows):
    c = {**small, "w1": small["w1"] * np.float32([0, 1, 1, 1])}
    proto = build(TEXT, **c)

    for made in (int8_dynamic(proto), int8_static(proto, {"x": rows})):
        assert np.isfinite(run(made, {"x": rows})[0]).all()
