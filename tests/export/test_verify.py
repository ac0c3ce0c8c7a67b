"""`verify` finds what is wrong with a bundle, also as one file far from the package."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from export import verify

SOURCE = Path(verify.__file__)


@pytest.fixture
def copy(bundle, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(bundle.folder, folder)
    return folder


@pytest.fixture
def alone(tmp_path):
    """A function that runs a copy of the file in a folder of its own."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    shutil.copy(SOURCE, folder / "verify.py")

    def run(*words):
        command = [sys.executable, "-I", "verify.py", *map(str, words)]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True)

    return run


def rewrite(folder, **changes):
    """Change entries of the manifest, hashes included, as a stranger could."""
    path = folder / "manifest.json"
    content = json.loads(path.read_text())
    for name, entry in content["files"].items():
        file = folder / name
        if file.is_file():
            entry |= {"bytes": file.stat().st_size, "sha256": verify.sha256(file)}
    content |= changes
    content["digest"] = verify.digest(content)
    path.write_text(verify.canonical(content))


def statuses(checks):
    return {check.name: check.status for check in checks}


def last(folder, **options):
    """Name and text of the check that failed, the last one."""
    options.setdefault("runtimes", ["onnxruntime"])
    checks = verify.verify(folder, **options)
    failed = [check for check in checks if check.status == verify.FAILED]
    assert len(failed) == 1
    assert not verify.passed(checks)
    return failed[0].name, failed[0].detail


def test_verify_passes_what_was_exported(bundle):
    checks = verify.verify(bundle.folder, guard=lambda _: "fine")

    assert verify.passed(checks)
    assert set(statuses(checks).values()) == {"ok"}
    assert [check.name for check in checks] == [
        *("manifest", "files", "folder", "graphs", "probe"),
        *("replay of onnx", "replay of frozen_graph", "replay of saved_model"),
    ]


def test_verify_says_what_was_not_replayed(bundle):
    checks = verify.verify(bundle.folder, ["onnxruntime"])

    assert statuses(checks)["replay of onnx"] == "ok"
    assert statuses(checks)["replay of saved_model"] == "skipped"
    assert "skipped replay of saved_model: without tensorflow" in verify.lines(checks)


def test_verify_needs_a_runtime(bundle):
    name, text = last(bundle.folder, runtimes=[])

    assert (name, text[-7:]) == ("replay", "neither")


@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("manifest.json", "manifest"),
        ("model.onnx", "files"),
        ("saved_model/variables/variables.index", "files"),
        ("cmssw_cuts.py", "files"),
    ],
)
def test_verify_stops_at_a_damaged_file(copy, name, check):
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 3] ^= 4
    (copy / name).write_bytes(content)

    checks = verify.verify(copy, ["onnxruntime"])

    assert checks[-1].name == check
    assert checks[-1].status == "failed"


def test_verify_refuses_files_nobody_listed(copy):
    (copy / "notes.txt").write_text("")

    name, text = last(copy)

    assert name == "folder"
    assert "must not hold 'notes.txt', which is not its own" in text


def test_verify_takes_a_signature_beside_the_manifest(copy):
    (copy / "manifest.json.sig").write_bytes(b"")

    assert verify.passed(verify.verify(copy, ["onnxruntime"]))


@pytest.mark.parametrize("inside", ["link", "saved_model/link"])
def test_verify_refuses_links(copy, tmp_path, inside):
    (copy / inside).symlink_to(tmp_path)

    assert last(copy)[0] == "folder"


def test_verify_refuses_a_manifest_that_is_a_link(copy, tmp_path):
    (copy / "manifest.json").rename(tmp_path / "m")
    (copy / "manifest.json").symlink_to(tmp_path / "m")

    assert last(copy)[0] == "manifest"


def test_verify_does_not_load_what_the_guard_refuses(bundle):
    def guard(folder):
        raise ValueError(f"{folder} is strange")

    checks = verify.verify(bundle.folder, guard=guard)

    assert checks[-1].name == "graphs"
    assert "is strange" in checks[-1].detail


def test_verify_finds_other_scores(copy):
    with np.load(copy / "probe.npz") as probe:
        arrays = dict(probe)
    arrays["score"] = arrays["score"] + np.float32(1e-3)
    np.savez_compressed(copy / "probe.npz", **arrays)
    rewrite(copy)

    name, text = last(copy)

    assert name == "replay of onnx"
    assert "must give the scores of the probe to 1e-06 in ONNX Runtime" in text
    assert "Received: max |difference|=0.001" in text


@pytest.mark.parametrize("number", ["nan", "inf"])
def test_verify_refuses_a_tolerance_that_is_no_number(copy, number):
    content = json.loads((copy / "manifest.json").read_text())
    content["parity"]["tolerance"] = float(number)
    (copy / "manifest.json").write_text(json.dumps(content))

    name, text = last(copy)

    assert name == "manifest"
    assert "must be readable JSON. Received: the number" in text


def test_verify_tells_a_crafted_manifest(copy):
    rewrite(copy, inputs={})

    assert last(copy) == ("replay of onnx", "KeyError: 'features'")


class Trap:
    """Unpickled, it would leave a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (self.path, "w"))


def test_probe_is_never_unpickled(copy, tmp_path):
    mark = tmp_path / "mark"
    trap = np.array([Trap(str(mark))], dtype=object)
    np.savez(copy / "probe.npz", features=trap, category=trap, score=trap)
    rewrite(copy)

    name, text = last(copy)

    assert name == "probe"
    assert "must hold the arrays" in text
    assert not mark.exists()


@pytest.mark.parametrize(
    "arrays",
    [
        {"features": np.zeros((2, 29), np.float32)},
        {name: np.zeros((2, 1)) for name in ("features", "category", "score")},
        {
            "features": np.zeros((3, 29), np.float32),
            "category": np.zeros((2, 1), np.float32),
            "score": np.zeros((2, 1), np.float32),
        },
        {name: np.float32(1) for name in ("features", "category", "score")},
    ],
)
def test_probe_must_be_rows(tmp_path, arrays):
    np.savez(tmp_path / "probe.npz", **arrays)

    with pytest.raises(verify.RefusedError, match="must hold"):
        verify.read_probe(tmp_path / "probe.npz")


def test_probe_is_not_unpacked_without_end(tmp_path, monkeypatch):
    monkeypatch.setattr(verify, "_MAX_PROBE", 1000)
    with zipfile.ZipFile(tmp_path / "p.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("features.npy", bytes(2000))

    with pytest.raises(verify.RefusedError, match="2,000 bytes, more than 1,000"):
        verify.read_probe(tmp_path / "p.npz")


def test_large_manifests_are_not_read(copy, monkeypatch):
    monkeypatch.setattr(verify, "_MAX_MANIFEST", 10)

    assert "more than 10" in last(copy)[1]


def test_the_file_stands_alone(bundle, alone):
    done = alone(bundle.folder, "--runtime", "onnxruntime")

    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "ok      manifest",
        "ok      files",
        "ok      folder",
        "ok      probe",
        "ok      replay of onnx",
        "skipped replay of frozen_graph",
        "skipped replay of saved_model",
    ]
    assert "in ONNX Runtime 1." in lines[4]


def test_the_file_alone_refuses_with_2(copy, alone):
    (copy / "model.onnx").write_bytes(b"")

    done = alone(copy, "--json")

    found = json.loads(done.stdout)
    assert done.returncode == 2
    assert not found["ok"]
    assert found["checks"][-1]["status"] == "failed"
    assert "model.onnx must have the SHA-256" in found["checks"][-1]["detail"]


def test_the_file_imports_nothing_of_the_house():
    tree = ast.parse(SOURCE.read_text(), feature_version=(3, 9))

    names = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module]
        )
    }
    needed = {"numpy", "onnxruntime", "tensorflow", "cryptography"}
    assert names <= needed | set(sys.stdlib_module_names)


def test_main_sets_the_processor(bundle, monkeypatch, capsys):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)

    code = verify.main([str(bundle.folder), "--runtime", "onnxruntime"])

    assert code == 0
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "-1"
    assert "ok      manifest: version 2" in capsys.readouterr().out
