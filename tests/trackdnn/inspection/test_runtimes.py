from __future__ import annotations

import dataclasses

import pytest

from export.artifacts import read_frozen_graph, read_onnx
from export.operations import COMPUTING, VARIABLES
from trackdnn.inspection import runtimes
from trackdnn.inspection.graph_definition import read_definition
from trackdnn.inspection.runtimes import find_runtimes


@pytest.fixture
def graph(sane_graph):
    return read_definition(sane_graph).graph


def for_graph(path, graph):
    return find_runtimes(read_frozen_graph(path), graph)


@pytest.mark.parametrize(
    ("opset", "ir_version", "oldest"),
    [
        (13, 7, "1.10"),
        (15, 8, "1.11"),
        (17, 8, "1.12"),
        (20, 9, "1.17"),
        (21, 10, "1.18"),
    ],
)
def test_the_oldest_onnx_runtime_follows_from_the_versions(
    flawed_onnx, opset, ir_version, oldest
):
    artifact = dataclasses.replace(
        read_onnx(flawed_onnx), opsets={"ai.onnx": opset}, ir_version=ir_version
    )

    found = find_runtimes(artifact)

    assert found.oldest == f"ONNX Runtime {oldest}"
    assert f"opset ai.onnx {opset}" in found.lines()[0]


def test_the_opset_of_other_domains_counts(flawed_onnx):
    artifact = read_onnx(flawed_onnx)

    newer = dataclasses.replace(artifact, opsets={"ai.onnx": 13, "ai.onnx.ml": 4})
    unknown = dataclasses.replace(artifact, opsets={"ai.onnx": 99})

    assert find_runtimes(newer).oldest == "ONNX Runtime 1.17"
    assert find_runtimes(unknown).oldest is None
    assert find_runtimes(unknown).fits == ()
    assert "none that we know" in find_runtimes(unknown).lines()[0]


def test_targets_that_fit_are_named(flawed_onnx):
    artifact = dataclasses.replace(read_onnx(flawed_onnx), opsets={"ai.onnx": 20})

    found = find_runtimes(artifact)

    assert "cmssw-14_1" in found.fits
    assert "cmssw-13_0" not in found.fits
    assert any(
        "not cmssw-13_0" in line and "at most 15" in line for line in found.lines()
    )
    assert "cmssw-13_0" in found.to_dict()["broken"]


def test_an_old_graph_runs_in_the_oldest(sane_graph, graph):
    found = for_graph(sane_graph, graph)

    assert found.oldest in ("TensorFlow 2.6", "TensorFlow 2.12")
    for node in graph.node:
        for key in ("grad_a", "grad_b"):
            node.attr.pop(key, None)
    assert for_graph(sane_graph, graph).oldest == "TensorFlow 2.6"


def test_an_attribute_without_meaning_needs_a_runtime_that_ignores_it(
    sane_graph, graph
):
    node = next(node for node in graph.node if node.op == "MatMul")
    node.attr["grad_a"].b = False

    assert for_graph(sane_graph, graph).oldest == "TensorFlow 2.12"


def test_an_attribute_in_use_needs_a_runtime_that_knows_it(sane_graph, graph):
    node = next(node for node in graph.node if node.op == "MatMul")
    node.attr["grad_a"].b = True

    found = for_graph(sane_graph, graph)

    assert found.oldest == "TensorFlow 2.16"
    assert "MatMul uses grad_a" in found.lines()[0]
    assert "tensorflow-2.12" not in found.fits


def test_a_new_operation_needs_a_new_runtime(sane_graph, graph):
    graph.library.function.add().node_def.add(name="c", op="Conv")

    assert for_graph(sane_graph, graph).oldest == "TensorFlow 2.16"


def test_the_table_names_operations_and_attributes_that_are_there():
    from tensorflow.python.framework import op_def_registry

    known = COMPUTING | VARIABLES
    assert set(runtimes._OPERATIONS) <= known
    for name, key in runtimes._ATTRIBUTES:
        assert name in known
        assert key in {one.name for one in op_def_registry.get(name).attr}
