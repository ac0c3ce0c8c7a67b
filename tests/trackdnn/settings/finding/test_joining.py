import pytest

from trackdnn.configuration import load_settings
from trackdnn.errors import SettingsError
from trackdnn.settings.finding import JoiningSettings


def test_joining_is_off_by_default():
    assert not JoiningSettings().enabled


@pytest.mark.parametrize("override", ["cut=1.1", "eta=0", "phi=-1", "trees=0"])
def test_joining_refuses_what_it_cannot_do(override):
    with pytest.raises(SettingsError, match=rf"joining\.{override.split('=')[0]}"):
        load_settings(None, [f"finding.joining.{override}"])


def test_joining_needs_tracks_with_a_direction():
    joined = ["finding.joining.enabled=true", "finding.builder=components"]

    with pytest.raises(SettingsError, match=r"components\.min_hits of at least 2"):
        load_settings(None, [*joined, "finding.components.min_hits=1"])

    assert load_settings(None, [*joined, "finding.components.min_hits=2"])
