"""Sessions over the bytes of a graph."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from trackdnn.graphs.onnx_session import open_session


def graph(*nodes, inputs):
    values = [helper.make_tensor_value_info(*one) for one in inputs]
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, [None])
    made = helper.make_graph(list(nodes), "g", values, [output])
    model = helper.make_model(
        made, opset_imports=[helper.make_opsetid("", 18)], ir_version=8
    )
    onnx.checker.check_model(model)
    return model.SerializeToString()


def test_session_runs_a_graph_with_the_threads_asked_for():
    node = helper.make_node("Neg", ["x"], ["y"])
    session = open_session(graph(node, inputs=[("x", TensorProto.FLOAT, [None])]), 2)

    [found] = session.run(None, {"x": np.float32([1, -2])})

    assert found.tolist() == [-1, 2]
    assert session.get_session_options().intra_op_num_threads == 2


def test_sums_that_threads_would_spoil_get_one_thread():
    node = helper.make_node("ScatterND", ["x", "i", "u"], ["y"], reduction="add")
    floats, whole = TensorProto.FLOAT, TensorProto.INT64
    inputs = [("x", floats, [4]), ("i", whole, [3, 1]), ("u", floats, [3])]

    session = open_session(graph(node, inputs=inputs), 2)

    assert session.get_session_options().intra_op_num_threads == 1


@pytest.mark.parametrize("content", [b"", b"no graph"])
def test_what_is_no_graph_is_told(content):
    with pytest.raises(ValueError, match=r"\w"):
        open_session(content, 1)
