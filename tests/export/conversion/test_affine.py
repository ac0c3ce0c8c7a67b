"""Folding against a slow twin, and what it must leave alone."""

from __future__ import annotations

import numpy as np
import pytest

from export.conversion import affine, arithmetic
from export.conversion.graph import working_graph
from export.conversion.simplification import simplify
from export.conversion.source import GraphSession


def exact(graph, rows):
    return arithmetic.evaluator(graph, "x", "y")(rows.features, rows.category)


def plain(proto):
    return simplify(proto, "Identity", fold=False).graph


@pytest.mark.parametrize("seed", range(24))
def test_folding_keeps_the_function_of_random_graphs(random_graph, rows, seed):
    before = plain(random_graph(seed))

    after, _ = affine.with_affines_folded(before)

    assert len(after.nodes) <= len(before.nodes)
    np.testing.assert_allclose(exact(after, rows), exact(before, rows), atol=2e-6)


def test_random_graphs_are_folded_at_all(random_graph):
    counts = [affine.with_affines_folded(plain(random_graph(s)))[1] for s in range(24)]

    assert sum(count > 0 for count in counts) > 12


def test_the_old_graph_loses_its_normalisations(old, rows):
    before = plain(old.graph)

    after, folded = affine.with_affines_folded(before)

    assert folded == old.folds
    assert after.operations["Mul"] < before.operations["Mul"]
    assert after.operations["MatMul"] == 3
    np.testing.assert_allclose(exact(after, rows), exact(before, rows), atol=1e-6)


def slow_layer(x, scale, shift, weights, scale_after, shift_after):
    """One row and one column at a time."""
    result = np.zeros((len(x), weights.shape[1]))
    for row in range(len(x)):
        for column in range(weights.shape[1]):
            total = 0.0
            for k in range(len(weights)):
                normalised = scale[k] * float(x[row, k]) + shift[k]
                total += normalised * weights[k, column]
            result[row, column] = scale_after[column] * total + shift_after[column]
    return result


def test_folding_matches_loops(build, rows):
    import tensorflow as tf

    rng = np.random.default_rng(3)
    scale, shift = rng.normal(size=(2, 6)).astype(np.float32)
    weights = rng.normal(size=(6, 1)).astype(np.float32)
    ends = np.float32([[2.0], [0.5]])
    proto = build(
        lambda x, y: tf.matmul(x * scale + shift, weights) * ends[0] + ends[1] + 0 * y
    )

    after, folded = affine.with_affines_folded(plain(proto))

    slow = slow_layer(rows.features, scale, shift, weights, *ends)
    assert folded == 2
    assert after.operations["Sub"] == 1
    np.testing.assert_allclose(exact(after, rows), slow, atol=1e-5)


def test_a_strong_normalisation_keeps_its_digits(build, rows, run):
    """Activations near 100 with a width of 0.01: huge terms would cancel."""
    import tensorflow as tf

    rng = np.random.default_rng(3)
    scale = np.float32(100 * rng.uniform(0.5, 1, 6))
    shift = np.float32(-100 * scale + rng.normal(size=6))
    weights = np.float32(rng.normal(0, 0.2, (6, 1)))

    def body(x, y):
        near = 100 + 0.01 * tf.tanh(x)
        return tf.sigmoid(tf.matmul(near * scale + shift, weights)) + 0 * y

    proto = build(body)
    before = plain(proto)
    after, _ = affine.with_affines_folded(before)

    truth = exact(before, rows)
    original = np.abs(run(before.to_proto(), before.output, rows) - truth).max()
    folded = np.abs(run(after.to_proto(), after.output, rows) - truth).max()
    # The activations themselves are rounded at 100; the fold adds nothing to that.
    assert folded < 1.5 * original


@pytest.mark.parametrize(
    "body",
    [
        lambda tf, z, w: tf.matmul(z * w[:, 0], w) + tf.reduce_sum(z * w[:, 0]),
        lambda tf, z, w: tf.matmul(z * np.zeros((1, 6), np.float32) / 0.0, w),
        lambda tf, z, w: tf.matmul(1.0 / (z * z), w),
        lambda tf, z, w: tf.matmul(w, z, transpose_a=True, transpose_b=True),
        lambda tf, z, w: tf.matmul(z + np.ones((300, 6), np.float32), w),
        lambda tf, z, w: tf.matmul(z * 1e38 * 1e38, w),
        lambda tf, z, w: tf.matmul(z + 1.0, w),
    ],
    ids=[
        "used twice",
        "by zero",
        "of itself",
        "turned",
        "per row",
        "too large",
        "bias",
    ],
)
def test_what_is_no_affine_step_of_one_matrix_stays(build, rows, body, request):
    import tensorflow as tf

    w = np.random.default_rng(2).normal(size=(6, 1)).astype(np.float32)
    proto = build(lambda x, y: tf.reshape(body(tf, tf.tanh(x), w), (-1, 1)) + 0 * y)
    before = plain(proto)

    after, folded = affine.with_affines_folded(before)

    if request.node.callspec.id != "used twice":
        assert folded == 0
    assert after.operations.get("Tanh") == 1
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(exact(after, rows), exact(before, rows), atol=1e-5)


@pytest.mark.parametrize("step", [np.multiply, np.add])
def test_folding_leaves_one_column_that_is_repeated(build, rows, step):
    import tensorflow as tf

    repeated = np.float32([[0.5, -1.0, 2.0]])
    w = np.random.default_rng(2).normal(size=(3, 1)).astype(np.float32)

    def body(x, y):
        wide = y * repeated if step is np.multiply else y + repeated
        return tf.matmul(wide * 2.0, w) + 0 * x[:, :1]

    before = plain(build(body))

    after, folded = affine.with_affines_folded(before)

    assert folded == 1
    GraphSession(after.to_proto(), "x", "y", after.output)
    np.testing.assert_allclose(exact(after, rows), exact(before, rows), atol=1e-5)


def test_folding_takes_no_name_of_another_node(build, rows):
    import tensorflow as tf

    w = np.random.default_rng(2).normal(size=(6, 1)).astype(np.float32)

    def body(x, y):
        z = tf.raw_ops.MatMul(a=tf.tanh(x), b=w, name="dense")
        return tf.tanh(y, name="dense/folded") + z * 2.0

    before = plain(build(body))

    after, folded = affine.with_affines_folded(before)

    assert folded == 1
    np.testing.assert_allclose(exact(after, rows), exact(before, rows), atol=1e-5)


def test_an_output_inside_a_chain_is_kept(build, rows):
    import tensorflow as tf

    w = np.ones((6, 1), np.float32)
    proto = build(lambda x, y: tf.matmul(x, w) * 2.0)
    before = plain(proto)

    after, _ = affine.with_affines_folded(before)

    np.testing.assert_allclose(exact(after, rows), exact(before, rows), rtol=1e-6)


def test_step_of_a_node(build):
    graph = working_graph(build(lambda x, y: (3.0 - x) / 2.0), "Identity")
    steps = [affine.affine_step(graph, node, 6) for node in graph.nodes.values()]

    found = [(float(s.scale), float(s.shift)) for s in steps if s is not None]
    assert found == [(-1.0, 3.0), (0.5, 0.0)]
