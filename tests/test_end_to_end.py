"""The main job through the command line, on a small synthetic ntuple."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import uproot

from trackdnn.cli import main
from trackdnn.data.prepared.manifest import is_prepared, read_manifest, write_manifest

ROOT = Path(__file__).parents[1]
SMALL = ["--set", "training.epochs=3", "--set", "evaluation.bootstrap=5"]
SMALL += ["--set", "model.options={width: 16, blocks: 1}"]
SMALL += ["--set", "local.workers=1"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("job")


@pytest.fixture(scope="module")
def ntuple(folder):
    from tests.conftest import write_ntuple

    path = folder / "tracks.root"
    write_ntuple(path, events=60, tracks_per_event=40)
    return path


@pytest.fixture(scope="module")
def run(folder, ntuple):
    path = folder / "run"
    command = [sys.executable, "main.py", "train", str(ntuple), "--run-dir", str(path)]
    place = ["--set", f"local.prepared={folder / 'prepared'}"]
    done = subprocess.run(
        [*command, *SMALL, *place],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return path, done


def test_train_ends_with_bundle_auc_and_parity(run):
    path, done = run

    last = done.stdout.splitlines()[-6:]

    assert any(str(path / "bundle") in line for line in last)
    assert any(line.strip().startswith("AUC") for line in last)
    assert sum("max |Δ|" in line for line in last) == 3


def test_train_keeps_messages_from_stdout_and_tensorflow_quiet(run):
    _, done = run

    assert "oneDNN" not in done.stderr
    assert "Traceback" not in done.stderr
    assert "kept:" in done.stderr


def test_train_saves_the_resolved_settings(run):
    text = (run[0] / "settings.yaml").read_text()

    assert "epochs: 3" in text
    assert "width: 16" in text


def test_train_refuses_a_folder_with_another_run(run, ntuple, folder, capsys):
    place = ["--set", f"local.prepared={folder / 'prepared'}"]

    code = main(["train", str(ntuple), "--run-dir", str(run[0]), *place])

    assert code == 2
    assert "training.0.epochs: 3 -> " in capsys.readouterr().err


def test_smoke_goes_all_the_way_and_leaves_nothing(ntuple, folder, capsys, monkeypatch):
    monkeypatch.chdir(folder)
    before = sorted(folder.rglob("*"))

    # More epochs, and a warm-up longer than the trial, cost nothing.
    more = ["--set", "training.0.epochs=500", "--set", "training.0.warmup=20"]
    assert main(["train", str(ntuple), "--smoke", "--quiet", *SMALL, *more]) == 0

    said = capsys.readouterr().out
    assert "Smoke test passed" in said
    assert "1 times" in said
    assert sorted(folder.rglob("*")) == before


@pytest.fixture(scope="module")
def dataset(run, folder):
    """What the run has prepared on the way."""
    [found] = [path for path in (folder / "prepared").iterdir() if is_prepared(path)]
    return found


FEW = ["--quiet", "--set", "evaluation.bootstrap=0"]
FEW += ["--set", "evaluation.boosting_baseline=false"]
FEW += ["--set", "evaluation.importance_repeats=0"]


def quick(folder, *words):
    """Trains without what follows it, in this process."""
    return main(["train", *words, "--run-dir", str(folder), "--only-train", *SMALL])


def test_second_start_prepares_nothing(run, ntuple, folder, capsys):
    before = sorted((folder / "prepared").rglob("*"))
    place = f"local.prepared={folder / 'prepared'}"

    code = quick(folder / "again", str(ntuple), "--set", place)

    said = capsys.readouterr().err
    assert code == 0
    assert said.count("prepared data taken from") == 1
    assert "prepared data go to" not in said
    assert sorted((folder / "prepared").rglob("*")) == before
    assert weights(folder / "again") == weights(run[0])


def test_train_takes_a_prepared_dataset(run, dataset, folder, capsys):
    code = quick(folder / "prepared run", str(dataset))

    assert code == 0
    assert "for tracks" in capsys.readouterr().err
    assert weights(folder / "prepared run") == weights(run[0])
    summaries = [
        json.loads((path / "summary.json").read_text())
        for path in (folder / "prepared run", run[0])
    ]
    assert summaries[0]["dataset"] == summaries[1]["dataset"]


def weights(path):
    return json.loads((path / "run.json").read_text())["sha256"]["model.weights.h5"]


def test_run_remembers_its_dataset(dataset, folder, capsys):
    copy, path = folder / "copy", folder / "own run"
    shutil.copytree(dataset, copy)
    assert quick(path, str(copy)) == 0
    words = [str(path), *FEW]
    assert main(["evaluate", *words]) == 0
    capsys.readouterr()

    manifest = read_manifest(copy)
    sources = tuple(
        one.model_copy(update={"shards": one.shards[::-1]}) for one in manifest.sources
    )
    write_manifest(copy, manifest.model_copy(update={"sources": sources}))

    assert main(["evaluate", *words]) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert f"'{copy}' must hold the tracks that {path} was trained on" in error
    shutil.rmtree(copy)
    assert main(["evaluate", *words]) == 2
    assert f"'{copy}' must be a prepared dataset" in capsys.readouterr().err
    # Without its tracks a run can still be exported.
    target = folder / "without tracks"
    assert main(["export", str(path), "--to", str(target), "--quiet"]) == 0
    assert "compared on generated tracks only" in capsys.readouterr().err


@pytest.mark.slow
def test_evaluate_takes_the_test_part_of_a_prepared_dataset(run, dataset, folder):
    output = folder / "test part"

    words = ["evaluate", str(run[0]), str(dataset), "--output", str(output)]

    assert main([*words, *FEW]) == 0
    found = json.loads((output / "evaluation.json").read_text())["sample"]
    own = json.loads((run[0] / "evaluation" / "evaluation.json").read_text())["sample"]
    assert found == own


def test_prepared_dataset_is_named_alone(dataset, ntuple, folder, capsys):
    code = quick(folder / "none", str(dataset), str(ntuple))

    assert code == 2
    assert "A prepared dataset must be named alone" in capsys.readouterr().err


def test_evaluate_measures_other_files(run, ntuple, folder, capsys):
    output = folder / "other"

    words = ["evaluate", str(run[0]), str(ntuple), "--output", str(output)]

    code = main([*words, "--quiet", "--set", "evaluation.bootstrap=0"])

    assert code == 0
    assert json.loads((output / "evaluation.json").read_text())["classifiers"]
    assert "AUC" in capsys.readouterr().out


def test_export_writes_a_bundle_elsewhere(run, folder, capsys):
    target = folder / "elsewhere"

    code = main(["export", str(run[0]), "--to", str(target), "--quiet"])

    assert code == 0
    assert (target / "manifest.json").is_file()
    assert str(target) in capsys.readouterr().out


def test_export_refuses_to_change_what_was_trained(run, capsys):
    code = main(["export", str(run[0]), "--set", "seed=3"])

    assert code == 2
    assert "nothing that was trained" in capsys.readouterr().err


def test_infer_scores_every_track(run, ntuple, folder, capsys):
    output = folder / "scores.root"

    code = main(["infer", str(run[0] / "bundle"), str(ntuple), "-o", str(output)])

    assert code == 0
    with uproot.open(output) as file:
        assert file["scores"].num_entries == 60


@pytest.mark.parametrize("what", [".", "bundle", "bundle/model.onnx"])
def test_inspect_explains_what_the_job_left(run, what, capsys):
    code = main(["inspect", str(run[0] / what)])

    assert code == 0
    assert len(capsys.readouterr().out.splitlines()) > 3


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["evaluate", "none"], "none"),
        (["export", "none"], "none"),
        (["infer", "none", "a.root", "-o", "b.root"], "none"),
        (["inspect", "none"], "none"),
        (["train", "none.root"], "none.root"),
        (["train", "--config", "none.py"], "none.py"),
        (["simulate", "tracks", "-o", "a.txt"], "a.txt"),
        (["simulate", "tracks", "-o", "a.root", "--events", "0"], "events=0"),
    ],
)
def test_missing_input_is_one_line_and_exit_2(words, part, capsys):
    code = main(words)

    error = capsys.readouterr().err
    assert code == 2
    assert part in error.splitlines()[-1]
    assert "Traceback" not in error
