"""The comparison passes what is right and finds each way to be wrong."""

from __future__ import annotations

import re

import numpy as np
import onnx
import pytest

from export.errors import ParityError
from export.graph_parity import (
    check_threads,
    compare_edges,
    edge_graphs,
    evaluate_edges,
)
from tests.export.graph_models import EDGE_WIDTH, INPUTS, WIDTH, sigmoid

# Scores that a runtime without any network can give.
TRUTH = {"no edges": np.zeros((0, 1), "f4"), "one": np.float32([[0.25]])}
GRAPHS = {kind: {"edge_index": np.zeros((2, len(x)), int)} for kind, x in TRUTH.items()}


def runtime_of(scores):
    return lambda graph: {"score": scores[: graph["edge_index"].shape[1]]}


def compared(scores, tolerance=1e-3):
    runtime = runtime_of(scores)
    return compare_edges(runtime, GRAPHS, TRUTH, tolerance=tolerance, name="edges.onnx")


def test_graphs_are_at_the_ends_and_in_between():
    graphs = edge_graphs(INPUTS)

    sizes = {k: (len(g["nodes"]), g["edge_index"].shape[1]) for k, g in graphs.items()}
    assert sizes["no nodes"] == (0, 0)
    assert sizes["no edges"] == (3, 0)
    assert sizes["one node"] == (1, 1)
    for graph in graphs.values():
        nodes, index, edges = graph.values()
        assert nodes.dtype == edges.dtype == np.float32
        assert nodes.shape[1:] == (WIDTH,)
        assert edges.shape == (index.shape[1], EDGE_WIDTH)
        assert np.all((index >= 0) & (index < max(len(nodes), 1)))
    assert np.bincount(graphs["hub"]["edge_index"][1]).max() > 1800
    for key in ("nodes", "edge_features"):
        odd = graphs["odd"][key]
        assert np.isnan(odd).any()
        assert np.isinf(odd).any()
        assert np.isfinite(odd).all(axis=1).any()
        assert np.all(graphs["random"][key].min(axis=0) < -2.5)


def test_evaluate_edges_gives_probabilities_of_the_network(edge_network, graphs):
    graph = graphs["random"]
    senders, receivers = graph["edge_index"].astype("i4")
    feed = {"nodes": graph["nodes"], "edges": graph["edge_features"]}
    feed |= {"senders": senders, "receivers": receivers}

    found = evaluate_edges(edge_network, {"random": graph})["random"]

    logit = edge_network([feed[one.name] for one in edge_network.inputs])["edge"]
    np.testing.assert_allclose(found, sigmoid(logit), atol=1e-6)


def test_compare_edges_counts_and_gives_the_largest_difference():
    found = compared(np.float32([[0.2505]]))

    assert found["graphs"] == 2
    assert found["edges"] == 1
    assert found["max_difference"] == pytest.approx(5e-4, rel=1e-3)


def test_compare_edges_takes_logits_for_probabilities():
    logit = np.log(TRUTH["one"] / (1 - TRUTH["one"]))

    def runtime(graph):
        return {"logit": logit[: graph["edge_index"].shape[1]]}

    found = compare_edges(
        runtime, GRAPHS, TRUTH, tolerance=1e-6, name="edges_acts.onnx", output="logit"
    )

    assert found["max_difference"] < 1e-6


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        (np.float32([[0.3]]), "to 0.001. Received: max |difference|=0.05 on 'one'"),
        (np.float32([[np.nan]]), "with 'one' must be finite for every input"),
        (np.float64([[0.25]]), "float32 of shape (0, 1). Received: float64 (0, 1)"),
        (np.float32([0.25]), "float32 of shape (0, 1). Received: float32 (0,)"),
    ],
)
def test_compare_edges_refuses_what_is_wrong(scores, said):
    with pytest.raises(ParityError, match=re.escape(said)):
        compared(scores)


def test_compare_edges_tells_what_a_runtime_says():
    def broken(graph):
        raise RuntimeError("no such node\nat line 3")

    with pytest.raises(ParityError, match=r"'no edges' must run. Received: no such no"):
        compare_edges(broken, GRAPHS, TRUTH, tolerance=1, name="edges.onnx")


def test_check_threads_passes_what_is_equal(edge_proto, graphs, tmp_path):
    onnx.save(edge_proto, tmp_path / "edges.onnx")

    assert check_threads(tmp_path / "edges.onnx", graphs) == [1, 2, 4]


@pytest.mark.parametrize("drift", [1e-7, 1e-4])
def test_check_threads_finds_more_than_rounding(monkeypatch, tmp_path, drift):
    class Drifting:
        def __init__(self, path, threads):
            self.threads = threads

        def __call__(self, graph):
            return {"score": np.float32([0.5 + drift * (self.threads > 2)])}

    monkeypatch.setattr("export.graph_parity.GraphSession", Drifting)

    if drift < 1e-5:
        assert check_threads(tmp_path / "edges.onnx", {"one": {}}) == [1, 2, 4]
        return
    with pytest.raises(ParityError, match="another `score` with 4 on 'one'"):
        check_threads(tmp_path / "edges.onnx", {"one": {}})
