from __future__ import annotations

from export.artifacts import read_onnx
from trackdnn.inspection.structure import structure_lines, structure_of


def test_structure_is_told(flawed_onnx, wire_onnx):
    content = structure_of(read_onnx(flawed_onnx), wire_onnx(flawed_onnx))

    assert content["inputs"]["x"] == {"dtype": "float32", "shape": [-1, 29]}
    assert content["parameters"] == 30 * 4 + 4 + 4
    assert content["constants"] == content["parameters"] + 30 + 1
    assert content["nodes"] == 8
    assert [layer["shape"] for layer in content["layers"]] == [[30, 4], [4, 1]]


def test_lines_say_it(flawed_onnx, wire_onnx):
    content = structure_of(read_onnx(flawed_onnx), wire_onnx(flawed_onnx))

    lines = structure_lines(content, "version 3")

    assert lines[0].startswith("inputs: x float32 [-1, 29], y float32 [-1, 1]; outputs")
    assert lines[1] == "8 nodes, version 3"
    assert lines[3] == "layers: 30 -> 4 elu -> 1 sigmoid"


def test_a_matrix_that_is_used_twice_counts_once(write_onnx, wire_onnx):
    import numpy as np

    nodes = [("MatMul", ["x", "w"], ["a"]), ("MatMul", ["a", "w"], ["out"])]
    matrix = {"w": np.arange(9, dtype=np.float32).reshape(3, 3)}
    path = write_onnx("twice", nodes, {"x": ["n", 3]}, {"out": ["n", 3]}, matrix)

    content = structure_of(read_onnx(path), wire_onnx(path))

    assert content["parameters"] == 9
    assert len(content["layers"]) == 2
