from __future__ import annotations

import numpy as np
import pytest

from export.artifacts import read_frozen_graph, read_onnx
from trackdnn.data.features import FEATURE_NAMES
from trackdnn.inspection import graph_definition, onnx_definition, plausible
from trackdnn.inspection.interface import Evaluator, find_interface
from trackdnn.inspection.preprocessing import find_preprocessing, first_operands


def of_graph(path):
    definition = graph_definition.read_definition(path)
    interface = find_interface(read_frozen_graph(path).inputs, definition.outputs)
    evaluator = Evaluator(interface, graph_definition.Session(definition))
    return find_preprocessing(evaluator, definition.wiring, plausible.built_in())


def of_onnx(path, reference=None):
    definition = onnx_definition.read_definition(path)
    artifact = read_onnx(path)
    interface = find_interface(artifact.inputs, [o.name for o in artifact.outputs])
    evaluator = Evaluator(interface, onnx_definition.OnnxRuntime(definition))
    reference = reference or plausible.built_in()
    return find_preprocessing(evaluator, definition.wiring, reference)


def shape_of(found, name):
    (column,) = found.of(name)
    return column.shape


def test_sane_ranges_squeeze_nothing(sane_graph):
    found = of_graph(sane_graph)

    assert found.squeezed == found.saturated == ()
    pt = shape_of(found, "trk_pt")
    assert pt.transform == "log1p(|x|)"
    assert pt.upper == pytest.approx(np.expm1(8.0), rel=1e-4)
    assert found.place == "first matrix"


def test_extreme_ranges_squeeze_their_inputs(write_graph):
    upper = [8.0] * 17 + [40.0] * 2 + [861.0, 2022.0] + [40.0] * 8

    found = of_graph(write_graph("squeezed", upper=upper))

    assert found.squeezed == ("etaErr", "phiErr")
    (column,) = found.of("phiErr")
    assert column.used == pytest.approx(1.5e-5, rel=0.05)
    assert found.to_dict()["squeezed"] == ["etaErr", "phiErr"]


def test_used_is_that_of_the_scaled_column(sane_graph):
    (column,) = of_graph(sane_graph).of("trk_pt")

    expected = (np.log1p(50.0) - np.log1p(0.3)) / 8.0
    assert column.used == pytest.approx(expected, rel=1e-5)


def test_a_graph_without_scaling_is_told(write_graph):
    found = of_graph(write_graph("plain", scaled=False))

    assert found.squeezed == ()
    pt = shape_of(found, "trk_pt")
    assert (pt.scale, pt.offset) == pytest.approx((1.0, 0.0), abs=1e-6)
    assert pt.lower is pt.upper is None
    assert not pt.bounded


@pytest.mark.parametrize("kind", ["graph", "onnx"])
def test_constants_of_our_own_graph_are_found(bundle, spec, kind):
    found = of_graph(bundle.frozen_graph) if kind == "graph" else of_onnx(bundle.onnx)

    for i, name in enumerate(FEATURE_NAMES):
        shape = shape_of(found, name)
        width = spec.upper[i] - spec.lower[i]
        assert shape.scale == pytest.approx(2 / width, rel=1e-3), name
        if spec.transforms[i] == "identity":
            ends = (shape.lower, shape.upper)
            assert ends == pytest.approx((spec.lower[i], spec.upper[i]), rel=1e-4)
        else:
            assert shape.divisor == pytest.approx(spec.scales[i], rel=1e-2), name
            top = spec.scales[i] * np.expm1(spec.upper[i])
            assert shape.upper == pytest.approx(top, rel=1e-2), name
        assert shape.at_nan is not None


def test_saturated_and_dead_inputs_built_in_are_found(flawed_onnx):
    found = of_onnx(flawed_onnx)

    reference = plausible.built_in()
    share = np.mean(reference.sample[:, 0] > 1.0)
    assert found.above[0] == pytest.approx(share, abs=0.005)
    assert found.below[0] == 0
    assert found.saturated == ("trk_pt",)
    assert shape_of(found, "trk_pt").upper == pytest.approx(1.0, rel=1e-5)


def test_a_graph_without_a_matrix_is_asked_for_its_score(other_onnx):
    reference = plausible.of_columns(("a[0]", "a[1]", "b"))

    found = of_onnx(other_onnx, reference)

    assert found.place == "score"
    assert found.columns == ()
    b = reference.sample[:, 2]
    assert found.below[2] == pytest.approx(np.mean(b < -0.1), abs=0.01)
    assert found.above[2] == pytest.approx(np.mean(b > 0.1), abs=0.01)
    assert found.below[1] == found.above[1] == 0


def test_columns_of_several_inputs_are_counted(write_onnx):
    rng = np.random.default_rng(2)
    nodes = [
        ("Mul", ["a", "b"], ["both"]),
        ("Concat", ["a", "b", "both"], ["all"], {"axis": 1}),
        ("MatMul", ["all", "w"], ["out"]),
    ]
    shapes = {"a": ["n", 1], "b": ["n", 1]}
    matrix = {"w": rng.normal(size=(3, 2)).astype(np.float32)}
    path = write_onnx("derived", nodes, shapes, {"out": ["n", 2]}, matrix)

    found = of_onnx(path, plausible.of_columns(("a", "b")))

    assert found.derived == (1, 1)
    assert [column.name for column in found.columns] == ["a", "b"]


def test_the_first_operand_stands_before_a_quantization(write_onnx, wire_onnx):
    nodes = [
        ("Abs", ["x"], ["size"]),
        ("DynamicQuantizeLinear", ["size"], ["q", "scale", "zero"]),
        ("MatMulInteger", ["q", "w", "zero"], ["whole"]),
        ("Cast", ["whole"], ["out"], {"to": 1}),
    ]
    weights = {"w": np.arange(6, dtype=np.uint8).reshape(3, 2)}
    path = write_onnx("small", nodes, {"x": ["n", 3]}, {"out": ["n", 2]}, weights)

    assert first_operands(wire_onnx(path)) == ["size"]
