"""Ways to serve a network: what is made of a run, and how long it takes."""

import argparse
import dataclasses

import numpy as np
import onnx
import pytest

from benchmarks import inference_services
from benchmarks.inference_services import ONNX, OPTIMISED, SESSION, Child, Compiled


@pytest.fixture
def run(tmp_path):
    """A folder with the ONNX file of three dense layers."""
    rng = np.random.default_rng(1)
    shapes = {"x": ["batch", 29], "y": ["batch", 1], "score": ["batch", 1]}
    value = {
        name: onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)
        for name, shape in shapes.items()
    }
    weights = [
        onnx.numpy_helper.from_array(rng.normal(size=shape).astype("f4"), name)
        for name, shape in {"a": (29, 16), "c": (16, 16), "b": (16, 1)}.items()
    ]
    nodes = [
        onnx.helper.make_node("MatMul", ["x", "a"], ["hidden"]),
        onnx.helper.make_node("Relu", ["hidden"], ["middle"]),
        onnx.helper.make_node("MatMul", ["middle", "c"], ["inner"]),
        onnx.helper.make_node("Relu", ["inner"], ["active"]),
        onnx.helper.make_node("MatMul", ["active", "b"], ["sum"]),
        onnx.helper.make_node("Add", ["sum", "y"], ["logit"]),
        onnx.helper.make_node("Sigmoid", ["logit"], ["score"]),
    ]
    graph = onnx.helper.make_graph(
        nodes, "dense", [value["x"], value["y"]], [value["score"]], weights
    )
    opset = onnx.helper.make_opsetid("", 13)
    proto = onnx.helper.make_model(graph, opset_imports=[opset], ir_version=7)
    folder = tmp_path / "small"
    (folder / "bundle").mkdir(parents=True)
    (folder / "bundle" / "model.onnx").write_bytes(proto.SerializeToString())
    (folder / "bundle" / "frozen_graph.pb").write_bytes(b"")
    return folder


@pytest.fixture
def tracks(tmp_path):
    path = tmp_path / "tracks.npz"
    features = np.random.default_rng(2).normal(size=(64, 29)).astype("f4")
    np.savez(path, features=features, category=np.ones((64, 1), np.float32))
    return path


def services(run, tracks, folder, monkeypatch):
    monkeypatch.setattr(inference_services, "_program", lambda name, cache: None)
    options = argparse.Namespace(runs=[run], production=[], cache=None)
    folder.mkdir()
    return inference_services.fetch_services(options, tracks, folder)


def test_first_run_is_served_in_every_way(run, tracks, tmp_path, monkeypatch):
    found = services(run, tracks, tmp_path / "work", monkeypatch)

    ways = [service.way for service in found]
    assert ways[:3] == [SESSION, ONNX, OPTIMISED]
    assert {"ONNX fp16", "ONNX int8-dynamic", "ONNX int8-static"} < set(ways)
    assert ways[-3:] == ["SavedModel", "Keras predict_on_batch", "Keras predict"]
    half = next(service for service in found if service.way == "ONNX fp16")
    assert half.describe()["bytes"] > 0
    assert half.title == "small: ONNX fp16"


def test_child_is_timed_per_track(run, tracks, tmp_path):
    model = run / "bundle" / "model.onnx"
    service = Child("small", ONNX, model, "onnx", tracks)
    service.start()
    try:
        one, many = service.microseconds(1, 0.05), service.microseconds(64, 0.05)
    finally:
        service.end()

    # A call costs more than the rows of a layer this small.
    assert 0 < many < one


def test_compiled_client_makes_as_many_passes_as_the_time_allows(tmp_path, monkeypatch):
    passes = []

    def answer(program, path, probe, *, threads, batch, repeat):
        passes.append(repeat)
        return {
            "microseconds_per_track": 10.0,
            "memory_before": 50.0,
            "memory_after": 60.0 + threads,
        }

    monkeypatch.setattr("export.clients.run.run_client", answer)
    service = Compiled("a", "C++", tmp_path, None, tmp_path, 1000)
    service.start()

    assert [service.microseconds(16, 0.1) for _ in range(2)] == [10.0, 10.0]
    assert passes == [5, 10]
    assert service.memory() == {"library": 50.0, "session": 11.0, "per_thread": 1.0}
    assert dataclasses.is_dataclass(service)
