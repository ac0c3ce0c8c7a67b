"""Operations that move numbers against TensorFlow."""

from __future__ import annotations

import numpy as np
import pytest

from export.conversion import arithmetic
from export.conversion.graph import working_graph
from export.parity import Probe


def bodies():
    import tensorflow as tf

    w = np.arange(12, dtype=np.float32).reshape(6, 2) - 5
    return {
        "matmul": lambda x, y: tf.matmul(x, w),
        "left turned": lambda x, y: tf.matmul(x, x, transpose_a=True),
        "right turned": lambda x, y: tf.matmul(x, w.T.copy(), transpose_b=True),
        "slice of columns": lambda x, y: x[:, 1:5:2],
        "one column": lambda x, y: x[:, 3],
        "from the end": lambda x, y: x[..., -2:],
        "backwards": lambda x, y: x[::-1, ::-1],
        "new axis": lambda x, y: x[:, tf.newaxis, 2:],
        "slice": lambda x, y: tf.slice(x, [0, 1], [-1, 3]),
        "concat": lambda x, y: tf.concat([x, y, x], 1),
        "pack": lambda x, y: tf.stack([x, -x], axis=1),
        "reshape": lambda x, y: tf.reshape(x, (-1, 2, 3)),
        "transpose": lambda x, y: tf.transpose(x),
        "one hot": lambda x, y: tf.one_hot(tf.cast(y, tf.int32), 5, 2.0, -1.0),
        "one hot first": lambda x, y: tf.one_hot(tf.cast(y, tf.int32), 5, axis=0),
        "cast": lambda x, y: tf.cast(tf.cast(x, tf.int64), tf.float32),
        "cast of bool": lambda x, y: tf.cast(tf.cast(x, tf.bool), tf.float32),
        "sum": lambda x, y: tf.reduce_sum(x, 1, keepdims=True),
        "mean": lambda x, y: tf.reduce_mean(x, [0, 1]),
        "max": lambda x, y: tf.reduce_max(x, 1),
        "min": lambda x, y: tf.reduce_min(x, 0),
        "prod": lambda x, y: tf.reduce_prod(x, 1),
        "squeeze": lambda x, y: tf.squeeze(y, 1),
        "expand": lambda x, y: tf.expand_dims(x, 0),
        "gather": lambda x, y: tf.gather(x, [4, 0, 0], axis=1),
        "tile": lambda x, y: tf.tile(x, (1, 2)),
        "broadcast": lambda x, y: tf.broadcast_to(y[:1], (4, 3)),
        "fill": lambda x, y: tf.fill(tf.shape(x), 2.5) * x,
    }


@pytest.mark.parametrize("name", list(bodies()))
def test_operation_is_that_of_tensorflow(build, rows, run, name):
    proto = build(bodies()[name])
    graph = working_graph(proto, "Identity")
    assert arithmetic.unknown_operations(graph) == []

    exact = arithmetic.evaluator(graph, "x", "y")(rows.features, rows.category)

    value = run(proto, "Identity:0", rows)
    assert exact.shape == value.shape
    np.testing.assert_allclose(exact, value, rtol=1e-5, atol=1e-4)


def test_no_rows_are_reshaped(build, rows):
    graph = working_graph(build(bodies()["reshape"]), "Identity")

    none = arithmetic.evaluator(graph, "x", "y")(rows.features[:0], rows.category[:0])

    assert none.shape == (0, 2, 3)


def test_what_no_integer_holds_becomes_the_least(build, run):
    import tensorflow as tf

    proto = build(lambda x, y: tf.one_hot(tf.cast(y, tf.int32), 3))
    graph = working_graph(proto, "Identity")
    values = [np.nan, np.inf, -np.inf, 3e38, 2.0**31, -(2.0**31), -0.9, 1.9, 2.0]
    rows = Probe(np.zeros((9, 6), np.float32), np.float32(values)[:, None])

    codes = arithmetic.evaluator(graph, "x", "y")(rows.features, rows.category)

    np.testing.assert_array_equal(codes, run(proto, "Identity:0", rows))
    assert codes[:6].sum() == 0
