import pytest

from trackdnn.configuration import load_settings
from trackdnn.errors import SettingsError
from trackdnn.settings.finding import JudgementSettings


def test_judgement_asks_for_what_a_tracker_is_built_for():
    settings = JudgementSettings()

    assert (settings.preset, settings.min_pt, settings.min_hits) == ("trackdnn", 0.9, 3)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("min_pt=-0.1", r"finding\.judgement\.min_pt"),
        ("max_abs_eta=0", r"finding\.judgement\.max_abs_eta"),
        ("min_hits=0", r"finding\.judgement\.min_hits"),
        ("confidence=1", r"finding\.judgement\.confidence"),
        ("preset=cms", r"finding\.judgement\.preset.*cms"),
    ],
)
def test_judgement_refuses_impossible_cuts(override, message):
    with pytest.raises(SettingsError, match=message):
        load_settings(None, [f"finding.judgement.{override}"])
