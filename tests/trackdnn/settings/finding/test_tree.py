import pytest

from trackdnn.configuration import load_settings
from trackdnn.errors import SettingsError
from trackdnn.settings import Settings
from trackdnn.settings.finding import FindingSettings


def test_tree_gives_the_blocks_in_use():
    finding = FindingSettings(constructor="voxel_dynamics", builder="dbscan")

    assert finding.constructor_settings is finding.voxel_dynamics
    assert finding.builder_settings is finding.dbscan


def test_tree_of_finding_is_no_part_of_the_fingerprint_of_a_classifier():
    changed = load_settings(None, ["finding.dbscan.radius=0.4"])

    assert changed.finding.dbscan.radius == 0.4
    assert changed.fingerprint() == Settings().fingerprint()


def test_tree_refuses_an_unknown_constructor():
    with pytest.raises(SettingsError, match=r"finding\.constructor.*voxels"):
        load_settings(None, ["finding.constructor=voxels"])


def test_tree_names_the_nearest_of_an_unknown_key():
    with pytest.raises(SettingsError, match="Did you mean 'radius'"):
        load_settings(None, ["finding.dbscan.radios=0.4"])
