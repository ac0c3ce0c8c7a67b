from __future__ import annotations

import numpy as np
import pytest

from trackdnn.errors import BadFileError
from trackdnn.inspection.onnx_file import explain_onnx


def test_onnx_is_explained(bundle):
    found = explain_onnx(bundle.onnx)

    text = "\n".join(found.lines)
    assert "inputs: x float32 [-1, 29], y float32 [-1, 1]; outputs: score" in text
    assert "opset ai.onnx 13, IR 7" in text
    assert "runs in: ONNX Runtime 1.10 or later" in text
    assert "category: 4, 5, 7, 22 have codes of their own" in text
    assert "NaN: taken as unknown in trk_originalAlgo; taken as 0 in all 29" in text
    assert found.content["parameters"] > 0
    assert "trackdnn.features" in found.content["metadata"]
    assert [len(grid.rows) for grid in found.grids] == [30, 29]


def test_the_same_network_answers_the_same_in_both_formats(bundle):
    from trackdnn.inspection.graph_file import explain_graph

    onnx, frozen = explain_onnx(bundle.onnx), explain_graph(bundle.frozen_graph)

    np.testing.assert_allclose(
        onnx.responses.change, frozen.responses.change, atol=1e-5
    )
    np.testing.assert_allclose(
        onnx.responses.slope, frozen.responses.slope, rtol=2e-3, atol=1e-5
    )
    assert onnx.content["odd_values"] == frozen.content["odd_values"]
    assert onnx.content["network"] == frozen.content["network"]


def test_a_dead_input_built_in_is_found(flawed_onnx):
    found = explain_onnx(flawed_onnx)

    assert found.content["responses"]["dead"] == ["phi"]
    text = "\n".join(found.lines)
    assert "dead inputs (score moves by less than 1e-06): phi (" in text
    assert "saturated inputs (5% of the rows or more beyond an end): trk_pt" in text


def test_onnx_of_other_inputs_is_asked_with_random_rows(other_onnx):
    found = explain_onnx(other_onnx)

    responses = found.content["responses"]
    assert responses["dead"] == responses["never_moved"] == ["a[1]"]
    assert found.content["preprocessing"]["saturated"] == ["b"]
    assert "asked about random rows" in "\n".join(found.lines)


@pytest.mark.parametrize("content", [b"", b"not onnx", b"\xff" * 50])
def test_onnx_refuses_other_files(tmp_path, content):
    path = tmp_path / "a.onnx"
    path.write_bytes(content)

    with pytest.raises(BadFileError, match=r"a\.onnx must be an ONNX file"):
        explain_onnx(path)


def test_onnx_that_is_cut_off_is_refused_or_told(flawed_onnx, tmp_path):
    content = flawed_onnx.read_bytes()

    for length in range(0, len(content), 97):
        (tmp_path / "a.onnx").write_bytes(content[:length])
        with pytest.raises(BadFileError, match=r"a\.onnx"):
            explain_onnx(tmp_path / "a.onnx")


def test_onnx_refuses_weights_in_other_files(bundle, tmp_path):
    import onnx

    proto = onnx.load(bundle.onnx)
    proto.graph.initializer[0].external_data.add(key="location", value="../x")
    (tmp_path / "a.onnx").write_bytes(proto.SerializeToString())

    with pytest.raises(BadFileError, match="must hold its weights itself"):
        explain_onnx(tmp_path / "a.onnx")


def test_onnx_that_cannot_run_is_told(bundle, tmp_path):
    import onnx

    proto = onnx.load(bundle.onnx)
    proto.graph.node[0].op_type = "NoSuchOperation"
    (tmp_path / "a.onnx").write_bytes(proto.SerializeToString())

    with pytest.raises(BadFileError, match=r"must run in ONNX Runtime\. Received"):
        explain_onnx(tmp_path / "a.onnx")


def test_onnx_of_a_graph_network_is_told_and_not_asked(write_onnx):
    import onnx

    whole = onnx.TensorProto.INT64
    constants = {
        "w": np.arange(24, dtype=np.float32).reshape(6, 4),
        "row": np.int64(0),
    }
    nodes = [
        ("Gather", ["edge_index", "row"], ["source"]),
        ("Gather", ["nodes", "source"], ["taken"], {"axis": 0}),
        ("MatMul", ["taken", "w"], ["messages"]),
        ("Relu", ["messages"], ["scores"]),
    ]
    inputs = {"nodes": ["n", 6], "edge_index": (whole, [2, "e"])}
    path = write_onnx("gnn", nodes, inputs, {"scores": ["e", 4]}, constants)

    found = explain_onnx(path)

    text = "\n".join(found.lines)
    assert "inputs: nodes float32 [-1, 6], edge_index int64 [2, -1]" in text
    assert "layers: 6 -> 4 relu" in text
    assert "runs in: ONNX Runtime 1.10" in text
    assert found.lines[-1] == (
        "its inputs were not tried: its input 'edge_index' is int64"
    )
    assert found.responses is None


def test_onnx_of_several_free_axes_is_told_and_not_asked(write_onnx):
    nodes = [("MatMul", ["a", "b"], ["out"])]
    shapes = {"a": ["n", "k"], "b": ["k", "m"]}
    path = write_onnx("free", nodes, shapes, {"out": ["n", "m"]})

    found = explain_onnx(path)

    assert "'a' [-1, -1] varies in another axis" in found.lines[-1]


def test_onnx_of_another_domain_is_not_loaded(bundle, tmp_path):
    import onnx

    proto = onnx.load(bundle.onnx)
    proto.graph.node[0].domain = "com.stranger"
    (tmp_path / "a.onnx").write_bytes(proto.SerializeToString())

    with pytest.raises(BadFileError, match=r"a\.onnx must use operators of ONNX alone"):
        explain_onnx(tmp_path / "a.onnx")
