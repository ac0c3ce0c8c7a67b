"""`targets`: the table, JSON, and a bundle against it."""

import json
import subprocess
import sys

import pytest

from export.targets import TARGETS
from trackdnn.cli import main
from trackdnn.commands import targets


def test_table_names_every_target(capsys):
    assert main(["targets"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == list(TARGETS)
    assert lines[1].split()[1:7] == ["2.6.4", "1.10.0", "<=", "15", "<=", "7"]
    assert "float32; x, y -> Identity" in lines[1]


def test_json_holds_the_rules(capsys):
    assert main(["targets", "--json", "--target", "onnxruntime-1.22"]) == 0

    (entry,) = json.loads(capsys.readouterr().out)
    assert entry["name"] == "onnxruntime-1.22"
    assert (entry["opset"], entry["ir_version"]) == (21, 10)
    assert "broken" not in entry


def test_unknown_target_is_one_line(capsys):
    assert main(["targets", "--target", "cmssw-99_0"]) == 2

    said = capsys.readouterr().err
    assert said.startswith("error: A target must be one of cmssw-13_0")
    assert said.count("\n") == 1


@pytest.fixture
def broken(monkeypatch):
    """A bundle that breaks one rule of one target."""

    def faults(folder, chosen):
        return {t.name: ["too new"] if t.name == "acts" else [] for t in chosen}

    monkeypatch.setattr(targets, "_broken", faults)


def test_bundle_is_tried_against_every_target(broken, capsys):
    assert main(["targets", "some"]) == 0

    rows = [line.split(None, 1) for line in capsys.readouterr().out.splitlines()]
    verdicts = {name: text.strip() for name, text in rows}
    assert verdicts["acts"] == "too new"
    assert verdicts["cmssw-13_0"] == "fits"


def test_bundle_that_breaks_a_named_target_is_refused(broken, capsys):
    assert main(["targets", "some", "--target", "acts", "--json"]) == 2

    said = capsys.readouterr()
    assert json.loads(said.out)[0]["broken"] == ["too new"]
    assert said.err == "error: some: too new\n"


def test_what_is_no_bundle_is_refused(tmp_path, capsys):
    assert main(["targets", str(tmp_path)]) == 2
    assert "must hold a manifest.json" in capsys.readouterr().err


def test_table_needs_no_tensorflow():
    code = (
        "import sys\n"
        "from trackdnn.cli import main\n"
        "main(['targets'])\n"
        "sys.exit(len({'tensorflow', 'onnx', 'keras'} & set(sys.modules)))\n"
    )

    assert subprocess.run([sys.executable, "-c", code], stdout=-3).returncode == 0
