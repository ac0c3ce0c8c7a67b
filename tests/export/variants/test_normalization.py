"""Layer normalisation in the form that runtimes know."""

import collections

import numpy as np
import onnx
import onnxruntime
import pytest

from export.variants.graph import Graph
from export.variants.normalization import join_normalizations

TEXT = """
<ir_version: 8, opset_import: ["" : {opset}]>
g (float[n, {width}] x) => (float[n, {width}] out) {{
    mean = ReduceMean <{axes}keepdims = 1> (x{input})
    minus = Neg (mean)
    off = Sub (x, mean)
    square = Mul (off, off)
    variance = ReduceMean <{axes}keepdims = 1> (square{input})
    more = Add (variance, epsilon)
    root = Sqrt (more)
    inverted = Reciprocal (root)
    m = Mul (inverted, gamma)
    first = Mul (x, m)
    second = Mul (minus, m)
    shift = Add (second, beta)
    out = Add (first, shift)
}}
"""
WIDTH = 12


def text(opset, axis=1):
    attribute = opset < 18
    return TEXT.format(
        opset=opset,
        width=WIDTH,
        axes=f"axes = [{axis}], " if attribute else "",
        input="" if attribute else ", axes",
    )


@pytest.fixture(scope="module")
def constants():
    rng = np.random.default_rng(1)
    return {
        "epsilon": np.float32(1e-3),
        "gamma": rng.normal(1, 0.3, (1, WIDTH)).astype(np.float32),
        "beta": rng.normal(0, 1, (1, WIDTH)).astype(np.float32),
    }


def twin(x, c):
    rows = []
    for row in x.astype(np.float64):
        mean = sum(row) / len(row)
        variance = sum((v - mean) ** 2 for v in row) / len(row)
        gain = c["gamma"][0] / np.sqrt(variance + c["epsilon"])
        rows.append((row - mean) * gain + c["beta"][0])
    return np.array(rows)


@pytest.mark.parametrize(("opset", "nodes"), [(13, 9), (17, 1), (18, 1)])
def test_join_normalizations_computes_what_it_did(build, run, constants, opset, nodes):
    more = {"axes": np.int64([1])} if opset >= 18 else {}
    graph = Graph(build(text(opset), **constants, **more))

    join_normalizations(graph)

    written = graph.proto()
    x = np.random.default_rng(2).normal(3, 2, (50, WIDTH)).astype(np.float32)
    assert len(written.graph.node) == nodes
    expected = twin(x, constants)
    np.testing.assert_allclose(run(written, {"x": x})[0], expected, atol=3e-6)


def test_join_normalizations_joins_the_last_of_three_axes(build, run, constants):
    shaped = {**constants, "axes": np.int64([-1])}
    for name in ("gamma", "beta"):
        shaped[name] = constants[name].reshape(1, 1, WIDTH)
    cube = text(18).replace("float[n, ", "float[n, m, ")
    graph = Graph(build(cube, **shaped))

    join_normalizations(graph)

    written = graph.proto()
    x = np.random.default_rng(2).normal(3, 2, (4, 7, WIDTH)).astype(np.float32)
    assert [node.op_type for node in written.graph.node] == ["LayerNormalization"]
    expected = twin(x.reshape(-1, WIDTH), constants).reshape(x.shape)
    np.testing.assert_allclose(run(written, {"x": x})[0], expected, atol=3e-6)


def test_join_normalizations_leaves_gains_of_rows(build, constants):
    square = text(18).replace("float[n, ", f"float[{WIDTH}, ")
    turned = {**constants, "gamma": constants["gamma"].T}
    graph = Graph(build(square, **turned, axes=np.int64([1])))

    join_normalizations(graph)

    assert len(graph.proto().graph.node) == 13


def test_join_normalizations_is_one_node_in_onnx_runtime(build, constants, tmp_path):
    graph = Graph(build(text(13), **constants))
    join_normalizations(graph)
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "loaded.onnx")

    onnxruntime.InferenceSession(
        graph.proto().SerializeToString(), options, providers=["CPUExecutionProvider"]
    )

    loaded = onnx.load(tmp_path / "loaded.onnx")
    kinds = collections.Counter(node.op_type for node in loaded.graph.node)
    assert kinds == {"LayerNormalization": 1}


def test_join_normalizations_leaves_means_over_rows(build, constants):
    graph = Graph(build(text(13, axis=0), **constants))

    join_normalizations(graph)

    assert len(graph.proto().graph.node) == 13


def test_join_normalizations_leaves_a_variance_over_rows(build, constants):
    first, _, second = text(13).partition("(square")
    front, _, end = first.rpartition("axes = [1]")
    graph = Graph(build(f"{front}axes = [0]{end}(square{second}", **constants))

    join_normalizations(graph)

    assert len(graph.proto().graph.node) == 13
