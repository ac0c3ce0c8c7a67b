"""Settings of metric learning."""

import json

import pytest
from pydantic import ValidationError

from trackdnn.settings.finding import EmbeddingStage, MetricLearningSettings


def test_settings_come_back_from_json():
    settings = MetricLearningSettings(stages=[{"epochs": 3}, {"epochs": 4}])

    again = json.loads(json.dumps(settings.model_dump()))
    assert MetricLearningSettings.model_validate(again) == settings


def test_stage_is_judged_by_its_loss():
    assert EmbeddingStage().early_stopping.monitor == "val_loss"
    assert EmbeddingStage(early_stopping=None).early_stopping is None
    with pytest.raises(ValidationError, match="must be val_loss, not val_auc"):
        EmbeddingStage(early_stopping={"monitor": "val_auc"})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"particles": 0.5}, "particles must be 1.0"),
        ({"loss": "binary_focal_crossentropy"}, "means nothing for graphs"),
    ],
)
def test_stage_refuses_what_it_does_not_do(change, message):
    with pytest.raises(ValidationError, match=message):
        EmbeddingStage(**change)


@pytest.mark.parametrize(
    "change",
    [
        {"dimensions": 1},
        {"depth": 1},
        {"stages": []},
        {"node_features": []},
        {"node_features": ["momentum"]},
        {"radius": 0.0},
    ],
)
def test_values_that_cannot_be(change):
    with pytest.raises(ValidationError, match=next(iter(change))):
        MetricLearningSettings(**change)
