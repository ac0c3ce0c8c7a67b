from __future__ import annotations

import pytest

from trackdnn.errors import BadFileError
from trackdnn.inspection.onnx_file import explain_onnx


def test_onnx_is_explained(bundle):
    found = explain_onnx(bundle.onnx)

    text = "\n".join(found.lines)
    assert "inputs: x ['batch', 29], y ['batch', 1]; outputs: score" in text
    assert "opset ai.onnx 13, IR 7" in text
    assert "category: 4, 5, 7, 22 have codes of their own" in text
    assert "NaN makes the score not finite: nowhere" in text
    assert found.content["parameters"] > 0
    assert "trackdnn.features" in found.content["metadata"]


@pytest.mark.parametrize("content", [b"", b"not onnx", b"\xff" * 50])
def test_onnx_refuses_other_files(tmp_path, content):
    path = tmp_path / "a.onnx"
    path.write_bytes(content)

    with pytest.raises(BadFileError, match=r"a\.onnx must be an ONNX file"):
        explain_onnx(path)


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


def test_onnx_of_other_inputs_is_explained_without_evaluation(bundle, tmp_path):
    import onnx

    node = onnx.helper.make_node("Abs", ["a"], ["b"])
    ends = [onnx.helper.make_tensor_value_info(name, 1, ["n", 5]) for name in "ab"]
    graph = onnx.helper.make_graph([node], "g", ends[:1], ends[1:])
    onnx.save(onnx.helper.make_model(graph), tmp_path / "a.onnx")

    found = explain_onnx(tmp_path / "a.onnx")

    assert found.lines[-1].startswith("not evaluated")


def test_onnx_of_another_domain_is_not_loaded(bundle, tmp_path):
    import onnx

    proto = onnx.load(bundle.onnx)
    proto.graph.node[0].domain = "com.stranger"
    (tmp_path / "a.onnx").write_bytes(proto.SerializeToString())

    with pytest.raises(BadFileError, match=r"a\.onnx must use operators of ONNX alone"):
        explain_onnx(tmp_path / "a.onnx")
