import pytest

from trackdnn.configuration import load_settings
from trackdnn.errors import SettingsError
from trackdnn.settings.finding import ViewSettings


def test_view_shows_all_by_default():
    settings = ViewSettings()

    assert (settings.particles, settings.noise, settings.region) == (1.0, None, "all")
    assert not settings.one_hit_per_layer
    assert settings.clusters


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("particles=0.0", r"finding\.view\.particles"),
        ("particles=1.5", r"finding\.view\.particles"),
        ("noise=1.0", r"finding\.view\.noise"),
        ("noise=-0.1", r"finding\.view\.noise"),
        ("region=endcap", r"finding\.view\.region.*endcap"),
        ("min_pt=-1", r"finding\.view\.min_pt"),
        ("min_hits=-1", r"finding\.view\.min_hits"),
    ],
)
def test_view_refuses_impossible_parts(override, message):
    with pytest.raises(SettingsError, match=message):
        load_settings(None, [f"finding.view.{override}"])
