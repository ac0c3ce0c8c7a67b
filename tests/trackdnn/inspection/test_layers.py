from __future__ import annotations

import numpy as np

from trackdnn.inspection.graph_definition import read_definition
from trackdnn.inspection.layers import count_sums, describe, find_layers


def numbers(*shape):
    return np.arange(np.prod(shape), dtype=np.float32).reshape(shape)


def told(wiring):
    return describe(find_layers(wiring), count_sums(wiring))


def test_layers_of_an_onnx_file_are_told(flawed_onnx, wire_onnx):
    wiring = wire_onnx(flawed_onnx)

    layers = find_layers(wiring)

    assert told(wiring) == "30 -> 4 elu -> 1 sigmoid"
    assert [layer.parameters for layer in layers] == [30 * 4 + 4, 4]
    assert layers[0].to_dict()["shape"] == [30, 4]


def test_layers_of_a_frozen_graph_are_told(sane_graph):
    assert told(read_definition(sane_graph).wiring) == "54 -> 8 elu -> 1 sigmoid"


def test_layers_are_the_same_in_every_format(bundle, wire_onnx):
    frozen = read_definition(bundle.frozen_graph).wiring

    assert told(frozen) == told(wire_onnx(bundle.onnx)) == "34 -> 16 elu -> 1 sigmoid"


def test_sums_of_branches_are_counted(write_onnx, wire_onnx):
    square = np.eye(3, dtype=np.float32)
    nodes = [
        ("MatMul", ["x", "w"], ["a"]),
        ("Add", ["a", "bias"], ["b"]),
        ("MatMul", ["b", "w"], ["c"]),
        ("Add", ["c", "b"], ["d"]),
        ("Mul", ["d", "d"], ["e"]),
        ("Add", ["e", "d"], ["f"]),
        ("MatMul", ["f", "v"], ["g"]),
    ]
    constants = {"w": square, "v": 2 * square, "bias": np.ones(3, np.float32)}
    path = write_onnx("sums", nodes, {"x": ["n", 3]}, {"g": ["n", 3]}, constants)

    # b + c joins two layers; e + d comes from the same sum, a + bias from one layer.
    assert count_sums(wire_onnx(path)) == 1
    assert told(wire_onnx(path)) == "3 -> 3 -> 3 -> 3; 1 sum of branches"


def test_a_swish_is_told_from_a_sigmoid(write_onnx, wire_onnx):
    nodes = [
        ("MatMul", ["x", "w"], ["a"]),
        ("Neg", ["a"], ["b"]),
        ("Exp", ["b"], ["c"]),
        ("Add", ["c", "one"], ["d"]),
        ("Div", ["a", "d"], ["e"]),
        ("Gemm", ["e", "v"], ["f"], {"transB": 1}),
        ("Neg", ["f"], ["g"]),
        ("Exp", ["g"], ["h"]),
        ("Add", ["h", "one"], ["i"]),
        ("Reciprocal", ["i"], ["out"]),
    ]
    constants = {
        "w": numbers(3, 5),
        "v": numbers(2, 5),
        "one": np.float32(1),
    }
    path = write_onnx("swish", nodes, {"x": ["n", 3]}, {"out": ["n", 2]}, constants)

    assert told(wire_onnx(path)) == "3 -> 5 swish -> 2 sigmoid"


def test_a_graph_without_weights_is_told(other_onnx, wire_onnx):
    assert told(wire_onnx(other_onnx)) == "none with weights"


def test_layers_side_by_side_are_told(write_onnx, wire_onnx):
    nodes = [
        ("MatMul", ["x", "w"], ["a"]),
        ("MatMul", ["x", "v"], ["b"]),
        ("Add", ["a", "b"], ["out"]),
    ]
    constants = {key: numbers(3, 2) for key in "wv"}
    path = write_onnx("wide", nodes, {"x": ["n", 3]}, {"out": ["n", 2]}, constants)

    assert told(wire_onnx(path)) == "3 -> 2 | 3 -> 2; 1 sum of branches"


def test_a_matrix_of_ones_is_a_sum_and_no_layer(write_onnx, wire_onnx):
    nodes = [("MatMul", ["x", "w"], ["out"])]
    constants = {"w": np.ones((3, 1), np.float32)}
    path = write_onnx("ones", nodes, {"x": ["n", 3]}, {"out": ["n", 1]}, constants)

    assert find_layers(wire_onnx(path)) == ()
