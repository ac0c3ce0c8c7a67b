from __future__ import annotations

import numpy as np
import pytest

from trackdnn.errors import BadFileError
from trackdnn.inspection.onnx_definition import OnnxRuntime, read_definition


def test_definition_has_a_wiring(flawed_onnx):
    wiring = read_definition(flawed_onnx).wiring

    assert wiring.inputs == ("x", "y")
    assert wiring.operations["MatMul"] == 2
    assert wiring.constant("matrix").shape == (30, 4)
    assert wiring.maker("score").operation == "Sigmoid"


def test_constants_in_nodes_are_constants(write_onnx):
    from onnx import numpy_helper

    tensor = numpy_helper.from_array(np.float32([3.0]))
    nodes = [
        ("Constant", [], ["three"], {"value": tensor}),
        ("Mul", ["x", "three"], ["out"]),
    ]
    path = write_onnx("constant", nodes, {"x": ["n", 1]}, {"out": ["n", 1]})

    wiring = read_definition(path).wiring

    assert wiring.constant("three") == 3.0
    assert wiring.operations == {"Mul": 1, "Constant": 1}


def test_runtime_gives_any_tensor(flawed_onnx):
    runtime = OnnxRuntime(read_definition(flawed_onnx))
    feed = {"x": np.full((2, 29), 5, np.float32), "y": np.zeros((2, 1), np.float32)}

    cut, score = runtime.fetch(["cut", "score"], feed)

    assert cut[0, :3].tolist() == [1, 5, 5]
    assert score.shape == (2, 1)


@pytest.mark.parametrize("content", [b"", b"not onnx", b"\xff" * 50])
def test_definition_refuses_other_files(tmp_path, content):
    path = tmp_path / "a.onnx"
    path.write_bytes(content)

    with pytest.raises(BadFileError, match=r"a\.onnx must be an ONNX file"):
        read_definition(path)


def test_definition_refuses_weights_that_are_not_all_there(flawed_onnx, tmp_path):
    import onnx

    proto = onnx.ModelProto.FromString(flawed_onnx.read_bytes())
    tensor = next(one for one in proto.graph.initializer if one.name == "matrix")
    tensor.raw_data = tensor.raw_data[:40]
    (tmp_path / "a.onnx").write_bytes(proto.SerializeToString())

    with pytest.raises(BadFileError, match=r"hold the numbers of 'matrix', \[30, 4\]"):
        read_definition(tmp_path / "a.onnx")


@pytest.mark.parametrize("old", [b"MatMul", b"matrix", b"hidden"])
def test_definition_refuses_names_that_are_no_text(flawed_onnx, tmp_path, old):
    content = flawed_onnx.read_bytes().replace(old, b"\xff" + old[1:], 1)
    (tmp_path / "a.onnx").write_bytes(content)

    with pytest.raises(BadFileError, match=r"a\.onnx must be .* names in UTF-8"):
        read_definition(tmp_path / "a.onnx")
