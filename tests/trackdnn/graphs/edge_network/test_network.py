"""Trained networks at work, without TensorFlow."""

import shutil
import subprocess
import sys

import numpy as np
import pytest

from tests.trackdnn.graphs.edge_filter.windows import Windows
from tests.trackdnn.graphs.edge_network import small
from tests.trackdnn.toy_events import toy_event
from trackdnn.errors import BadFileError
from trackdnn.events.event import without_truth
from trackdnn.graphs.edge_network import files
from trackdnn.graphs.edge_network import network as module
from trackdnn.graphs.edge_network.columns import graph_columns, node_columns
from trackdnn.graphs.edge_network.network import EdgeNetwork
from trackdnn.graphs.graph import graph_of


@pytest.fixture(scope="module")
def event():
    return without_truth(toy_event(30, noise=8, seed=50))


@pytest.fixture(scope="module")
def graph(event):
    return Windows().build(event)


def test_scores_are_those_of_keras(network_folder, event, graph):
    from network.graph_builder import GraphBuilder

    network = EdgeNetwork.load(network_folder)
    model = GraphBuilder(small.settings()).build(network.description.inputs)
    files.load_weights(model, network_folder)

    logit = model(
        [
            node_columns(event, ("position",)),
            graph_columns(event, graph),
            *graph.edges.astype("i4"),
        ]
    )["edge"].numpy()[:, 0]
    score = 1 / (1 + np.exp(-logit.astype(float)))
    network.cut = float(np.sort(score)[len(score) // 2 : len(score) // 2 + 2].mean())
    found = network.apply(event, graph)
    kept = score > network.cut
    assert 0 < kept.sum() < len(graph)
    np.testing.assert_array_equal(found.edges, graph.edges[:, kept])
    np.testing.assert_allclose(found.score, score[kept], atol=2e-6)


def test_scores_do_not_depend_on_threads(network_folder, event, graph):
    one, two = (
        EdgeNetwork.load(network_folder, threads=threads).apply(event, graph)
        for threads in (1, 2)
    )

    np.testing.assert_array_equal(one.score, two.score)


def test_no_edges_and_no_hits_have_no_scores(network_folder, event):
    network = EdgeNetwork.load(network_folder)
    for case in (event, event.take(np.zeros(0, int))):
        empty = graph_of(case, np.zeros((2, 0), int))

        assert len(network.apply(case, empty)) == 0


@pytest.mark.slow
def test_pieces_of_a_network_of_single_edges_are_the_whole(
    tmp_path, event, graph, monkeypatch
):
    chosen = small.settings(architecture="dense", options={"width": 8, "depth": 2})
    small.training(tmp_path / "network", chosen, number=2).run()
    network = EdgeNetwork.load(tmp_path / "network")
    whole = network.apply(event, graph)
    monkeypatch.setattr(module, "_PIECE", 7)

    found = network.apply(event, graph)

    np.testing.assert_array_equal(found.edges, whole.edges)
    np.testing.assert_allclose(found.score, whole.score, rtol=1e-5)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (files.FILE, b"{}", "must describe a network of edges"),
        (files.FILE, None, "must have the file"),
        (files.EDGES, b"broken", "must hold a network of edges"),
        (files.EDGES, None, "must have the file"),
    ],
)
def test_damaged_networks_are_told(network_folder, tmp_path, name, content, message):
    folder = tmp_path / "network"
    shutil.copytree(network_folder, folder)
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)

    with pytest.raises(BadFileError, match=message):
        EdgeNetwork.load(folder)


def test_networks_need_no_tensorflow(network_folder):
    script = (
        "import sys; from pathlib import Path;"
        "from trackdnn.graphs.edge_network.network import EdgeNetwork;"
        "EdgeNetwork.load(Path(sys.argv[1]));"
        "print(sorted({'tensorflow', 'keras', 'tf2onnx'} & set(sys.modules)))"
    )

    done = subprocess.run(
        [sys.executable, "-c", script, network_folder],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == "[]"
