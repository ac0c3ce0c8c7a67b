from __future__ import annotations

import numpy as np
import pytest

from export.conversion.graph import constant_node, origin, tensor, working_graph
from export.errors import ConversionError


def test_inputs_come_before_their_users(old):
    scattered = type(old.graph)()
    scattered.node.extend(reversed(old.graph.node))

    graph = working_graph(scattered, "Identity:0")

    seen = set()
    for node in graph.nodes.values():
        assert {origin(name) for name in node.input} <= seen
        seen.add(node.name)


def test_what_the_output_does_not_need_is_gone(old):
    graph = working_graph(old.graph, "Identity")

    reached, waiting = set(), ["Identity"]
    inputs = {node.name: node.input for node in old.graph.node}
    while waiting:
        name = waiting.pop()
        reached.add(name)
        waiting += [origin(item) for item in inputs[name]]
    assert set(graph.nodes) == reached
    assert "loss/dead" not in graph.nodes
    assert graph.output == "Identity:0"


def test_a_long_chain_needs_no_deep_stack(build):
    import tensorflow as tf

    def body(x, y):
        for _ in range(3000):
            x = tf.abs(x)
        return x

    assert len(working_graph(build(body), "Identity").nodes) == 3002


def test_a_circle_is_refused(old):
    graph = type(old.graph)()
    graph.node.add(name="a", op="Abs", input=["b"])
    graph.node.add(name="b", op="Abs", input=["a"])

    with pytest.raises(ConversionError, match=r"must not run in circles.*'a'"):
        working_graph(graph, "a")


def test_a_missing_node_is_named(old):
    graph = type(old.graph)()
    graph.node.add(name="a", op="Abs", input=["b:1"])

    with pytest.raises(ConversionError, match=r"Received: 'b', which is not"):
        working_graph(graph, "a")


def test_a_name_for_two_nodes_is_refused(old):
    graph = type(old.graph)()
    graph.node.add(name="a", op="NoOp")
    graph.node.add(name="a", op="NoOp")

    with pytest.raises(ConversionError, match=r"names of their own. Received: 'a' 2"):
        working_graph(graph, "a")


@pytest.mark.parametrize(
    "value", [np.float32([[1.5]]), np.int32(3), np.zeros((0, 2), np.float32)]
)
def test_constants_keep_type_and_shape(old, value):
    graph = type(old.graph)()
    graph.node.append(constant_node("c", np.asarray(value)))

    found = working_graph(graph, "c").constant("c:0")

    assert found.dtype == value.dtype
    np.testing.assert_array_equal(found, value)


def test_names_of_tensors():
    assert [tensor(name) for name in ("a", "a:0", "a:1")] == ["a:0", "a:0", "a:1"]
    assert [origin(name) for name in ("^a", "a:1", "a")] == ["a", "a", "a"]


def test_users_are_counted_per_use(build):
    graph = working_graph(build(lambda x, y: x * x), "Identity")

    assert [node.op for node in graph.users()["x:0"]] == ["Mul", "Mul"]


def test_columns_of_a_tensor(build):
    import tensorflow as tf

    graph = working_graph(build(lambda x, y: tf.reduce_sum(x, 1) + y[:, 0]), "Identity")
    columns = graph.columns()

    found = [columns(name) for name in ("x:0", "y:0", "Identity:0")]
    assert found == [6, 1, None]
