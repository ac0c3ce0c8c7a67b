import pytest
from pydantic import ValidationError

from trackdnn.settings.finding import FindingSettings, TuningSettings


@pytest.mark.parametrize(
    "wrong", [{"method": "tpe"}, {"trials": 0}, {"fake_weight": 0.0}, {"seed": 1}]
)
def test_tuning_refuses_what_tries_nothing(wrong):
    with pytest.raises(ValidationError):
        TuningSettings.model_validate(wrong)


def test_tuning_by_default_needs_no_extra():
    assert FindingSettings().tuning.method == "grid"
