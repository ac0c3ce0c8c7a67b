from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from trackdnn.data.features import FEATURE_NAMES
from trackdnn.errors import BadFileError
from trackdnn.inspection.graph_definition import read_definition
from trackdnn.inspection.graph_file import explain_graph

CMS_GRAPHS = os.environ.get("TRACKDNN_CMS_GRAPHS")


def test_graph_is_explained(sane_graph):
    found = explain_graph(sane_graph)

    text = "\n".join(found.lines)
    assert "inputs: x float32 [-1, 29], y float32 [-1, 1]; outputs: Identity" in text
    assert "parameters: 441 in matrices" in text
    assert "layers: 54 -> 8 elu -> 1 sigmoid" in text
    assert "fits the targets: cmssw-13_" in text
    assert "dead inputs (score moves by less than 1e-06): none" in text
    assert "category: 0 to 24 have codes of their own, all others share one" in text
    assert (
        "NaN: taken as unknown in trk_originalAlgo; not finite in all 29 others" in text
    )
    assert found.content["responses"]["dead"] == []
    assert [len(grid.rows) for grid in found.grids] == [30, 29]


def test_graph_with_a_dead_input_is_found_out(write_graph):
    upper = [8.0] * 17 + [40.0] * 2 + [0.05] * 2 + [40.0] * 8
    upper[0] = 5e8

    found = explain_graph(write_graph("dead", upper=upper))

    assert found.content["responses"]["dead"] == ["trk_pt"]
    assert found.content["preprocessing"]["squeezed"] == ["trk_pt"]
    assert "1e-06): trk_pt (moves it beyond its range)" in "\n".join(found.lines)


def test_our_own_graph_survives_nan(bundle):
    found = explain_graph(bundle.frozen_graph)

    effects = found.content["odd_values"]
    assert not {e for kind in effects.values() for e in kind.values()} & {"not finite"}
    assert set(effects["NaN"].values()) == {"as 0", "as unknown"}
    assert found.content["responses"]["categories"] == [4, 5, 7, 22]
    assert found.content["functions"] == 0


def write_other(folder, *shapes, operation="Abs"):
    import tensorflow as tf

    graph = tf.Graph()
    with graph.as_default():
        inputs = [
            tf.compat.v1.placeholder(tf.float32, shape, name=f"x{number}")
            for number, shape in enumerate(shapes)
        ]
        if operation == "Sum":
            tf.reduce_sum(tf.add_n(inputs), name="out")
        else:
            tf.abs(tf.add_n(inputs), name="out")
    (folder / "a.pb").write_bytes(graph.as_graph_def().SerializeToString())
    return folder / "a.pb"


def test_graph_of_other_inputs_is_asked_with_random_rows(tmp_path):
    found = explain_graph(write_other(tmp_path, (None, 2), (None, 2)))

    responses = found.content["responses"]
    assert list(responses["inputs"]) == ["x0[0]", "x0[1]", "x1[0]", "x1[1]"]
    assert responses["dead"] == []
    assert "layers: none with weights" in "\n".join(found.lines)


def test_graph_of_a_fixed_batch_is_asked(tmp_path):
    found = explain_graph(write_other(tmp_path, (16, 3)))

    assert set(found.content["responses"]["inputs"]) == {"x0[0]", "x0[1]", "x0[2]"}


@pytest.mark.parametrize(
    ("shapes", "operation", "reason"),
    [
        ([(None, None)], "Abs", "'x0' [-1, -1] varies in another axis"),
        ([None], "Abs", "'x0' has no shape"),
        ([(None, 2)], "Sum", "'out' gives [] for 512 rows"),
    ],
)
def test_graph_that_cannot_be_asked_is_told_why(tmp_path, shapes, operation, reason):
    found = explain_graph(write_other(tmp_path, *shapes, operation=operation))

    assert reason in found.lines[-1]
    assert reason in found.content["not_asked"]
    assert found.content["operations"]


def test_graph_that_cannot_run_is_told(sane_graph, tmp_path):
    import tensorflow as tf

    graph = tf.compat.v1.GraphDef.FromString(sane_graph.read_bytes())
    next(node for node in graph.node if node.op == "Elu").op = "MatMul"
    (tmp_path / "a.pb").write_bytes(graph.SerializeToString())

    with pytest.raises(BadFileError, match=r"must run in TensorFlow\. Received: "):
        explain_graph(tmp_path / "a.pb")


@pytest.mark.skipif(not CMS_GRAPHS, reason="TRACKDNN_CMS_GRAPHS names no folder")
def test_cms_graph_of_2020_has_squeezed_inputs():
    path = next(Path(CMS_GRAPHS).glob("QCDFlatPU*_2020.pb"))

    found = explain_graph(path).content

    assert found["parameters"] == 21_547
    widths = (
        "54 -> 128 swish -> 64 swish -> 42 swish -> 32 swish -> 32 swish -> 32 swish"
    )
    assert found["network"] == f"{widths} -> 1 sigmoid"
    assert found["runtimes"]["oldest"] == "TensorFlow 2.6"
    assert found["preprocessing"]["squeezed"] == ["dxyErr", "etaErr", "phiErr"]
    assert found["responses"]["faint"] == ["etaErr", "phiErr"]
    assert found["responses"]["dead"] == []
    effects = found["odd_values"]
    assert {effects["NaN"][name] for name in FEATURE_NAMES} == {"not finite"}
    assert {effects["+Inf"][name] for name in FEATURE_NAMES} == {"as 1e30"}
    columns = {one["input"]: one for one in found["preprocessing"]["columns"]}
    assert columns["etaErr"]["upper"] == pytest.approx(861.2, rel=1e-3)
    assert columns["phiErr"]["upper"] == pytest.approx(2022.0, rel=1e-3)
    assert columns["trk_pt"]["transform"] == "log1p(|x|)"


@pytest.mark.skipif(not CMS_GRAPHS, reason="TRACKDNN_CMS_GRAPHS names no folder")
def test_measured_constants_are_those_in_the_cms_graph_of_2020():
    path = next(Path(CMS_GRAPHS).glob("QCDFlatPU*_2020.pb"))
    wiring = read_definition(path).wiring

    columns = explain_graph(path).content["preprocessing"]["columns"]

    ends = {}
    for node in wiring.nodes:
        for tensor in node.inputs if node.operation in ("Minimum", "Maximum") else ():
            if (value := wiring.constant(tensor)) is not None:
                ends[node.operation] = value.ravel().astype(float)
    assert [one["input"] for one in columns] == list(FEATURE_NAMES)
    for i, one in enumerate(columns):
        log = one["transform"] == "log1p(|x|)"
        upper = np.log1p(one["upper"]) if log else one["upper"]
        assert upper == pytest.approx(ends["Minimum"][i], rel=1e-6)
        width = ends["Minimum"][i] - ends["Maximum"][i]
        assert one["scale"] == pytest.approx(2 / width, rel=1e-6)


@pytest.mark.skipif(not CMS_GRAPHS, reason="TRACKDNN_CMS_GRAPHS names no folder")
def test_cms_graph_of_run_3_is_alive_but_not_scaled():
    path = next(Path(CMS_GRAPHS).glob("MkFit_Run3*.pb"))

    found = explain_graph(path).content

    assert found["parameters"] == 74_241
    assert len(found["layers"]) == 21
    assert found["sums_of_branches"] == 5
    assert "cmssw-13_0" in found["runtimes"]["fits"]
    columns = {one["input"]: one for one in found["preprocessing"]["columns"]}
    assert set(columns) == set(FEATURE_NAMES)
    assert all(one["lower"] is one["upper"] is None for one in columns.values())
    assert all(one["scale"] == pytest.approx(1) for one in columns.values())
    assert columns["etaErr"]["transform"] == "log1p(x)"
    assert found["responses"]["dead"] == found["responses"]["faint"] == []
    assert found["responses"]["categories"] == list(range(25))
    for kind in found["odd_values"].values():
        assert {kind[name] for name in FEATURE_NAMES} == {"not finite"}


def test_graph_that_touches_files_is_not_loaded(sane_graph, tmp_path):
    import tensorflow as tf

    graph = tf.compat.v1.GraphDef.FromString(sane_graph.read_bytes())
    graph.node.add(name="r", op="ReadFile")
    (tmp_path / "a.pb").write_bytes(graph.SerializeToString())

    with pytest.raises(BadFileError, match=r"a\.pb must hold operations that compute"):
        explain_graph(tmp_path / "a.pb")
