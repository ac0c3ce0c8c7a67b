import dataclasses
import json
import subprocess
import sys

import numpy as np
import pytest

from trackdnn.errors import BadFileError, InputError, NoTracksError
from trackdnn.evaluation import baseline, files, metrics
from trackdnn.evaluation.evaluate import evaluate
from trackdnn.evaluation.plots import style
from trackdnn.settings import EvaluationSettings, WorkingPoint

QUICK = EvaluationSettings(bootstrap=10, importance_repeats=1, importance_tracks=500)
VARIABLES = ("pt", "eta", "phi", "dxy", "n_vertices")
HISTORY = "epoch,loss,auc,val_loss,val_auc\n1,0.6,0.8,0.61,0.79\n2,0.5,0.9,0.52,0.88\n"


@pytest.fixture(autouse=True, scope="module")
def few_trees():
    small = baseline.BoostingSettings(iterations=10, leaves=8)
    original = baseline.fit_trees

    def fit(train, validation, *, seed, settings=None):
        return original(train, validation, seed=seed, settings=settings or small)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(baseline, "fit_trees", fit)
        yield


@pytest.fixture
def no_pictures(monkeypatch):
    monkeypatch.setattr(style, "draw", lambda folder, name, paint, size: [])


@pytest.fixture(scope="module")
def whole(tracks, tracks_factory, predict, tmp_path_factory):
    """An evaluation with every part, and its folder."""
    tmp_path = tmp_path_factory.mktemp("whole")
    history = tmp_path / "history.csv"
    history.write_text(HISTORY)
    result = evaluate(
        predict,
        tracks,
        QUICK,
        tmp_path / "evaluation",
        baseline_train=tracks_factory(3000, seed=5),
        history=history,
    )
    return result, tmp_path / "evaluation"


def test_evaluation_leaves_every_file_and_its_hash(whole):
    result, folder = whole

    found = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file()
    }
    pictures = ["roc", "roc_iterations", "fake_rate", "calibration", "importance"]
    pictures += ["scores_network", "scores_boosting", "scores_trk_mva", "history"]
    pictures += [
        f"profile_{name}" for name in ("pt", "eta", "phi", "dxy", "n_vertices")
    ]
    expected = {f"figures/{name}.{end}" for name in pictures for end in ("pdf", "png")}
    expected |= {"working_points.json", "cmssw_cuts.py", "report.md"}
    assert found == expected | {"evaluation.json"}
    assert set(result.files) == expected
    for name, digest in result.files.items():
        assert files.sha256(folder / name) == digest


def test_evaluation_json_holds_the_figures(whole, tracks, predict):
    result, folder = whole

    content = json.loads((folder / "evaluation.json").read_text())

    assert content == json.loads(json.dumps(result.to_dict()))
    assert list(content["classifiers"]) == ["network", "boosting", "trk_mva"]
    expected = metrics.auc(predict(tracks), tracks.label)
    assert content["classifiers"]["network"]["overall"]["auc"] == expected
    assert result.auc == expected
    assert content["sample"]["tracks"] == 4000
    assert content["training_auc"] == result.training_auc > 0.5
    assert len(content["importance"]) == 30


def test_evaluation_repeats_itself(tracks, predict, tmp_path, no_pictures):
    def run(name, seed):
        content = evaluate(predict, tracks, QUICK, tmp_path / name, seed=seed).to_dict()
        return json.dumps(content)

    assert run("a", 1) == run("b", 1)
    assert run("a", 1) != run("c", 2)


def test_working_points_file_is_that_of_the_result(whole):
    result, folder = whole

    content = json.loads((folder / "working_points.json").read_text())

    assert content == json.loads(json.dumps(result.working_points.to_dict()))


def test_tables_show_every_classifier_and_iteration(whole):
    result, _ = whole

    overall, iterations, points = result.tables()

    assert overall.row_count == 3
    assert iterations.row_count == 6 * 3
    assert points.row_count == 7 * 3


def test_report_names_definitions_and_figures(whole):
    result, folder = whole

    text = (folder / "report.md").read_text()

    assert text == result.markdown()
    assert "*Fake acceptance*: fake tracks that pass, of the fake tracks" in text
    assert f"{result.auc:.4f}" in text
    assert "| Gradient boosting |" in text
    assert "AUC on tracks of the training" in text


def test_classifiers_are_compared_at_the_same_efficiency(whole):
    result, _ = whole

    for one in result.classifiers:
        profile = one.profiles["phi"]
        share = profile.efficiency.passed.sum() / profile.efficiency.total.sum()
        assert one.profile_efficiency == 0.95
        assert share == pytest.approx(0.95, abs=0.01)


def test_evaluation_without_extras_and_training(tracks, predict, tmp_path):
    bare = dataclasses.replace(tracks, extras={})

    result = evaluate(predict, bare, QUICK, tmp_path)

    assert [one.name for one in result.classifiers] == ["network"]
    assert result.training_auc is None
    assert "profile_n_vertices" not in {path.stem for path in tmp_path.rglob("*.png")}
    assert not (tmp_path / "figures" / "history.png").exists()


def test_evaluation_notes_a_baseline_that_cannot_learn(
    tracks, predict, tmp_path, no_pictures
):
    one_event = tracks.take(tracks.event == tracks.event[0])

    result = evaluate(predict, tracks, QUICK, tmp_path, baseline_train=one_event)

    assert result.notes[0].startswith("no boosting baseline: The boosting baseline")
    assert result.notes[0] in (tmp_path / "report.md").read_text()


def test_evaluation_notes_iterations_that_fall_back(
    tracks, predict, tmp_path, no_pictures
):
    category = tracks.category.copy()
    category[:20] = 25
    thin = dataclasses.replace(tracks, category=category)

    result = evaluate(predict, thin, QUICK, tmp_path)

    assert any("displacedGeneralStep: only" in note for note in result.notes)
    assert "DisplacedGeneralStep" in (tmp_path / "cmssw_cuts.py").read_text()


def test_evaluation_notes_few_events(tracks, predict, tmp_path, no_pictures):
    few = tracks.take(tracks.event < 8)

    result = evaluate(predict, few, QUICK, tmp_path)

    assert result.notes[0] == ("bootstrap over 8 events only: its intervals are rough")


def test_evaluation_without_three_points_writes_no_snippet(
    tracks, predict, tmp_path, no_pictures
):
    settings = QUICK.model_copy(
        update={"working_points": (WorkingPoint(name="only", value=0.9),)}
    )

    result = evaluate(predict, tracks, settings, tmp_path)

    assert "cmssw_cuts.py" not in result.files
    assert not (tmp_path / "cmssw_cuts.py").exists()


def test_iteration_of_one_class_has_no_area(tracks, predict, tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        style, "draw", lambda folder, name, paint, size: drawn.append(name) or []
    )
    category = np.where(tracks.label, tracks.category, 9).astype(np.int32)
    odd = dataclasses.replace(tracks, category=category)

    result = evaluate(predict, odd, QUICK, tmp_path)

    assert result.network.iterations[9].auc is None
    assert result.network.iterations[4].auc is None
    assert "roc" in drawn
    assert "roc_iterations" not in drawn


def test_evaluation_needs_tracks(tracks, predict, tmp_path):
    none = tracks.take(np.zeros(len(tracks), bool))

    with pytest.raises(NoTracksError, match=r"must have tracks. Received: tracks=0"):
        evaluate(predict, none, QUICK, tmp_path)


def test_evaluation_needs_labels(tracks, predict, tmp_path):
    bare = dataclasses.replace(tracks, label=None)

    with pytest.raises(InputError, match=r"must have labels. Received: 4000 tracks"):
        evaluate(predict, bare, QUICK, tmp_path)


def test_evaluation_needs_both_classes(tracks, predict, tmp_path):
    with pytest.raises(InputError, match="must have true and fake tracks"):
        evaluate(predict, tracks.take(~tracks.label), QUICK, tmp_path)


def test_evaluation_refuses_nan_scores(tracks, predict, tmp_path):
    def broken(part):
        p = predict(part)
        p[:7] = np.nan
        return p

    with pytest.raises(InputError, match="7 NaN among 4000 scores"):
        evaluate(broken, tracks, QUICK, tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_evaluation_refuses_a_broken_history(tracks, predict, tmp_path, no_pictures):
    with pytest.raises(BadFileError, match="must be a readable CSV file"):
        evaluate(predict, tracks, QUICK, tmp_path, history=tmp_path / "absent.csv")

    assert not (tmp_path / "evaluation.json").exists()


def test_evaluation_imports_no_tensorflow():
    code = (
        "import sys, trackdnn.evaluation.evaluate; print('tensorflow' in sys.modules)"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert found.stdout.strip() == "False"
