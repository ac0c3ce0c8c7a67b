"""Graphs whose numbers depend on the threads are found; and that there are such."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from export.errors import UnsafeGraphError
from export.races import racing_nodes, safe_threads
from tests.export.graph_models import session_of

TEXT = """
<ir_version: 8, opset_import: ["" : 18]>
g (float[n, w] zero, int64[e, 1] ids, float[e, w] x) => (float[n, w] y) {{
    y = {operation} (zero, {inputs})
}}
"""
SCATTER = 'ScatterND <reduction = "{}">'


def content(operation, inputs="ids, x"):
    text = TEXT.format(operation=operation, inputs=inputs)
    return onnx.parser.parse_model(text).SerializeToString()


@pytest.mark.parametrize("reduction", ["add", "max", "mul"])
def test_scatter_with_a_reduction_races(reduction):
    found = racing_nodes(content(SCATTER.format(reduction)))

    assert found == [f"ScatterND({reduction}) ''"]


@pytest.mark.parametrize("operation", ["ScatterND", SCATTER.format("none")])
def test_scatter_that_writes_does_not_race(operation):
    assert racing_nodes(content(operation)) == []


def test_scatter_within_another_node_is_found():
    scatter = helper.make_node("ScatterND", list("zix"), ["y"], "deep", reduction="add")
    inner = helper.make_graph([scatter], "inner", [], [])
    node = helper.make_node("If", ["c"], ["y"], then_branch=inner, else_branch=inner)
    ends = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1]) for n in "cy"]
    proto = helper.make_model(helper.make_graph([node], "g", ends[:1], ends[1:]))

    assert set(racing_nodes(proto.SerializeToString())) == {"ScatterND(add) 'deep'"}


def test_scatter_within_a_function_is_found():
    scatter = helper.make_node("ScatterND", list("zix"), ["y"], "own", reduction="add")
    opset = [helper.make_opsetid("", 18)]
    function = helper.make_function("own", "F", list("zix"), ["y"], [scatter], opset)
    proto = helper.make_model(helper.make_graph([], "g", [], []), functions=[function])

    assert racing_nodes(proto.SerializeToString()) == ["ScatterND(add) 'own'"]


def test_what_is_no_onnx_file_is_refused():
    with pytest.raises(UnsafeGraphError, match=r"must be an ONNX file. Received: "):
        racing_nodes(b"\xff" * 20)


@pytest.mark.parametrize(("threads", "safe"), [(1, 1), (2, 1), (0, 1)])
def test_a_graph_that_races_gets_one_thread(threads, safe):
    assert safe_threads(content(SCATTER.format("add")), threads) == safe
    assert safe_threads(content("ScatterND"), threads) == threads


@pytest.mark.slow
def test_scatter_with_threads_loses_terms_and_without_does_not():
    """Sums of ones are exact in any order: what differs was lost."""
    proto = onnx.ModelProto.FromString(content(SCATTER.format("add")))
    rng = np.random.default_rng(0)
    nodes, edges, width = 5, 50_000, 32
    ids = rng.integers(0, nodes, (edges, 1))
    feed = {"zero": np.zeros((nodes, width), "f4"), "ids": ids}
    feed["x"] = np.ones((edges, width), "f4")
    right = np.bincount(ids[:, 0], minlength=nodes)[:, None] * np.ones((1, width))

    def wrong(threads, calls):
        session = session_of(proto, threads)
        runs = (session.run(None, feed)[0] for _ in range(calls))
        return any(not np.array_equal(found, right) for found in runs)

    assert not wrong(1, 30)
    if not wrong(8, 300):
        pytest.skip("on this machine no two threads met in 300 calls")
