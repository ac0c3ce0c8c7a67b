"""Two processes on this machine train one network, as one process does."""

import contextlib
import dataclasses
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from trackdnn.training.begin import is_complete
from trackdnn.training.run import load_run

ROOT = Path(__file__).parents[1]
SECONDS = 120
# Seven batches of 86 tracks and one of 20, which is padded; each in three parts.
TRAINING = {
    "epochs": 2,
    "batch_size": 86,
    "ragged": "pad",
    "accumulate": 3,
    "clip": 0.1,
    "ema": 0.9,
}
SCRIPT = """
import json, os, signal, sys
from pathlib import Path
import trackdnn.data.batches.source as source
from tests.test_several_workers import dataset_of, settings_of
from trackdnn.errors import Stopped, TrackdnnError
from trackdnn.training import session, together

folder, dropout, stop, by, seed = json.loads(sys.argv[1])
source.STEPS = 2
if stop:
    class Watch(together.SharedWatch):
        asked = 0
        def must_stop(self, *, between_epochs):
            self.asked += 1
            if self.asked == stop:
                os.kill(os.getpid(), by)
            return super().must_stop(between_epochs=between_epochs)
    import trackdnn.training.keeper as keeper
    keeper.SharedWatch = Watch
try:
    run = session.train(settings_of(dropout, seed), dataset_of(), Path(folder))
except Stopped as stopped:
    print(stopped)
    sys.exit(stopped.exit_code)
except TrackdnnError as error:
    print(type(error).__name__, error)
    sys.exit(2)
import hashlib
weights = b"".join(one.tobytes() for one in run.model.get_weights())
print(hashlib.sha256(weights).hexdigest(), run.summary["val_auc"])
"""


def dataset_of():
    from tests.conftest import make_tracks
    from tests.trackdnn.training.test_session import Parts

    def noisy(count, seed):
        tracks = make_tracks(count, seed)
        wrong = np.random.default_rng([seed, 9]).random(count) < 0.1
        return dataclasses.replace(tracks, label=tracks.label ^ wrong)

    return Parts(noisy(622, 1), noisy(300, 2))


def settings_of(dropout, seed=2):
    from trackdnn.settings import ModelSettings, Settings, Stage

    options = {"width": 16, "blocks": 1, "dropout": dropout}
    return Settings(
        seed=seed, model=ModelSettings(options=options), training=(Stage(**TRAINING),)
    )


def free_ports(count):
    with contextlib.ExitStack() as stack:
        found = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in found:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in found]


def config_of(number, ports):
    cluster = {"worker": [f"127.0.0.1:{port}" for port in ports]}
    task = {"type": "worker", "index": number}
    return json.dumps({"cluster": cluster, "task": task})


def start(number, ports, folder, *, dropout=0.0, stop=0, by=signal.SIGTERM, seed=2):
    return subprocess.Popen(
        [
            *(sys.executable, "-c", SCRIPT),
            json.dumps([str(folder), dropout, stop, by, seed]),
        ],
        cwd=ROOT,
        env={**os.environ, "TF_CONFIG": config_of(number, ports)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def together(folder, options=({}, {}), dropout=0.0, meanwhile=lambda: None):
    """Trains with one process for each of the options; gives their ends."""
    ports = free_ports(len(options))
    processes = [
        start(number, ports, folder, dropout=dropout, **each)
        for number, each in enumerate(options)
    ]
    try:
        meanwhile()
        said = [one.communicate(timeout=SECONDS) for one in processes]
    finally:
        for one in processes:
            one.kill()
            one.wait()
    ends = zip(processes, said, strict=True)
    return [(one.returncode, out.strip(), err[-2000:]) for one, (out, err) in ends]


def test_two_workers_equal_one_process(tmp_path):
    from trackdnn.training.session import train

    def train_alone():
        train(settings_of(0.0), dataset_of(), tmp_path / "one")

    ends = together(tmp_path / "two", meanwhile=train_alone)

    assert [code for code, _, _ in ends] == [0, 0], ends
    # All workers have the same network and the same figures, bit for bit.
    assert ends[0][1] == ends[1][1]
    found, alone = load_run(tmp_path / "two"), load_run(tmp_path / "one")
    pairs = zip(found.model.get_weights(), alone.model.get_weights(), strict=True)
    apart = max(float(np.abs(one - other).max()) for one, other in pairs)
    assert apart <= 1e-6
    assert found.summary["val_auc"] == pytest.approx(alone.summary["val_auc"], abs=1e-6)
    # Nobody but the chief has written: the same files, and one row per epoch.
    names = [
        {str(path.relative_to(tmp_path / run)) for path in (tmp_path / run).rglob("*")}
        for run in ("two", "one")
    ]
    assert names[0] == names[1]
    assert len((tmp_path / "two" / "history.jsonl").read_text().splitlines()) == 2


@pytest.mark.slow
def test_signal_to_one_worker_stops_all_and_they_go_on_exactly(tmp_path):
    whole = together(tmp_path / "whole", dropout=0.2)
    assert [code for code, _, _ in whole] == [0, 0], whole

    # In the second epoch, after its third look at the flag.
    stopped = together(tmp_path / "run", ({}, {"stop": 9}), dropout=0.2)
    assert [code for code, _, _ in stopped] == [85, 85], stopped
    assert stopped[1][1].startswith("stopped: SIGTERM was received.")
    assert stopped[0][1].startswith("worker 1 stopped: SIGTERM was received.")
    assert not is_complete(tmp_path / "run")
    newest = max((tmp_path / "run" / "checkpoints").glob("stage1-epoch*")).name
    assert newest == "stage1-epoch0001-step0000006"
    resumed = together(tmp_path / "run", dropout=0.2)

    assert [code for code, _, _ in resumed] == [0, 0], resumed
    assert {said for _, said, _ in (*whole, *resumed)} == {whole[0][1]}


@pytest.mark.slow
def test_workers_with_other_settings_are_refused(tmp_path):
    ends = together(tmp_path / "run", ({}, {"seed": 3}))

    assert [code for code, _, _ in ends] == [2, 2], ends
    for _, said, _ in ends:
        assert "same settings and tracks" in said
        assert "worker 1 than" in said


@pytest.mark.slow
@pytest.mark.parametrize("lost", [0, 1])
def test_worker_that_is_killed_ends_the_other(tmp_path, lost):
    options = [{}, {}]
    options[lost] = {"stop": 8, "by": signal.SIGKILL}

    ends = together(tmp_path, options)

    assert ends[lost][0] == -signal.SIGKILL
    assert ends[1 - lost][0] == 2, ends
    assert "DeviceError All 2 workers must stay" in ends[1 - lost][1]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "one run folder. Received: TF_CONFIG without --run-dir"),
        (("--smoke",), "must not be set for `train --smoke`"),
        (("--settings-only",), "must not be set for `train --settings-only`"),
    ],
)
def test_command_refuses_what_several_workers_cannot_do(
    monkeypatch, capsys, tmp_path, words, message
):
    from trackdnn.cli import main

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TF_CONFIG", config_of(1, (1, 2)))

    assert main(["train", "tracks.root", *words]) == 2

    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
