import pytest

from trackdnn.configuration import load_settings
from trackdnn.errors import SettingsError
from trackdnn.settings.finding import SelectionSettings


def test_selection_is_off_by_default():
    assert not SelectionSettings().enabled


@pytest.mark.parametrize("override", ["cut=1.1", "cut=-0.1", "trees=0", "leaves=0"])
def test_selection_refuses_what_it_cannot_do(override):
    with pytest.raises(SettingsError, match=rf"selection\.{override.split('=')[0]}"):
        load_settings(None, [f"finding.selection.{override}"])
