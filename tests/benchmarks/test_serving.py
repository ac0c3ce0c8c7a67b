"""A served network answers with what it scored in which time."""

import json
import subprocess
import sys

import numpy as np
import onnx
import pytest

from benchmarks import serving


@pytest.fixture
def model(tmp_path):
    """score = first feature + category, in ONNX."""
    axes = {"x": ["batch", 3], "y": ["batch", 1], "score": ["batch", 1]}
    value = {
        name: onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)
        for name, shape in axes.items()
    }
    nodes = [
        onnx.helper.make_node("Gather", ["x", "first"], ["column"], axis=1),
        onnx.helper.make_node("Add", ["column", "y"], ["score"]),
    ]
    first = onnx.numpy_helper.from_array(np.array([0]), "first")
    graph = onnx.helper.make_graph(
        nodes, "sum", [value["x"], value["y"]], [value["score"]], [first]
    )
    opset = onnx.helper.make_opsetid("", 13)
    proto = onnx.helper.make_model(graph, opset_imports=[opset], ir_version=7)
    path = tmp_path / "model.onnx"
    path.write_bytes(proto.SerializeToString())
    return path


@pytest.fixture
def tracks(tmp_path):
    path = tmp_path / "tracks.npz"
    features = np.arange(60, dtype=np.float32).reshape(20, 3)
    np.savez(path, features=features, category=np.ones((20, 1), np.float32))
    return path


def child(model, tracks, *words, lines=""):
    command = [sys.executable, "-m", "benchmarks.serving", "onnx", str(model)]
    done = subprocess.run(
        [*command, str(tracks), *words],
        input=lines,
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_child_answers_each_line(model, tracks):
    ready, small, large = child(model, tracks, lines="1 0.02\n16 0.02\n")

    assert ready == {"ready": True}
    assert small["samples"] > 0
    assert large["samples"] % 16 == 0
    assert small["seconds"] >= 0.02


def test_child_tells_its_memory(model, tracks):
    (found,) = child(model, tracks, "memory")

    assert set(found) == {"library", "session", "per_thread"}
    assert found["library"] is None or found["library"] > 10


def test_work_scores_other_tracks_in_each_call(tracks):
    seen = []

    def run(features, category):
        seen.append(features[0, 0])

    with np.load(tracks) as content:
        found = serving.work(run, content["features"], content["category"], 8, 0.0)

    assert found["samples"] == 0
    assert seen == [0.0]

    batches = serving._batches(np.arange(60.0).reshape(20, 3), np.ones((20, 1)), 8)
    assert [next(batches)[0][0, 0] for _ in range(3)] == [0.0, 24.0, 0.0]
