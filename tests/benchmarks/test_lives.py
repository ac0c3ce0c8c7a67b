import json
import signal
import subprocess
import sys
import time

import h5py
import numpy as np
import pytest

from benchmarks.lives import ROOT, Life, digests, share

# Both storms, in little: a short stage, two kills and a signal.
STORMS = """
import dataclasses, json, pathlib, signal, sys
from benchmarks.lives import Ground, import_everything, share
from benchmarks.resume_storm import Chains, rehearse
from benchmarks.signal_storm import Stops

settings = '''
seed: 5
model: {options: {width: 8, blocks: 1, dropout: 0.1}}
training: [{epochs: 2, batch_size: 128, accumulate: 2, ema: 0.9, schedule: plateau}]
local: {checkpoint_seconds: 0.02, progress: false}
'''
ground = Ground(pathlib.Path(sys.argv[1]), settings)
ground.make()
import_everything()
usual, expected = rehearse(ground)
numbers = [signal.SIGINT]

def work(number):
    if number:
        return Stops(ground, usual, numbers, 1).run()
    return dataclasses.asdict(Chains(ground, usual, ["", "manifest"], 0).run())

kills, stops = share(work, 2, ground.folder)
print(json.dumps([expected, kills, stops]))
"""


def run_file(folder, *, weight=1.0, loss="0.5", seconds="1.0"):
    folder.mkdir()
    with h5py.File(folder / "model.weights.h5", "w") as file:
        file["layers/dense/vars/0"] = np.full(3, weight, np.float32)
    header = "epoch,loss,val_loss,val_auc,learning_rate,seconds,stage"
    row = f"1,{loss},0.4,0.9,0.001,{seconds},1"
    (folder / "history.csv").write_text(f"{header}\n{row}\n")
    return digests(folder)


def test_digests_see_weights_and_figures_but_no_times(tmp_path):
    first = run_file(tmp_path / "a")
    later = run_file(tmp_path / "b", seconds="2.0")
    weights = run_file(tmp_path / "c", weight=np.nextafter(np.float32(1), 2))
    figures = run_file(tmp_path / "d", loss="0.6")

    assert first == later
    assert (weights[0] != first[0], weights[1] == first[1]) == (True, True)
    assert (figures[0] == first[0], figures[1] != first[1]) == (True, True)


def test_share_gives_the_answer_of_each_process(tmp_path):
    assert share(lambda number: {"n": number}, 3, tmp_path) == [
        {"n": number} for number in range(3)
    ]


def test_share_tells_of_a_process_that_fails(tmp_path, capfd):
    with pytest.raises(RuntimeError, match=r"Received: \[0, 1\]"):
        share(lambda number: 1 // (1 - number), 2, tmp_path)

    assert "ZeroDivisionError" in capfd.readouterr().err


def test_life_runs_a_command_and_gives_its_exit_code(tmp_path):
    right = Life(["--version"], tmp_path / "log")
    wrong = Life(["train", "--no-such-option"], tmp_path / "log")

    assert (right.wait(), wrong.wait()) == (0, 2)
    assert right.wait() == 0


def test_life_is_over_after_a_signal(tmp_path, monkeypatch):
    monkeypatch.setattr("benchmarks.lives._live", lambda *_: time.sleep(60))
    life = Life([], tmp_path / "log")

    assert life.poll() is None
    assert life.wait_for(lambda: True) is None
    life.send(signal.SIGKILL)
    assert life.wait() == -signal.SIGKILL


@pytest.mark.slow
def test_few_kills_and_signals_leave_the_network_as_it_is(tmp_path):
    words = [sys.executable, "-c", STORMS, str(tmp_path / "ground")]

    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    expected, kills, stops = json.loads(done.stdout)
    assert len(kills["kills"]) == kills["lives"] == 2
    assert kills["failed"] == stops["failed"] == []
    ends = [*kills["ends"], *stops["ends"]]
    assert len(ends) >= 2
    assert all(end == expected for end in ends)
    codes = {(stop["number"], stop["code"]) for stop in stops["stops"]}
    assert codes <= {(2, 130), (2, 0)}
    assert all(stop["late"] for stop in stops["stops"] if stop["code"] == 0)
    assert all(stop["seconds"] < 10 for stop in stops["stops"])
