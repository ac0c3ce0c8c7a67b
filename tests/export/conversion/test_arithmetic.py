"""Double precision against TensorFlow, operation by operation."""

from __future__ import annotations

import numpy as np
import pytest

from export.conversion import arithmetic
from export.conversion.graph import working_graph
from export.conversion.passes import without_controls
from export.parity import Probe

UNARY = [
    *("Abs", "Neg", "Sign", "Square", "Sqrt", "Rsqrt", "Exp", "Expm1", "Log", "Log1p"),
    *("Tanh", "Sin", "Cos", "Erf", "Erfc", "Floor", "Ceil", "Round", "Rint", "Sigmoid"),
    *("Softplus", "Relu", "Relu6", "Elu", "Selu", "LeakyRelu", "Reciprocal", "Inv"),
    *("ZerosLike", "OnesLike", "Softmax"),
]
BINARY = [
    *("Add", "AddV2", "Sub", "Mul", "RealDiv", "Div", "Minimum", "Maximum"),
    *("SquaredDifference", "Atan2"),
]
COMPARISONS = ["Less", "LessEqual", "Greater", "GreaterEqual", "Equal", "NotEqual"]
TESTS = ["IsNan", "IsInf", "IsFinite"]


def raw(name):
    import tensorflow as tf

    operation = getattr(tf.raw_ops, name)

    def call(*values, **attributes):
        names = [
            argument
            for argument in operation.__signature__.parameters
            if argument != "name"
        ]
        return operation(**dict(zip(names, values, strict=False)), **attributes)

    return call


def agree(proto, rows, run, **limits):
    graph = without_controls(working_graph(proto, "Identity"))
    assert arithmetic.unknown_operations(graph) == []

    exact = arithmetic.evaluator(graph, "x", "y")(rows.features, rows.category)

    value = run(proto, "Identity:0", rows)
    assert exact.shape == value.shape
    np.testing.assert_allclose(exact, value, **{"rtol": 1e-5, "atol": 1e-6} | limits)


@pytest.mark.parametrize("name", UNARY)
def test_functions_of_one_number(build, rows, run, name):
    import tensorflow as tf

    positive = name in ("Sqrt", "Rsqrt", "Log", "Log1p")

    def body(x, y):
        return raw(name)(tf.abs(x) + 0.01 if positive else x)

    agree(build(body), rows, run, rtol=3e-5)


@pytest.mark.parametrize("name", BINARY)
def test_functions_of_two_numbers(build, rows, run, name):
    agree(build(lambda x, y: raw(name)(x, y + 0.25)), rows, run)


def test_powers_and_bounds(build, rows, run):
    import tensorflow as tf

    agree(build(lambda x, y: tf.pow(tf.abs(x), 1.5)), rows, run)
    agree(
        build(
            lambda x, y: tf.raw_ops.ClipByValue(
                t=x, clip_value_min=-1.0, clip_value_max=0.5
            )
        ),
        rows,
        run,
    )


@pytest.mark.parametrize("name", COMPARISONS)
def test_comparisons_and_choices(build, rows, run, name):
    import tensorflow as tf

    def body(x, y):
        near = raw(name)(tf.round(x), y)
        other = tf.logical_or(near, tf.logical_not(x > 0))
        return tf.where(tf.logical_and(other, x < 1), x, -y)

    agree(build(body), rows, run)


@pytest.mark.parametrize("name", TESTS)
def test_what_is_no_number_is_told(build, run, name):
    import tensorflow as tf

    odd = np.float32([[np.nan, np.inf, -np.inf, 0, 1, -1]])
    rows = Probe(odd, np.zeros((1, 1), np.float32))

    agree(build(lambda x, y: tf.cast(raw(name)(x), tf.float32)), rows, run)


def test_the_old_graph_in_double_precision(old, rows, run):
    agree(old.graph, rows, run, rtol=0, atol=5e-6)


def test_nan_goes_where_tensorflow_lets_it(old, run):
    odd = np.zeros((3, 6), np.float32)
    odd[[0, 1, 2], [0, 4, 5]] = np.nan, np.inf, -np.inf
    rows = Probe(odd, np.float32([[1], [np.nan], [1e9]]))

    agree(old.graph, rows, run, rtol=0, atol=5e-6)


def test_unknown_operations_are_named(build):
    import tensorflow as tf

    graph = working_graph(build(lambda x, y: tf.asinh(tf.atan(x))), "Identity")

    assert arithmetic.unknown_operations(graph) == ["Asinh", "Atan"]
