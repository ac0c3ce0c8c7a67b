"""`prepare-events` from the command line: what it prints, and what it refuses."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn import cli
from trackdnn.events.store.store import open_store
from trackdnn.events.writer import write_event

ROOT = Path(__file__).parents[1]
ROOT_FILE = str(ROOT / "tests/data/cms_layout.root")
# Kills itself at the n-th file that takes its name.
DIE = """
import os, signal, sys
from pathlib import Path
from trackdnn import cli
left, original = int(sys.argv[1]), Path.replace
def replace(self, target):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return original(self, target)
Path.replace = replace
sys.exit(cli.main(sys.argv[2:]))
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A current folder with three events below `in`."""
    monkeypatch.chdir(tmp_path)
    for number in range(1, 4):
        name = f"event{number:09d}"
        event = toy_event(20, noise=5, seed=number, name=name)
        write_event(tmp_path / "in", event, compress=False)
    return tmp_path


def contents(folder):
    return {
        path.relative_to(folder): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_prepare_events_prints_what_the_store_holds(folder, capsys):
    assert cli.main(["prepare-events", "in", "-o", "store"]) == 0

    captured = capsys.readouterr()
    assert captured.err == "events: 3 new\n"
    store = open_store(folder / "store")
    assert len(store) == 3
    lines = [" ".join(line.split()) for line in captured.out.splitlines()]
    totals = store.manifest.totals
    assert lines == [
        str(folder / "store"),
        "events 3",
        "with truth 3 of 3 events",
        "with clusters 0 of 3 events",
        f"hits {totals.hits}",
        f"noise {15 / totals.hits:.1%} of the hits",
        "particles 60 with at least one hit",
        f"pT > 0.9 GeV {totals.fast} of them",
        f"size {totals.bytes / 1000:.3g} kB",
    ]


def test_prepare_events_goes_on_after_a_kill(folder, capsys):
    assert cli.main(["prepare-events", "in", "-o", "whole"]) == 0
    words = ["prepare-events", "in", "-o", "out", "--workers", "1"]
    done = subprocess.run(
        [sys.executable, "-c", DIE, "5", *words],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    capsys.readouterr()

    assert cli.main(words) == 0

    assert capsys.readouterr().err == "events: 1 kept, 2 new\n"
    assert contents(folder / "out") == contents(folder / "whole")


def test_prepare_events_names_the_damaged_file(folder, capsys):
    (folder / "in/event000000002-truth.csv").write_text("hit_id,particle_id\n1,x\n")

    assert cli.main(["prepare-events", "in", "-o", "store"]) == 2

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert "event000000002-truth.csv" in captured.err
    assert "With --skip-damaged" in captured.err


def test_prepare_events_lists_what_it_leaves_out(folder, capsys):
    (folder / "in/event000000002-truth.csv").write_text("hit_id,particle_id\n1,x\n")

    assert cli.main(["prepare-events", "in", "-o", "store", "--skip-damaged"]) == 0

    captured = capsys.readouterr()
    assert "left out: event000000002: " in captured.err
    assert "left out       1 damaged" in captured.out
    assert len(open_store(folder / "store")) == 2


def test_prepare_events_fresh_makes_all_anew(folder, capsys):
    cli.main(["prepare-events", "in", "-o", "store"])
    capsys.readouterr()

    assert cli.main(["prepare-events", "in", "-o", "store", "--fresh"]) == 0
    assert capsys.readouterr().err == "events: 3 new\n"


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["nowhere", "-o", "store"], "must be there"),
        (["in", "-o", "in"], "must be elsewhere"),
        (["in", "in", "-o", "store"], "a name of its own"),
        (["in"], "--output"),
        (["in", "-o", "store", "--workers", "0"], "--workers"),
        (["in", "-o", "store", "--workers", "1", "--detectors", "no.csv"], "no.csv"),
    ],
)
def test_prepare_events_tells_faults_in_one_line(folder, capsys, words, text):
    code = cli.main(["prepare-events", *words])

    captured = capsys.readouterr()
    assert code == 2
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert text in captured.err
    assert captured.err.count("\n") == 1


def test_prepare_does_not_take_a_store_for_its_dataset(folder, capsys):
    cli.main(["prepare-events", "in", "-o", "store"])

    before = contents(folder / "store")

    assert cli.main(["prepare", ROOT_FILE, "-o", "store"]) == 2

    assert "must get a new or empty folder" in capsys.readouterr().err
    assert contents(folder / "store") == before
    assert open_store(folder / "store")
