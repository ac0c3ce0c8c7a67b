"""Every pass keeps every bit of what a graph computes, and takes what it should."""

from __future__ import annotations

import numpy as np
import pytest

from export.conversion import arithmetic, passes
from export.conversion.graph import working_graph
from export.errors import ConversionError
from export.parity import Probe

ALL = (
    passes.without_controls,
    passes.without_pass_through,
    passes.with_constants_folded,
)


def simplified(graph, steps=ALL):
    lean = working_graph(graph, "Identity")
    for step in steps:
        lean = step(lean)
    return lean


@pytest.mark.parametrize("count", [1, 2, 3])
def test_passes_keep_every_bit_of_the_old_graph(old, rows, run, count):
    before = run(old.graph, "Identity:0", rows)

    graph = simplified(old.graph, ALL[:count])

    np.testing.assert_array_equal(run(graph.to_proto(), graph.output, rows), before)


@pytest.mark.parametrize("seed", range(12))
def test_passes_keep_every_bit_of_random_graphs(random_graph, rows, run, seed):
    proto = random_graph(seed)
    before = run(proto, "Identity:0", rows)

    graph = simplified(proto)

    np.testing.assert_array_equal(run(graph.to_proto(), graph.output, rows), before)


def test_what_passes_on_is_gone(old):
    graph = simplified(old.graph, ALL[:2])

    assert not set(graph.operations) & {"Identity", "IdentityN", "NoOp"}
    names = [name for node in graph.nodes.values() for name in node.input]
    assert not any(name.startswith("^") for name in names)


def test_no_node_of_constants_alone_is_left(old):
    graph = simplified(old.graph)

    for node in graph.nodes.values():
        if node.op != "Const":
            inputs = [graph.nodes[name.split(":")[0]].op for name in node.input]
            assert not inputs or set(inputs) != {"Const"}
    assert "Rsqrt" not in graph.operations


def test_each_output_of_a_list_is_followed(build, rows, run):
    import tensorflow as tf

    def body(x, y):
        _, second = tf.raw_ops.IdentityN(input=[x, tf.exp(y)])
        return second

    proto = build(body)
    graph = simplified(proto)

    assert set(graph.operations) == {"Placeholder", "Exp"}
    np.testing.assert_allclose(
        run(graph.to_proto(), graph.output, rows), np.exp(rows.category), rtol=1e-6
    )


def test_checks_are_taken_out(build, rows, run):
    import tensorflow as tf

    graph = simplified(build(lambda x, y: tf.debugging.check_numerics(y, "no") * 2.0))

    odd = Probe(rows.features[:1], np.full((1, 1), np.nan, np.float32))
    assert np.isnan(run(graph.to_proto(), graph.output, odd)).all()


def test_a_default_that_nobody_feeds_is_a_constant(build, rows, run):
    import tensorflow as tf

    def body(x, y):
        phase = tf.compat.v1.placeholder_with_default(2.0, ())
        return y * (phase + 1)

    graph = simplified(build(body))

    assert graph.operations == {"Const": 1, "Mul": 1, "Placeholder": 1}
    np.testing.assert_array_equal(
        run(graph.to_proto(), graph.output, rows), 3 * rows.category
    )


def test_folding_does_not_blow_a_graph_up(build):
    import tensorflow as tf

    graph = simplified(build(lambda x, y: y + tf.reduce_sum(tf.fill((2000, 700), 1.0))))
    large = simplified(build(lambda x, y: y[:1] * tf.fill((2000, 700), 1.0)))

    assert "Fill" not in graph.operations
    assert "Fill" in large.operations


def test_folded_constants_are_those_of_numpy(old):
    before = working_graph(old.graph, "Identity")
    after = simplified(old.graph)

    plain = passes.without_pass_through(passes.without_controls(before))
    slow = arithmetic.evaluator(plain, "x", "y")
    fast = arithmetic.evaluator(after, "x", "y")
    rng = np.random.default_rng(1)
    x = rng.normal(size=(50, 6)).astype(np.float32)
    y = rng.integers(0, 8, (50, 1)).astype(np.float32)

    np.testing.assert_allclose(fast(x, y), slow(x, y), rtol=0, atol=1e-5)


def test_constants_that_cannot_be_evaluated_are_named(build):
    import tensorflow as tf

    def body(x, y):
        return y + tf.reduce_sum(
            tf.reshape(tf.constant([1.0] * 6), tf.constant([2, 3]))
        )

    proto = build(body)
    for node in proto.node:
        if node.op == "Const" and node.attr["dtype"].type == tf.int32.as_datatype_enum:
            value = tf.make_ndarray(node.attr["value"].tensor)
            wrong = tf.make_tensor_proto(value + (value.tolist() == [2, 3]))
            node.attr["value"].tensor.CopyFrom(wrong)

    with pytest.raises(ConversionError, match="able to evaluate the constants"):
        simplified(proto)
