"""`train voxdyn`: toy events in files, wrong input, and what is printed."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn import cli
from trackdnn.events.writer import write_event

ROOT = Path(__file__).parents[3]
SMALL = ["--set", "finding.voxel_dynamics.cells=20", "--quiet"]


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    folder = tmp_path_factory.mktemp("events")
    for seed in range(1, 5):
        event = toy_event(30, noise=5, seed=seed, name=f"event{seed:09}")
        write_event(folder, event, compress=False)
    return folder


@pytest.mark.parametrize("words", [["train", "voxdyn"], ["train-voxdyn"]])
def test_command_trains_and_prints_the_folder(events, tmp_path, capsys, words):
    output = tmp_path / "a"

    code = cli.main([*words, str(events), "-o", str(output), *SMALL])

    printed = capsys.readouterr()
    assert (code, printed.out) == (0, f"{output}\n")
    assert json.loads((output / "voxel_dynamics.json").read_text())["events"] == 4
    assert "pairs" in printed.err


def test_shards_are_merged(events, tmp_path, capsys):
    one, two, both = (str(tmp_path / name) for name in ("1", "2", "both"))
    for folder, shard in ((one, "1/2"), (two, "2/2")):
        cli.main(["train-voxdyn", str(events), "-o", folder, "--shard", shard, *SMALL])
    capsys.readouterr()

    code = cli.main(["train-voxdyn", one, two, "-o", both, "--merge"])

    assert (code, capsys.readouterr().out) == (0, f"{both}\n")
    assert (
        json.loads((tmp_path / "both/voxel_dynamics.json").read_text())["events"] == 4
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--shard", "3/2"], "--shard must be K/N, the K-th of N shards"),
        (["--shard", "0/2"], "--shard must be K/N, the K-th of N shards"),
        (["--shard", "9/9"], "must leave each shard an event. Received: 9/9 of 4"),
        (["--merge", "--shard", "1/2"], "Received: --shard, which decides"),
        (["--merge", "--set", "seed=2"], "Received: --set, which decides"),
        (["--merge", "--cells", "a"], "Received: --cells, which decides"),
        (["--merge"], "must describe a trained Voxel-Dynamics. Received: no such"),
        (["--cells", "nowhere"], "'nowhere/cells.npz' must be a file of train-voxdyn"),
    ],
)
def test_wrong_options_are_one_line(events, tmp_path, capsys, options, message):
    code = cli.main(["train-voxdyn", str(events), "-o", str(tmp_path / "a"), *options])

    error = capsys.readouterr().err
    assert code == 2
    assert message in error
    assert error.count("\n") == 1


def test_file_called_like_a_kind_of_training_can_still_be_named(capsys):
    code = cli.main(["train", "./voxdyn"])

    assert code == 2
    assert "voxdyn" in capsys.readouterr().err


@pytest.mark.slow
def test_killed_training_goes_on_to_the_same_result(tmp_path):
    for seed in range(1, 61):
        event = toy_event(200, seed=seed, name=f"event{seed:09}")
        write_event(tmp_path / "events", event, compress=False)
    script = (
        "import sys; from trackdnn import cli; from trackdnn.graphs.voxel_dynamics "
        "import job; job.run_job.__kwdefaults__['every'] = 0.0; "
        "sys.exit(cli.main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", script, "train", "voxdyn", *SMALL]
    command += [str(tmp_path / "events"), "-o"]
    whole, killed = (str(tmp_path / name) for name in ("whole", "killed"))
    subprocess.run([*command, whole], cwd=ROOT, check=True, capture_output=True)

    for _ in range(3):
        process = subprocess.Popen([*command, killed], cwd=ROOT)
        state = tmp_path / "killed/unfinished.npz"
        before = state.stat().st_mtime_ns if state.exists() else 0
        while process.poll() is None:
            if state.exists() and state.stat().st_mtime_ns > before:
                time.sleep(0.05)
                process.send_signal(signal.SIGKILL)
                process.wait()
        assert process.returncode == -signal.SIGKILL
    subprocess.run([*command, killed], cwd=ROOT, check=True, capture_output=True)

    for name in ("cells.npz", "counts.npz", "voxel_dynamics.json"):
        found = (tmp_path / "killed" / name).read_bytes()
        assert found == (tmp_path / "whole" / name).read_bytes()
