"""A network of graphs in ONNX Runtime: names, shapes, threads, and what is refused."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import onnx
import pytest

from export.errors import UnsafeGraphError
from export.graph_session import GraphSession
from tests.export.graph_models import EDGE_WIDTH, WIDTH, random_graph, session_of

RACING = """
<ir_version: 8, opset_import: ["" : 18]>
g (float[n, 2] zero, int64[e, 1] ids, float[e, 2] x) => (float[n, 2] y) {
    y = ScatterND <reduction = "add"> (zero, ids, x)
}
"""


@pytest.fixture
def edges(edge_proto, tmp_path):
    path = tmp_path / "edges.onnx"
    path.write_bytes(edge_proto.SerializeToString())
    return path


def test_session_gives_what_the_file_gives(edges, edge_proto):
    graph = random_graph(20, 60)

    session = GraphSession(edges, 2)

    assert session.threads == 2
    assert session.inputs == {
        "nodes": (-1, WIDTH),
        "edge_index": (2, -1),
        "edge_features": (-1, EDGE_WIDTH),
    }
    assert session.outputs == {"score": (-1, 1)}
    wanted = session_of(edge_proto).run(["score"], graph)[0]
    np.testing.assert_array_equal(session(graph)["score"], wanted)


@pytest.mark.parametrize("threads", [0, 1, 4])
def test_session_of_a_graph_that_races_has_one_thread(tmp_path, threads):
    path = tmp_path / "racing.onnx"
    onnx.save(onnx.parser.parse_model(RACING), path)
    feed = {"zero": np.zeros((2, 2), "f4"), "ids": np.int64([[1], [1], [0]])}

    session = GraphSession(path, threads)

    assert session.threads == 1
    found = session({**feed, "x": np.ones((3, 2), "f4")})["y"]
    np.testing.assert_array_equal(found, [[1, 1], [2, 2]])


def test_session_refuses_what_is_no_network(tmp_path):
    path = tmp_path / "edges.onnx"
    path.write_bytes(b"\xffno network")

    with pytest.raises(UnsafeGraphError, match="must be an ONNX file"):
        GraphSession(path)


def test_session_needs_neither_tensorflow_nor_onnx(edges):
    lines = (
        "import pathlib, sys",
        "from export.graph_session import GraphSession",
        f"GraphSession(pathlib.Path({str(edges)!r}))",
        "assert not {'tensorflow', 'keras', 'onnx'} & set(sys.modules)",
    )

    subprocess.run([sys.executable, "-c", "; ".join(lines)], check=True)
