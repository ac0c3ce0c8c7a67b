"""The matrix of runtimes, with this Python in place of old ones."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import old_runtime_probe, old_runtimes
from benchmarks.old_runtimes import Environment, Outcome
from export.artifacts import Artifact, Tensor
from export.manifest import Bundle

NAMES = ("x", "y", "score")


@pytest.fixture
def bundle(tmp_path):
    """A bundle whose only artifact adds its two inputs, with a probe."""
    import onnx

    make, kind = onnx.helper, onnx.TensorProto.FLOAT
    values = [make.make_tensor_value_info(n, kind, ["batch", 1]) for n in NAMES]
    node = make.make_node("Add", ["x", "y"], ["score"])
    graph = make.make_graph([node], "g", values[:2], values[2:])
    opsets = [make.make_opsetid("", 13)]
    proto = make.make_model(graph, opset_imports=opsets, ir_version=7)
    (tmp_path / "model.onnx").write_bytes(proto.SerializeToString())
    features = np.linspace(0, 1, 40, dtype=np.float32)[:, None]
    np.savez(
        tmp_path / "probe.npz",
        features=features,
        category=features,
        score=2 * features,
    )
    manifest = {
        "inputs": {"features": {"name": "x"}, "category": {"name": "y"}},
        "outputs": {"onnx": "score"},
        "parity": {"tolerance": 1e-6},
    }
    return Bundle(folder=tmp_path, manifest=manifest)


def artifact(opset=13):
    tensors = [Tensor(name, "float32", (-1, 1)) for name in NAMES]
    return Artifact(
        kind="onnx",
        inputs=tuple(tensors[:2]),
        outputs=tuple(tensors[2:]),
        opsets={"ai.onnx": opset},
        ir_version=7,
    )


HERE = Environment("onnxruntime 1.17", "onnxruntime-1.17", ())


def test_artifact_is_run_by_the_other_python(bundle):
    import onnxruntime

    found = old_runtimes.outcome_of(bundle, artifact(), HERE, Path(sys.executable))

    version = onnxruntime.__version__
    assert found == Outcome("onnx", "onnxruntime 1.17", version, 40, 0.0, "ok")
    assert found.good


def test_artifact_that_breaks_a_rule_is_not_run(bundle):
    found = old_runtimes.outcome_of(bundle, artifact(21), HERE, Path("nowhere"))

    assert found.good
    assert found.difference is None
    assert "refused: ONNX: the opset of ai.onnx must be at most 20" in found.verdict


def test_artifact_that_does_not_run_is_told(bundle):
    bundle.onnx.write_bytes(b"no model")

    found = old_runtimes.outcome_of(bundle, artifact(), HERE, Path(sys.executable))

    assert not found.good
    assert found.verdict.startswith("failed: ")


@pytest.mark.parametrize("off", [1e-3, float("nan")])
def test_difference_beyond_the_tolerance_is_no_success(bundle, off):
    found = {"version": "1", "rows": 3, "difference": off}

    outcome = old_runtimes.judged(bundle, "onnx", "somewhere", found)

    assert not outcome.good
    assert outcome.verdict == "off by more than 1e-06"


def test_environment_that_cannot_be_made_is_told(bundle, monkeypatch):
    def install(folder, environment):
        raise subprocess.CalledProcessError(1, "pip", stderr="x\nno such version\n")

    monkeypatch.setattr(old_runtimes, "read_artifacts", lambda folder: [artifact()])
    found = list(old_runtimes.matrix(bundle, bundle.folder, [HERE], install))

    assert [one.verdict for one in found] == ["not installed: no such version"]


def test_environment_is_made_once(tmp_path, monkeypatch):
    commands = []
    monkeypatch.setattr(
        old_runtimes.venv, "create", lambda place, **_: place.mkdir(exist_ok=True)
    )
    monkeypatch.setattr(
        old_runtimes.subprocess, "run", lambda command, **_: commands.append(command)
    )
    environment = Environment("some 1", "acts", ("some==1",))

    first, second = (old_runtimes.installed(tmp_path, environment) for _ in range(2))

    assert first == second == tmp_path / "some-1" / "bin" / "python"
    assert len(commands) == 1
    assert commands[0][-1] == "some==1"


def test_probe_sees_what_is_wrong_in_batches_only():
    x = np.ones((40, 1), np.float32)

    def run(features, category):
        return features if len(features) == 40 else features * np.float32(1.5)

    assert old_runtime_probe.difference(run, x, x, x) == 0.5


def test_probe_does_not_hide_a_nan():
    x = np.ones((40, 1), np.float32)

    found = old_runtime_probe.difference(lambda a, b: a * np.nan, x, x, x)

    assert np.isnan(found)


def test_probe_needs_nothing_of_ours(bundle):
    words = ["onnx", str(bundle.onnx), str(bundle.probe), *NAMES]

    done = subprocess.run(
        [sys.executable, "-I", str(old_runtimes.PROBE), *words],
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(done.stdout)["difference"] == 0.0


def test_table_is_markdown():
    rows = [
        Outcome("onnx", "onnxruntime 1.17", "1.17.1", 40, 1.23e-7),
        Outcome("onnx", "x", verdict="refused: no"),
    ]

    text = old_runtimes.table(rows).splitlines()

    assert text[2] == "| onnx | onnxruntime 1.17 | 1.17.1 | 40 | 1.2e-07 | ok |"
    assert text[3] == "| onnx | x |  |  |  | refused: no |"


def test_what_is_no_bundle_is_refused(tmp_path, capsys):
    assert old_runtimes.main([str(tmp_path)]) == 2
    assert "must hold a manifest.json" in capsys.readouterr().err


def test_runtimes_can_be_chosen():
    assert len(old_runtimes.chosen(None)) == 7
    assert [one.name for one in old_runtimes.chosen(["tensorflow 2.12"])] == [
        "tensorflow 2.12"
    ]
