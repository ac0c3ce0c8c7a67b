"""Run folders as a training leaves them, made without TensorFlow."""

import contextlib
import dataclasses
import hashlib
import json

import numpy as np
import pytest

from export.manifest import FROZEN_GRAPH, ONNX, PROBE, SAVED_MODEL, write_manifest
from trackdnn.data.prepared.executors import SerialExecutor
from trackdnn.data.prepared.prepare import prepare
from trackdnn.settings import Settings
from trackdnn.training.checkpoints.lock import run_lock
from trackdnn.training.checkpoints.state import State
from trackdnn.training.checkpoints.store import CheckpointStore
from trackdnn.training.history import Epoch, to_csv, write_history
from trackdnn.training.run import FILES, FORMAT, MANIFEST, VERSION, to_yaml


@pytest.fixture(scope="session")
def make_rows():
    """A function of the epochs of each stage; the last epoch but one is the best."""

    def make(*epochs):
        return tuple(
            Epoch(
                stage=stage,
                epoch=epoch,
                loss=0.5 / epoch,
                val_loss=0.6 / epoch,
                val_auc=0.9 + stage / 100 - 0.001 * abs(epoch - (count - 1)),
                learning_rate=1e-3 / epoch,
                seconds=2.0,
                tracks_per_second=1000.0 * stage,
                memory_mb=800.0,
            )
            for stage, count in enumerate(epochs, start=1)
            for epoch in range(1, count + 1)
        )

    return make


@pytest.fixture
def save_checkpoint(make_rows):
    """A function that saves how far a run has come."""

    def save(folder, stage, epoch, step=0, rows=(), name=None):
        arrays = {
            "model/0000": np.full((20, 4), 0.5 + epoch, np.float32),
            "model/0001": np.zeros(2, np.uint32),
            "optimizer/0000": np.array(step),
        }
        history = [dataclasses.asdict(row) for row in rows]
        place = {"stage": stage, "epoch": epoch, "step": step}
        state = State(arrays, {**place, "history": history, "fingerprint": "f"})
        name = name or f"stage{stage}-epoch{epoch:04d}-step{step:07d}"
        store = CheckpointStore(folder / "checkpoints", keep=9)
        return store.save(state, name=name, permanent=name.endswith("-end"))

    return save


@pytest.fixture
def begin_run(tmp_path):
    """A function that makes a run folder with settings and inputs, and a history."""

    def begin(name, rows=(), planned=(4,)):
        folder = tmp_path / "runs" / name
        folder.mkdir(parents=True)
        stages = [{"epochs": count, "learning_rate": 1e-3} for count in planned]
        settings = Settings.model_validate(
            {"training": stages, "data": {"samples": {"ttbar": ["a.root"]}}}
        )
        (folder / "settings.yaml").write_text(to_yaml(settings))
        (folder / "input_spec.json").write_text("{}\n")
        if rows:
            write_history(folder, rows)
        return folder

    return begin


@pytest.fixture
def complete_run(begin_run, make_rows):
    """A function that makes a complete run."""

    def complete(name, epochs=(4,), planned=(4,)):
        rows = make_rows(*epochs)
        folder = begin_run(name, rows, planned)
        (folder / "model.weights.h5").write_bytes(b"weights")
        (folder / "history.csv").write_text(to_csv(rows))
        summary = {"architecture": "default", "parameters": 2481}
        (folder / "summary.json").write_text(json.dumps(summary))
        hashes = {
            file: hashlib.sha256((folder / file).read_bytes()).hexdigest()
            for file in FILES
        }
        content = {"format": FORMAT, "version": VERSION, "sha256": hashes}
        (folder / MANIFEST).write_text(json.dumps(content))
        return folder

    return complete


@pytest.fixture
def train_in():
    """A function that holds the lock of a run, as a training does, until the end."""
    with contextlib.ExitStack() as stack:
        yield lambda folder: stack.enter_context(run_lock(folder))


@pytest.fixture
def flip():
    """A function that changes one byte of a file, and not its size."""

    def change(path):
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)

    return change


@pytest.fixture
def make_bundle(tmp_path):
    """A function that writes a bundle whose artifacts are a few bytes each."""

    def make(name="bundle"):
        folder = tmp_path / name
        for file in (FROZEN_GRAPH, f"{SAVED_MODEL}/saved_model.pb", ONNX, PROBE):
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_bytes(file.encode())
        names = ("inputs", "outputs", "onnx", "score", "versions")
        content = {name: {} for name in names}
        content |= {
            "created": "2026-11-21T17:44:14+00:00",
            "working_points": {"overall": {"loose": {}, "tight": {}}},
            "training": {"architecture": "default", "epochs": 3, "created": "then"},
            "evaluation": {"auc": 0.98},
            "parity": {"artifacts": {"onnx": {"max_difference": 2e-7}}},
        }
        write_manifest(folder, content)
        return folder

    return make


@pytest.fixture
def dataset(ntuple_factory, tmp_path):
    """A prepared dataset of one small file."""
    settings = Settings.model_validate(
        {"data": {"samples": {"ttbar": [str(ntuple_factory())]}}}
    )
    with SerialExecutor() as executor:
        prepare(settings, tmp_path / "dataset", executor=executor, progress=False)
    return tmp_path / "dataset"
