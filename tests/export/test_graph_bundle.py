"""A folder with a network of edges: whole, proven, described, or not there."""

from __future__ import annotations

import json

import numpy as np
import onnx
import pytest

from export import graph_bundle
from export.errors import BundleError, ParityError
from export.graph_bundle import Column, write_graph_bundle
from export.graph_session import GraphSession
from export.manifest import fingerprint_files
from tests.export.graph_models import INPUTS, random_graph, sigmoid

COLUMNS = ((Column("node0", "r / 1000", "mm"),), (Column("edge1", "r2 - r1", "mm"),))


@pytest.fixture
def converted(monkeypatch, edge_proto):
    """Converting takes seconds: one graph stands for both files."""

    def convert(function):
        proto = onnx.ModelProto()
        proto.CopyFrom(edge_proto)
        return proto

    monkeypatch.setattr(graph_bundle, "convert_graph", convert)
    monkeypatch.setattr(graph_bundle, "GraphSignature", lambda folder: None)
    monkeypatch.setattr(graph_bundle, "write_graph_saved_model", lambda *_: None)


@pytest.mark.slow
def test_bundle_is_whole_and_proven(edge_network, tmp_path):
    folder = tmp_path / "left"
    details = {"network": {"architecture": "interaction"}}

    made = write_graph_bundle(
        edge_network,
        INPUTS,
        folder,
        columns=COLUMNS,
        details=details,
        float_index=True,
    )

    read = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert read == made
    assert read["format"] == "trackdnn.graph_network"
    assert read["network"] == {"architecture": "interaction"}
    files = fingerprint_files(folder)
    del files["manifest.json"]
    assert read["files"] == files
    assert {"edges.onnx", "edges_acts.onnx", "saved_model/saved_model.pb"} <= set(files)
    for figures in read["parity"]["artifacts"].values():
        assert figures["graphs"] == 6
        assert figures["max_difference"] < 2e-6
    assert read["parity"]["equal_threads"] == [1, 2, 4]
    first = read["inputs"]["nodes"]["columns"][0]
    wanted = {"name": "node0", "formula": "r / 1000", "unit": "mm"}
    assert first == {**wanted, "lower": -3.0, "upper": 3.0}
    assert read["inputs"]["edge_index"]["dtype"] == "float32"


@pytest.mark.slow
def test_files_of_a_bundle_agree(edge_network, tmp_path):
    folder = tmp_path / "left"
    write_graph_bundle(edge_network, INPUTS, folder, columns=COLUMNS, float_index=True)
    graph = random_graph(40, 200)
    floats = {**graph, "edge_index": graph["edge_index"].astype("f4")}

    score = GraphSession(folder / "edges.onnx")(floats)["score"]
    logit = GraphSession(folder / "edges_acts.onnx")(graph)["logit"]

    np.testing.assert_allclose(score, sigmoid(logit), atol=1e-6)


def test_bundle_replaces_its_own_kind_and_nothing_else(tmp_path, edge_network):
    folder = tmp_path / "left"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")

    with pytest.raises(BundleError, match=r"holds other files \('notes.txt'\)"):
        write_graph_bundle(edge_network, INPUTS, folder, columns=COLUMNS)

    assert [path.name for path in folder.iterdir()] == ["notes.txt"]


def test_nothing_is_written_where_an_artifact_is_off(
    converted, edge_network, edge_scores, monkeypatch, tmp_path
):
    moved = {kind: np.clip(x + 1e-3, 0, 1) for kind, x in edge_scores.items()}
    monkeypatch.setattr(graph_bundle, "evaluate_edges", lambda *_: moved)

    with pytest.raises(ParityError, match=r"The edges.onnx must reproduce the network"):
        write_graph_bundle(edge_network, INPUTS, tmp_path / "left", columns=COLUMNS)

    assert list(tmp_path.iterdir()) == []
