import dataclasses
import json

import pytest

from trackdnn.evaluation.evaluate import evaluate
from trackdnn.evaluation.plots import style
from trackdnn.evaluation.result import Sample
from trackdnn.settings import EvaluationSettings

QUICK = EvaluationSettings(bootstrap=0, importance_repeats=0)


@pytest.fixture
def result(tracks, predict, tmp_path, monkeypatch):
    monkeypatch.setattr(style, "draw", lambda folder, name, paint, size: [])
    return evaluate(predict, tracks, QUICK, tmp_path)


def test_results_cannot_be_changed():
    sample = Sample(tracks=1, true=1, fake=0, events=1, names=("a",))

    with pytest.raises(dataclasses.FrozenInstanceError):
        sample.tracks = 2


def test_result_is_plain_json(result):
    content = json.loads(json.dumps(result.to_dict(), allow_nan=False))

    assert content["format"] == "trackdnn evaluation 1"
    assert content["settings"] == QUICK.model_dump(mode="json")
    assert set(content["bin_edges"]) == {"pt", "eta", "phi", "dxy", "n_vertices"}
    assert content["classifiers"]["trk_mva"]["calibration"] is None


def test_result_puts_the_network_first(result):
    assert result.network.name == "network"
    assert result.auc == result.network.overall.auc


def test_tables_without_bootstrap_fall_back_to_clopper_pearson(result):
    point = result.network.overall.points[0]
    half = 50 * (point.fake_acceptance.upper - point.fake_acceptance.lower)

    assert point.bootstrap is None
    assert (
        f"{100 * point.fake_acceptance.value:.1f} ± {half:.2f} %" in result.markdown()
    )
