"""The validation part, in memory and block by block."""

import keras
import numpy as np
import pytest

from network.builder import ModelBuilder
from network.metrics import roc_auc
from tests.trackdnn.data.batches.conftest import DiskPart
from trackdnn.errors import TrainingError
from trackdnn.settings import ModelSettings, Shuffle, Stage
from trackdnn.training import judge as module
from trackdnn.training.fitting import fit_spec
from trackdnn.training.judge import Judge
from trackdnn.training.prediction import predict


@pytest.fixture(scope="module")
def network(parts):
    keras.utils.set_random_seed(1)
    settings = ModelSettings(options={"width": 16, "blocks": 1})
    builder = ModelBuilder(settings)
    return builder.build(fit_spec(settings, builder.preset, parts[0]))


@pytest.mark.parametrize("weights", ["none", "log_pt"])
def test_judge_equals_its_twin(network, parts, weights):
    tracks = parts[1]
    score = predict(network, tracks).astype("f8")
    momenta = tracks.features[:, 0].astype("f8")
    weight = (
        np.log1p(momenta.clip(0, 50)) if weights == "log_pt" else np.ones(len(tracks))
    )
    losses = -np.log(np.where(tracks.label, score, 1 - score))

    found = Judge(tracks, Stage(weights=weights))(network)

    assert found.loss == pytest.approx(
        np.mean(weight / weight.mean() * losses), rel=1e-4
    )
    assert found.auc == roc_auc(tracks.label, predict(network, tracks))


@pytest.mark.parametrize("weights", ["none", "algorithm_class"])
def test_judge_reads_a_large_part_block_by_block(network, parts, monkeypatch, weights):
    monkeypatch.setattr(module, "BLOCK", 100)
    stage = Stage(weights=weights, shuffle=Shuffle(buffer=100, block=10))
    part = DiskPart(parts[1])

    def refuse(*_):
        raise AssertionError("all tracks at once")

    part.tracks = refuse

    found = Judge(part, stage)(network)

    expected = Judge(parts[1], stage)(network)
    assert found.loss == pytest.approx(expected.loss, rel=1e-5)
    assert found.auc == pytest.approx(expected.auc, rel=1e-5)


def test_judge_keeps_a_small_part_in_memory(network, parts):
    part = DiskPart(parts[1])
    judge = Judge(part, Stage())
    part.read = part.read_into = None

    assert judge(network) == Judge(parts[1], Stage())(network)


def test_judge_refuses_scores_that_are_not_finite(network, parts):
    judge = Judge(parts[1], Stage())
    broken = keras.models.clone_model(network)
    broken.set_weights([np.full_like(w, np.nan) for w in network.get_weights()])

    with pytest.raises(TrainingError, match=r"stay finite.*learning_rate"):
        judge(broken)
