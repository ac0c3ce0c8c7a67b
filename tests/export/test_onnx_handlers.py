"""Each handler against NumPy in double precision."""

from __future__ import annotations

import math

import numpy as np
import pytest


@pytest.fixture(scope="module")
def run():
    """A function from a TensorFlow operation to its ONNX form."""

    def convert(name):
        import onnxruntime
        import tensorflow as tf
        import tf2onnx

        import export.onnx_handlers  # noqa: F401

        signature = [tf.TensorSpec((None,), tf.float32, name="x")]
        operation = getattr(tf.math, name)
        function = tf.function(
            lambda x: {"out": operation(x)}, input_signature=signature, autograph=False
        )
        proto, _ = tf2onnx.convert.from_function(function, signature, opset=13)
        session = onnxruntime.InferenceSession(
            proto.SerializeToString(), providers=["CPUExecutionProvider"]
        )
        return lambda x: session.run(["out"], {"x": np.asarray(x, np.float32)})[0]

    return convert


@pytest.mark.parametrize(
    ("name", "least", "largest"), [("log1p", -0.999, 1e38), ("expm1", -80.0, 80.0)]
)
def test_handler_keeps_the_digits_of_small_numbers(run, name, least, largest):
    tiny = np.geomspace(1e-37, 1e-2, 400)
    x = np.concatenate([tiny, -tiny, np.linspace(least, 80.0, 400), [largest, 0.0]])
    x = x.astype(np.float32)

    values = run(name)(x)

    exact = np.array([getattr(math, name)(float(value)) for value in x])
    np.testing.assert_allclose(values, exact, rtol=5e-7)


@pytest.mark.parametrize("name", ["log1p", "expm1"])
def test_handler_knows_infinity_and_its_poles(run, name):
    x = np.array([np.inf, -np.inf, np.nan, -1.0, 3.4e38, 1e-45], np.float32)

    values = run(name)(x)

    with np.errstate(all="ignore"):
        np.testing.assert_allclose(values, getattr(np, name)(x), rtol=1e-6)


def test_erfc_is_good_to_one_rounding(run):
    x = np.linspace(-6, 6, 1001).astype(np.float32)

    values = run("erfc")(x)

    exact = [math.erfc(float(value)) for value in x]
    np.testing.assert_allclose(values, exact, rtol=0, atol=3e-7)


def test_sigmoid_is_right_at_every_size(run):
    x = np.concatenate([np.linspace(-80, 80, 2001), [1e38, -1e38, np.inf, -np.inf]])
    x = x.astype(np.float32)

    values = run("sigmoid")(x)

    exact = [1 / (1 + math.exp(min(-float(value), 700.0))) for value in x]
    np.testing.assert_allclose(values, exact, rtol=1e-6, atol=1e-37)


@pytest.mark.parametrize("condition", [[True, False], [[True], [False]]])
def test_where_keeps_infinity_out_of_what_was_not_chosen(condition):
    import onnxruntime
    import tensorflow as tf
    import tf2onnx

    import export.onnx_handlers  # noqa: F401

    signature = [tf.TensorSpec((None, 2), tf.float32, name="x")]
    function = tf.function(
        lambda x: {"out": tf.where(condition, x, tf.abs(x[:, :1]))},
        input_signature=signature,
        autograph=False,
    )
    proto, _ = tf2onnx.convert.from_function(function, signature, opset=13)
    session = onnxruntime.InferenceSession(
        proto.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    x = np.array([[np.inf, 1.0], [-np.inf, np.inf]], np.float32)

    values = session.run(["out"], {"x": x})[0]

    np.testing.assert_array_equal(values, np.where(condition, x, np.abs(x[:, :1])))


@pytest.mark.parametrize("values", [(1.0, 0.0), (2.5, -1.0)])
@pytest.mark.parametrize("axis", [-1, 0, 1])
def test_one_hot_has_no_code_for_what_lies_outside(values, axis):
    """-1 is no category; ONNX's own OneHot would take it for the last one."""
    import onnxruntime
    import tensorflow as tf

    from export import onnx_graph

    signature = [tf.TensorSpec((None, 1), tf.float32, name="x")]
    function = tf.function(
        lambda x: {"out": tf.one_hot(tf.cast(x, tf.int32), 4, *values, axis=axis)},
        input_signature=signature,
        autograph=False,
    )
    proto = onnx_graph.convert_function(function)
    session = onnxruntime.InferenceSession(
        proto.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    x = np.float32([[-5], [-4], [-1], [0], [2], [3], [4], [1e9], [np.nan], [-np.inf]])

    codes = session.run(["out"], {"x": x})[0]

    wanted = np.full((10, 1, 4), values[1], np.float32)
    wanted[[3, 4, 5], 0, [0, 2, 3]] = values[0]
    assert "OneHot" not in {node.op_type for node in proto.graph.node}
    np.testing.assert_array_equal(codes, np.moveaxis(wanted, -1, axis))
