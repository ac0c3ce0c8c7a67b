"""Each rule about ONNX files, broken by a file made for it."""

from __future__ import annotations

import onnx
import pytest
from onnx import TensorProto, helper

from export import onnx_rules
from export.errors import UnsafeGraphError
from export.wire import Message


def model(*nodes, initializers=(), **options):
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "ab"
    ]
    graph = helper.make_graph(list(nodes), "g", ends[:1], ends[1:], list(initializers))
    return helper.make_model(graph, **options)


def absolute(**options):
    return helper.make_node("Abs", ["a"], ["b"], **options)


def weights(name="w", location="outside"):
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=[1])
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=location)
    return tensor


def constant(tensor):
    return helper.make_node("Constant", [], ["c"], value=tensor)


def branch(node):
    """A node with a graph in it that holds another node."""
    inner = helper.make_graph([node], "inner", [], [])
    return helper.make_node("If", ["a"], ["b"], then_branch=inner, else_branch=inner)


def check(proto):
    return onnx_rules.check_model(Message(proto.SerializeToString()))


def test_what_we_export_keeps_the_rules(bundle):
    content = bundle.onnx.read_bytes()

    nodes = onnx_rules.check_model(Message(content))

    assert nodes == len(onnx.ModelProto.FromString(content).graph.node)


def test_nodes_within_nodes_count():
    assert check(model(branch(branch(absolute())), absolute())) == 8


def test_an_unused_import_of_tf2onnx_is_fine():
    opsets = [helper.make_opsetid("", 13), helper.make_opsetid("ai.onnx.ml", 2)]

    assert check(model(absolute(), opset_imports=opsets)) == 1


@pytest.mark.parametrize(
    "location",
    ["weights.bin", "../../etc/passwd", "/etc/passwd", "*/_ORT_MEM_ADDR_/*", ""],
)
def test_weights_in_other_files_are_refused(location):
    tensor = weights(location=location)
    sparse = onnx.SparseTensorProto(values=tensor, indices=tensor)
    hidden = [
        model(absolute(), initializers=[tensor]),
        model(constant(tensor)),
        model(branch(constant(tensor))),
        model(helper.make_node("Constant", [], ["c"], sparse_value=sparse)),
        model(helper.make_node("X", [], ["c"], many=[tensor, tensor])),
    ]
    hidden.append(model(absolute()))
    hidden[-1].graph.sparse_initializer.append(sparse)

    for proto in hidden:
        with pytest.raises(
            UnsafeGraphError, match=r"its weights itself\. Received: 'w' in another"
        ) as refusal:
            check(proto)
        assert repr(location) in str(refusal.value)


def test_a_location_without_entries_is_refused():
    tensor = weights()
    del tensor.external_data[:]

    with pytest.raises(UnsafeGraphError, match="must hold its weights itself"):
        check(model(absolute(), initializers=[tensor]))


@pytest.mark.parametrize("domain", ["com.microsoft", "ai.onnx.training", "mine"])
def test_unknown_domains_are_refused(domain):
    opsets = [helper.make_opsetid("", 13), helper.make_opsetid(domain, 1)]

    with pytest.raises(UnsafeGraphError, match=f"Received: the domain '{domain}'"):
        check(model(absolute(), opset_imports=opsets))
    with pytest.raises(UnsafeGraphError, match=f"'Abs' of the domain '{domain}'"):
        check(model(absolute(domain=domain)))
    with pytest.raises(UnsafeGraphError, match=f"'Abs' of the domain '{domain}'"):
        check(model(branch(absolute(domain=domain))))


def test_operators_of_ai_onnx_ml_are_refused():
    with pytest.raises(UnsafeGraphError, match=r"of the domain 'ai\.onnx\.ml'"):
        check(model(absolute(domain="ai.onnx.ml")))


def test_functions_are_refused():
    function = helper.make_function(
        "", "Abs", ["a"], ["b"], [], [helper.make_opsetid("", 13)]
    )

    with pytest.raises(UnsafeGraphError, match=r"functions of its own.*\['Abs'\]"):
        check(model(absolute(), functions=[function]))


def test_a_training_is_refused():
    proto = model(absolute())
    proto.training_info.add()

    with pytest.raises(UnsafeGraphError, match="must not hold a training"):
        check(proto)


def test_too_many_nodes_are_refused(monkeypatch):
    monkeypatch.setattr(onnx_rules, "MAX_NODES", 5)

    assert check(model(*[absolute()] * 5)) == 5
    with pytest.raises(UnsafeGraphError, match=r"at most 5 nodes\. Received: 6"):
        check(model(*[absolute()] * 6))


def test_deep_graphs_are_refused():
    node = absolute()
    for _ in range(onnx_rules.MAX_DEPTH - 1):
        inner = helper.make_graph([node], "inner", [], [])
        node = helper.make_node("Loop", ["a"], ["b"], body=inner)
    assert check(model(node)) == onnx_rules.MAX_DEPTH

    inner = helper.make_graph([node], "inner", [], [])
    with pytest.raises(UnsafeGraphError, match="nest graphs at most 8 deep"):
        check(model(helper.make_node("Loop", ["a"], ["b"], body=inner)))


@pytest.mark.parametrize("dims", [[1 << 20, 1 << 20], [-1], [1] * 1000])
def test_impossible_shapes_are_refused(dims):
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=dims)

    with pytest.raises(UnsafeGraphError, match="Received: 'w' of shape"):
        check(model(absolute(), initializers=[tensor]))


def test_a_graph_in_two_parts_is_seen_whole():
    """A field that occurs twice is merged by every reader of protocol buffers."""
    content = model(absolute()).SerializeToString()
    more = model(absolute(domain="mine")).SerializeToString()

    with pytest.raises(UnsafeGraphError, match="of the domain 'mine'"):
        onnx_rules.check_model(Message(content + more))
