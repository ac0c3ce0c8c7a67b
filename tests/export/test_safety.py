"""Every door through which a graph comes asks for the rules first."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import onnx
import pytest

from export import safety
from export.errors import UnsafeGraphError
from export.frozen_graph import FrozenGraphSession
from export.onnx_graph import OnnxSession
from export.saved_model import SavedModelSignature
from export.signature import Names


@pytest.fixture
def copy(bundle, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(bundle.folder, folder)
    return folder


def spoil_onnx(folder):
    proto = onnx.load(folder / "model.onnx")
    proto.graph.node[0].domain = "com.stranger"
    (folder / "model.onnx").write_bytes(proto.SerializeToString())


def spoil_frozen(folder):
    from tensorflow.core.framework import graph_pb2

    path = folder / "frozen_graph.pb"
    proto = graph_pb2.GraphDef.FromString(path.read_bytes())
    proto.node[-1].op = "ReadFile"
    path.write_bytes(proto.SerializeToString())


def spoil_saved(folder):
    from tensorflow.core.protobuf import saved_model_pb2

    path = folder / "saved_model" / "saved_model.pb"
    proto = saved_model_pb2.SavedModel.FromString(path.read_bytes())
    proto.meta_graphs[0].graph_def.node[0].op = "WriteFile"
    path.write_bytes(proto.SerializeToString())


SPOILT = [
    (spoil_onnx, OnnxSession, "model.onnx", r"model\.onnx must use operators of ONNX"),
    (spoil_frozen, FrozenGraphSession, "frozen_graph.pb", "frozen_graph.pb must hold"),
    (spoil_saved, SavedModelSignature, "saved_model", "saved_model.pb must hold oper"),
]


def test_a_bundle_as_written_is_safe(bundle):
    assert "nodes: frozen_graph " in safety.check_bundle(bundle.folder)
    assert safety.read_onnx(bundle.onnx) == bundle.onnx.read_bytes()
    assert safety.read_graph(bundle.frozen_graph) == bundle.frozen_graph.read_bytes()


@pytest.mark.parametrize(("spoil", "runtime", "name", "message"), SPOILT)
def test_no_runtime_loads_a_graph_that_breaks_a_rule(
    copy, spoil, runtime, name, message
):
    spoil(copy)

    with pytest.raises(UnsafeGraphError, match=message):
        runtime(copy / name, Names())
    with pytest.raises(UnsafeGraphError, match=message):
        safety.check_bundle(copy)


@pytest.mark.parametrize("content", [b"not a graph", b"\xff" * 100])
def test_other_files_are_refused(tmp_path, content):
    path = tmp_path / "saved_model.pb"
    path.write_bytes(content)

    with pytest.raises(UnsafeGraphError, match=r"must be an ONNX file\. Received: "):
        safety.read_onnx(path)
    with pytest.raises(UnsafeGraphError, match="must be a frozen graph, a binary"):
        safety.read_graph(path)
    with pytest.raises(UnsafeGraphError, match="must be a SavedModel"):
        safety.check_saved_model(tmp_path)


@pytest.mark.parametrize("name", ["saved_model.cpb", "saved_model.pbtxt"])
def test_a_saved_model_has_one_graph(copy, name):
    (copy / "saved_model" / name).write_bytes(b"")

    with pytest.raises(UnsafeGraphError, match=f"in saved_model.pb alone.*{name}"):
        SavedModelSignature(copy / "saved_model", Names())


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(UnsafeGraphError, match=r"an ONNX file\. Received: .*No"):
        safety.read_onnx(tmp_path / "a.onnx")


def test_large_files_are_refused_unread(bundle, monkeypatch):
    monkeypatch.setattr(safety, "MAX_BYTES", 100)

    with pytest.raises(UnsafeGraphError, match=r"onnx must have at most 100 bytes"):
        safety.read_onnx(bundle.onnx)


def test_keras_files_are_never_loaded():
    """`.keras` and `.h5` hold code in ways that their readers keep finding."""
    root = Path(safety.__file__).parents[1]
    sources = [
        path
        for package in ("trackdnn", "network", "export")
        for path in (root / package).rglob("*.py")
    ]

    found = [
        path.name
        for path in sources
        if re.search(r"load_model\(|safe_mode|model_from_|Lambda\(", path.read_text())
    ]

    assert found == []
