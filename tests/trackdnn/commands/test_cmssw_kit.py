"""`cmssw-kit` as users type it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest

from export import verify
from trackdnn.cli import main


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A bundle with the inputs of CMSSW, and no working points that it could use."""
    from benchmarks.damaged_bundles import make_bundle

    return make_bundle(tmp_path_factory.mktemp("kit") / "source")


def rewrite(source, folder, **changes):
    shutil.copytree(source, folder)
    path = folder / verify.MANIFEST
    manifest = {**json.loads(path.read_text()), **changes}
    manifest["digest"] = verify.digest(manifest)
    path.write_text(verify.canonical(manifest))
    return folder


def working_points():
    names = ("loose", "tight", "highPurity")
    cuts = {name: {"cut": i / 4, "fallback": i == 2} for i, name in enumerate(names)}
    return {
        "points": [{"name": name} for name in names],
        "overall": {},
        "iterations": {"initialStep": {"originalAlgo": 4, "cuts": cuts}},
    }


@pytest.fixture(scope="module")
def bundle(source):
    folder = source.with_name("bundle")
    return rewrite(source, folder, working_points=working_points())


def refusal(capsys, *words):
    assert main(["cmssw-kit", *map(str, words)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: ")
    assert said.err.count("\n") == 1
    return said.err


def test_kit_is_written_and_told_of(bundle, tmp_path, capsys):
    folder = tmp_path / "kit"

    code = main(["cmssw-kit", str(bundle), "--to", str(folder), "--name", "net1"])

    said = capsys.readouterr()
    assert code == 0
    assert said.out == f"{folder}\n"
    assert said.err.splitlines() == [
        "network net1 for cmssw-13_0, cuts of 1 iterations",
        "note: initialStep: highPurity: no reason given",
        f"next: {folder / 'README.md'}",
    ]
    assert (folder / "src/TrackDnn/net1/test/test_tensorflow.cc").is_file()
    assert not list(folder.rglob("*.onnx"))


def test_kit_with_onnx(bundle, tmp_path, capsys):
    folder = tmp_path / "kit"

    assert main(["cmssw-kit", str(bundle), "--to", str(folder), "--onnx"]) == 0

    assert len(list(folder.rglob("*.onnx"))) == 1
    assert len(list(folder.rglob("test_onnxruntime.cc"))) == 1


@pytest.mark.parametrize("name", ["my net", "a/b", "class", "größe", "initialStep"])
def test_bad_names_are_one_line(bundle, tmp_path, capsys, name):
    said = refusal(capsys, bundle, "--to", tmp_path / "kit", "--name", name)

    assert "The name of a network in CMSSW must" in said
    assert list(tmp_path.iterdir()) == []


def test_bundle_for_acts_is_one_line(bundle, tmp_path, capsys):
    copy = rewrite(bundle, tmp_path / "acts", target="acts")

    said = refusal(capsys, copy, "--to", tmp_path / "kit")

    assert "made for CMSSW. Received: target='acts'" in said


def test_bundle_without_cuts_is_one_line(source, tmp_path, capsys):
    assert "must have working points" in refusal(
        capsys, source, "--to", tmp_path / "kit"
    )


def test_bundle_of_other_inputs_is_one_line(bundle, tmp_path, capsys):
    inputs = json.loads((bundle / verify.MANIFEST).read_text())["inputs"]
    inputs["features"]["columns"][3]["name"] = "inner_phi"
    copy = rewrite(bundle, tmp_path / "other", inputs=inputs)

    said = refusal(capsys, copy, "--to", tmp_path / "kit")

    assert "column 3 is 'inner_phi', and not 'inner_pz'" in said


def test_folder_in_use_is_one_line(bundle, tmp_path, capsys):
    (tmp_path / "mine.txt").write_text("mine")

    assert "holds 'mine.txt'" in refusal(capsys, bundle, "--to", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_what_is_no_bundle_is_one_line(tmp_path, capsys):
    said = refusal(capsys, tmp_path / "none", "--to", tmp_path / "kit")

    assert "A bundle must be a folder" in said


def test_refusals_need_no_tensorflow(bundle, tmp_path):
    code = (
        "import sys\n"
        "from trackdnn.cli import main\n"
        f"main(['cmssw-kit', {str(bundle)!r}, '--to', {str(tmp_path / 'kit')!r},"
        " '--name', 'a b'])\n"
        "sys.exit(len({'tensorflow', 'onnx', 'keras'} & set(sys.modules)))\n"
    )

    assert subprocess.run([sys.executable, "-c", code], stderr=-3).returncode == 0
