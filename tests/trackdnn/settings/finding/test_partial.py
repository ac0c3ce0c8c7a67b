import pytest

from trackdnn.configuration import load_settings
from trackdnn.errors import SettingsError
from trackdnn.settings.finding import PartialSettings, ViewSettings


def test_partial_is_of_no_event_by_default():
    assert PartialSettings().share == 0.0


def test_partial_names_fields_of_a_view():
    fields = set(PartialSettings.model_fields) - {"share"}

    assert fields <= set(ViewSettings.model_fields)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("share=1.1", r"finding\.partial\.share"),
        ("share=-0.1", r"finding\.partial\.share"),
        ("noise=1.0", r"finding\.partial\.noise"),
        ("region=endcap", r"finding\.partial\.region.*endcap"),
    ],
)
def test_partial_refuses_impossible_parts(override, message):
    with pytest.raises(SettingsError, match=message):
        load_settings(None, [f"finding.partial.{override}"])
