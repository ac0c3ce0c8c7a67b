"""Two logical CPUs against one, in a process of their own."""

import subprocess
import sys
from pathlib import Path

import pytest

from trackdnn.errors import DeviceError
from trackdnn.settings import LocalSettings
from trackdnn.training import devices
from trackdnn.training.workers import Workers

ROOT = Path(__file__).parents[3]
# Batches of 100 and 101 tracks, so that shares differ. The mirrored training comes
# first: logical CPUs must stand before TensorFlow starts.
SCRIPT = """
import dataclasses
import numpy as np
from network.builder import ModelBuilder
from tests.conftest import make_tracks
from tests.trackdnn.training.conftest import EdgeTask, edge_network
from trackdnn.settings import LocalSettings, ModelSettings, Stage
from trackdnn.training.fitting import fit_spec
from trackdnn.training.task import TrackTask
from trackdnn.training.trainer import ModelTrainer

def noisy(count, seed):
    tracks = make_tracks(count, seed)
    wrong = np.random.default_rng(seed).random(count) < 0.1
    return dataclasses.replace(tracks, label=tracks.label ^ wrong)

parts = noisy(1203, 1), noisy(600, 2)
# Without dropout: its random masks are drawn per device.
model = ModelSettings(options={"width": 32, "blocks": 2, "dropout": 0.0})
builder = ModelBuilder(model)
spec = fit_spec(model, builder.preset, parts[0])
stage = Stage(epochs=1, batch_size=101, ema=0.9, weights="log_pt")
# Parts of a share that differ in size, and a norm that most gradients exceed.
parted = stage.model_copy(update={"accumulate": 3, "clip": 0.1})

def train(stage, cpus):
    trainer = ModelTrainer(stage, LocalSettings(logical_cpus=cpus), 1)
    result = trainer.train(lambda: builder.build(spec), TrackTask(*parts))
    assert "Mirrored" not in type(result.model.weights[0].value).__name__
    return result.model.get_weights()

def apart(one, other):
    return max(float(np.abs(a - b).max()) for a, b in zip(one, other))

two, two_parted = train(stage, 2), train(parted, 2)
one, one_parted = train(stage, 1), train(parted, 1)
clipped = train(stage.model_copy(update={"clip": 0.1}), 1)
def graphs(cpus):
    stage = Stage(epochs=2, batch_size=3, early_stopping=None, accumulate=2)
    trainer = ModelTrainer(stage, LocalSettings(logical_cpus=cpus), 1)
    return trainer.train(edge_network, EdgeTask()).model.get_weights()

print(apart(one, two), apart(one_parted, two_parted), apart(one_parted, clipped),
      apart(graphs(2), graphs(1)))
print(apart(one, clipped))
"""


def test_two_logical_cpus_and_parts_of_batches_equal_one_device():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr[-2000:]
    same, other = done.stdout.splitlines()
    assert all(float(figure) <= 1e-6 for figure in same.split()), same
    assert float(other) > 1e-4


def test_one_device_needs_no_strategy():
    assert devices.choose_strategy(LocalSettings()) is None


def test_gpus_that_are_not_there_are_named():
    import tensorflow as tf

    if tf.config.list_physical_devices("GPU"):
        pytest.skip("there is a GPU")
    with pytest.raises(DeviceError, match=r"`local.gpus` must be 0.*gpus=1"):
        devices.choose_strategy(LocalSettings(gpus=1))


def test_logical_cpus_cannot_come_late():
    import tensorflow as tf

    tf.constant(0.0)  # TensorFlow starts

    with pytest.raises(DeviceError, match=r"logical_cpus=2.*runs with 1 already"):
        devices.choose_strategy(LocalSettings(logical_cpus=2))


PAIR = (
    '{"cluster": {"worker": ["127.0.0.1:1", "127.0.0.1:2"]}, '
    '"task": {"type": "worker", "index": 1}}'
)


def test_one_process_is_a_team_of_one(monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)

    found = devices.make_team(LocalSettings())

    assert (found.count, found.strategy, found.is_chief) == (1, None, True)


def test_wrong_config_is_refused_before_anything_is_tried(monkeypatch):
    monkeypatch.setenv("TF_CONFIG", "{}")

    with pytest.raises(DeviceError, match="TF_CONFIG must have a cluster"):
        devices.make_team(LocalSettings())


def test_workers_have_one_cpu_each(monkeypatch):
    monkeypatch.setenv("TF_CONFIG", PAIR)

    with pytest.raises(
        DeviceError, match=r"logical_cpus` must be 1.*=2 with 2 workers"
    ):
        devices.make_team(LocalSettings(logical_cpus=2))


def test_workers_cannot_come_late(monkeypatch):
    import tensorflow as tf

    tf.constant(0.0)  # TensorFlow starts
    met = []
    monkeypatch.setenv("TF_CONFIG", PAIR)
    monkeypatch.setattr(devices, "meet", lambda *given: met.append(given))

    with pytest.raises(DeviceError, match=r"before TensorFlow starts.*a new process"):
        devices.make_team(LocalSettings())
    assert met == [(Workers(("127.0.0.1:1", "127.0.0.1:2"), 1), 1)]


def test_workers_with_gpus_need_gpus(monkeypatch):
    import tensorflow as tf

    if tf.config.list_physical_devices("GPU"):
        pytest.skip("there is a GPU")
    monkeypatch.setenv("TF_CONFIG", PAIR)

    with pytest.raises(DeviceError, match=r"`local.gpus` must be 0.*gpus above 0"):
        devices.make_team(LocalSettings(gpus=1))
