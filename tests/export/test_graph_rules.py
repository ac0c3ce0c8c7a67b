"""Each rule about TensorFlow graphs, broken by a graph made for it."""

from __future__ import annotations

import pytest

from export import graph_rules
from export.errors import UnsafeGraphError
from export.wire import Message


def graph(*operations):
    """A chain of nodes; the first ones come first."""
    from tensorflow.core.framework import graph_pb2

    found = graph_pb2.GraphDef()
    for number, operation in enumerate(operations):
        node = found.node.add(name=f"n{number}", op=operation)
        if number:
            node.input.append(f"n{number - 1}:0")
    return found


def function(name, *operations, calls=()):
    from tensorflow.core.framework import function_pb2

    found = function_pb2.FunctionDef()
    found.signature.name = name
    for number, operation in enumerate(operations):
        found.node_def.add(name=f"{name}{number}", op=operation)
    for callee in calls:
        node = found.node_def.add(name=f"call_{callee}", op="PartitionedCall")
        node.attr["f"].func.name = callee
    return found


def call(parent, name, callee):
    node = parent.node.add(name=name, op="StatefulPartitionedCall")
    node.attr["f"].func.name = callee


def check(proto):
    return graph_rules.check_graph(Message(proto.SerializeToString()))


def check_saved(proto):
    return graph_rules.check_saved_model(Message(proto.SerializeToString()))


@pytest.fixture
def saved():
    """A SavedModel whose signature computes, and that can be saved again."""
    from tensorflow.core.protobuf import saved_model_pb2

    found = saved_model_pb2.SavedModel()
    meta = found.meta_graphs.add()
    call(meta.graph_def, "score", "compute")
    call(meta.graph_def, "store", "save")
    meta.graph_def.library.function.extend(
        [function("compute", "VarHandleOp", "MatMul"), function("save", "SaveV2")]
    )
    meta.signature_def["serving_default"].outputs["score"].name = "score:0"
    return found


def test_what_we_export_keeps_the_rules(bundle):
    frozen = bundle.frozen_graph.read_bytes()
    saved = (bundle.saved_model / "saved_model.pb").read_bytes()

    nodes = graph_rules.check_graph(Message(frozen))

    assert nodes == len(type(graph()).FromString(frozen).node)
    assert graph_rules.check_saved_model(Message(saved)) > nodes


@pytest.mark.parametrize(
    "operation", ["ReadFile", "WriteFile", "PyFunc", "SaveV2", "PrintV2", "NoSuch", ""]
)
def test_operations_that_do_not_compute_are_refused(operation):
    inside = graph("Placeholder")
    inside.library.function.append(function("f", "Abs", operation))

    for proto in (graph("Placeholder", operation, "Abs"), inside):
        with pytest.raises(
            UnsafeGraphError, match=f"operations that compute.*'{operation}'"
        ):
            check(proto)


def test_variables_are_refused_in_a_frozen_graph():
    with pytest.raises(UnsafeGraphError, match="'VarHandleOp'"):
        check(graph("VarHandleOp"))


def test_an_operation_given_twice_is_seen_twice():
    node = graph("Abs").node[0].SerializeToString()
    other = graph("ReadFile").node[0].SerializeToString()
    inside = other + node
    content = b"\x0a" + bytes([len(inside)]) + inside

    with pytest.raises(UnsafeGraphError, match="'ReadFile'"):
        graph_rules.check_graph(Message(content))


def test_calls_of_functions_are_fine():
    proto = graph("Placeholder", "f")
    proto.library.function.extend([function("f", calls=["g"]), function("g", "Abs")])

    assert check(proto) == 4


@pytest.mark.parametrize("calls", [{"f": "f"}, {"f": "g", "g": "f"}])
def test_functions_that_call_themselves_are_refused(calls):
    proto = graph("Placeholder")
    for name, callee in calls.items():
        proto.library.function.append(function(name, calls=[callee]))

    with pytest.raises(UnsafeGraphError, match=r"never themselves\. Received: 'f'"):
        check(proto)


def test_deep_calls_are_refused():
    proto = graph("Placeholder")
    names = [f"f{number}" for number in range(graph_rules.MAX_CALLS)]
    proto.library.function.append(function(names[0], "Abs"))
    for name, callee in zip(names[1:], names[:-1], strict=True):
        proto.library.function.append(function(name, calls=[callee]))
    assert check(proto) == graph_rules.MAX_CALLS + 1

    proto.library.function.append(function("last", calls=[names[-1]]))
    with pytest.raises(UnsafeGraphError, match=r"at most 32 deep.*'last'"):
        check(proto)


def test_too_many_nodes_are_refused(monkeypatch):
    monkeypatch.setattr(graph_rules, "MAX_NODES", 3)
    proto = graph("Placeholder", "Abs")
    proto.library.function.append(function("f", "Abs", "Abs"))

    with pytest.raises(UnsafeGraphError, match=r"at most 3 nodes\. Received: 4"):
        check(proto)


def test_too_many_functions_are_refused(monkeypatch):
    monkeypatch.setattr(graph_rules, "MAX_FUNCTIONS", 1)
    proto = graph("Placeholder")
    proto.library.function.extend([function("f", "Abs"), function("g", "Abs")])

    with pytest.raises(UnsafeGraphError, match=r"at most 1 functions\. Received: 2"):
        check(proto)


@pytest.mark.parametrize("sizes", [[1 << 20, 1 << 20], [-1], [1] * 100])
def test_constants_of_impossible_shapes_are_refused(sizes):
    single, several = graph("Const"), graph("Const")
    tensors = [
        single.node[0].attr["value"].tensor,
        several.node[0].attr["value"].list.tensor.add(),
    ]
    for tensor in tensors:
        for size in sizes:
            tensor.tensor_shape.dim.add(size=size)

    for proto in (single, several):
        with pytest.raises(UnsafeGraphError, match="constants of at most"):
            check(proto)


def test_saving_is_fine_where_no_signature_leads(saved):
    assert check_saved(saved) == 5


def test_saving_behind_a_signature_is_refused(saved):
    saved.meta_graphs[0].signature_def["other"].outputs["z"].name = "store:0"

    with pytest.raises(UnsafeGraphError, match=r"'SaveV2'.*behind a signature"):
        check_saved(saved)


def test_saving_before_a_score_is_refused(saved):
    saved.meta_graphs[0].graph_def.node[0].input.append("^store")

    with pytest.raises(UnsafeGraphError, match="'SaveV2'"):
        check_saved(saved)


def test_saving_within_what_a_signature_calls_is_refused(saved):
    library = saved.meta_graphs[0].graph_def.library
    library.function[0].CopyFrom(function("compute", "Abs", calls=["save"]))

    with pytest.raises(UnsafeGraphError, match="'SaveV2'"):
        check_saved(saved)


def test_saving_that_an_attribute_of_an_attribute_names_is_refused(saved):
    node = saved.meta_graphs[0].graph_def.node[0]
    node.attr["f"].func.attr["g"].list.func.add(name="save")

    with pytest.raises(UnsafeGraphError, match="'SaveV2'"):
        check_saved(saved)


def test_saving_while_loading_is_refused(saved):
    meta = saved.meta_graphs[0]
    collected = type(saved).FromString(saved.SerializeToString())
    names = collected.meta_graphs[0].collection_def["saved_model_main_op"].node_list
    names.value.append("store")
    meta.object_graph_def.concrete_functions["save"].bound_inputs.append(0)

    for proto in (saved, collected):
        with pytest.raises(UnsafeGraphError, match="'SaveV2'"):
            check_saved(proto)


def test_assets_are_refused(saved):
    saved.meta_graphs[0].asset_file_def.add(filename="../../etc/passwd")

    with pytest.raises(UnsafeGraphError, match=r"assets.*'\.\./\.\./etc/passwd'"):
        check_saved(saved)


def test_a_saved_model_reads_no_files(saved):
    saved.meta_graphs[0].graph_def.node.add(name="r", op="ReadFile")

    with pytest.raises(UnsafeGraphError, match="'ReadFile'"):
        check_saved(saved)


def test_constant_of_another_type_is_refused():
    proto = graph("Const")
    attributes = proto.node[0].attr
    attributes["dtype"].type = 1  # DT_FLOAT
    attributes["value"].tensor.dtype = 1
    graph_rules.check_graph(Message(proto.SerializeToString()))

    attributes["value"].tensor.dtype = 3
    with pytest.raises(UnsafeGraphError, match=r"Received: \[3\] in place of \[1\]"):
        graph_rules.check_graph(Message(proto.SerializeToString()))
