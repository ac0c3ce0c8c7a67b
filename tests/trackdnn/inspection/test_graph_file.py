from __future__ import annotations

import os
from pathlib import Path

import pytest

from trackdnn.data.features import FEATURE_NAMES
from trackdnn.errors import BadFileError
from trackdnn.inspection.graph_file import explain_graph

CMS_GRAPHS = os.environ.get("TRACKDNN_CMS_GRAPHS")


def test_graph_is_explained(sane_graph):
    found = explain_graph(sane_graph)

    text = "\n".join(found.lines)
    assert "inputs: x [-1, 29], y [-1, 1]; outputs: Identity" in text
    assert "parameters: 441 in matrices" in text
    assert "dead inputs (below 1e-06): none" in text
    assert "category: 0 to 24 have codes of their own, all others share one" in text
    assert "NaN makes the score not finite: in any input" in text
    assert found.content["responses"]["dead"] == []


def test_graph_with_a_dead_input_is_found_out(write_graph):
    upper = [8.0] * 17 + [40.0] * 2 + [0.05] * 2 + [40.0] * 8
    upper[0] = 5e8

    found = explain_graph(write_graph("dead", upper=upper))

    assert found.content["responses"]["dead"] == ["trk_pt"]
    assert "trk_pt" in found.content["preprocessing"]["squeezed"]


def test_our_own_graph_survives_nan(bundle):
    found = explain_graph(bundle.frozen_graph)

    assert found.content["responses"]["not_finite"] == {
        "NaN": [],
        "+Inf": [],
        "-Inf": [],
    }
    assert found.content["responses"]["categories"] == [4, 5, 7, 22]
    assert found.content["functions"] == 0


def test_graph_of_other_inputs_is_explained_without_evaluation(tmp_path):
    import tensorflow as tf

    graph = tf.Graph()
    with graph.as_default():
        x = tf.compat.v1.placeholder(tf.float32, (None, 5), name="x")
        tf.abs(x, name="out")
    (tmp_path / "a.pb").write_bytes(graph.as_graph_def().SerializeToString())

    found = explain_graph(tmp_path / "a.pb")

    assert "inputs: x [-1, 5]; outputs: out" in found.lines[1]
    assert found.lines[-1].startswith("not evaluated: the inputs are not those")


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
    assert {"etaErr", "phiErr"} <= set(found["preprocessing"]["squeezed"])
    assert set(found["responses"]["faint"]) == {"etaErr", "phiErr"}
    assert found["responses"]["not_finite"]["NaN"] == list(FEATURE_NAMES)


@pytest.mark.skipif(not CMS_GRAPHS, reason="TRACKDNN_CMS_GRAPHS names no folder")
def test_cms_graph_of_run_3_is_alive_but_not_scaled():
    path = next(Path(CMS_GRAPHS).glob("MkFit_Run3*.pb"))

    found = explain_graph(path).content

    assert found["parameters"] == 74_241
    assert not found["preprocessing"]["scaled"]
    assert found["responses"]["dead"] == found["responses"]["faint"] == []
    assert found["responses"]["categories"] == list(range(25))


def test_graph_that_touches_files_is_not_loaded(sane_graph, tmp_path):
    import tensorflow as tf

    graph = tf.compat.v1.GraphDef.FromString(sane_graph.read_bytes())
    graph.node.add(name="r", op="ReadFile")
    (tmp_path / "a.pb").write_bytes(graph.SerializeToString())

    with pytest.raises(BadFileError, match=r"a\.pb must hold operations that compute"):
        explain_graph(tmp_path / "a.pb")
