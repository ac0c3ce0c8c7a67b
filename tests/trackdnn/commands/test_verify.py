"""`verify` as users type it."""

from __future__ import annotations

import json
import shutil

import pytest

from export import verify as standalone
from trackdnn.cli import main
from trackdnn.commands import verify
from trackdnn.errors import InputError


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    from benchmarks.damaged_bundles import make_bundle

    return make_bundle(tmp_path_factory.mktemp("verify") / "bundle")


def test_verify_proves_a_bundle_in_every_runtime(bundle, capsys):
    code = main(["verify", str(bundle)])

    lines = capsys.readouterr().out.splitlines()
    assert code == 0
    assert len(lines) == 8
    assert all(line.startswith("ok ") for line in lines)
    assert "graphs: operations that compute, and no others" in lines[3]


def test_verify_as_json(bundle, capsys):
    code = main(["verify", str(bundle), "--json", "--runtime", "onnxruntime"])

    found = json.loads(capsys.readouterr().out)
    assert code == 0
    assert found["ok"]
    assert found["checks"][-1]["status"] == "skipped"


def test_verify_tells_damage_and_exits_2(bundle, tmp_path, capsys):
    copy = tmp_path / "copy"
    shutil.copytree(bundle, copy)
    (copy / "probe.npz").write_bytes(b"")

    code = main(["verify", str(copy)])

    said = capsys.readouterr()
    assert code == 2
    assert said.out.splitlines()[-1].startswith("failed  files: ")
    assert said.err.startswith("error: files: ")
    assert "probe.npz must have the SHA-256" in said.err


def test_no_command_runs_a_graph_that_breaks_a_rule(bundle, tmp_path, capsys):
    import onnx

    copy = tmp_path / "copy"
    shutil.copytree(bundle, copy)
    proto = onnx.load(copy / "model.onnx")
    proto.graph.node[0].domain = "com.stranger"
    (copy / "model.onnx").write_bytes(proto.SerializeToString())
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["files"]["model.onnx"] = {
        "bytes": (copy / "model.onnx").stat().st_size,
        "sha256": standalone.sha256(copy / "model.onnx"),
    }
    manifest["digest"] = standalone.digest(manifest)
    (copy / "manifest.json").write_text(standalone.canonical(manifest))

    rule = f"{copy / 'model.onnx'} must use operators of ONNX alone"
    scores = str(tmp_path / "scores.root")
    commands = [
        (f"error: graphs: {rule}", ["verify", str(copy), "--runtime", "onnxruntime"]),
        (f"error: {rule}", ["infer", str(copy), "none.root", "-o", scores]),
        (f"error: {rule}", ["inspect", str(copy / "model.onnx")]),
    ]
    for start, words in commands:
        assert main(words) == 2
        assert capsys.readouterr().err.startswith(start)


def test_verify_knows_its_runtimes(tmp_path):
    with pytest.raises(InputError, match="must be onnxruntime or tensorflow"):
        verify.run(tmp_path, "torch", as_json=False)
