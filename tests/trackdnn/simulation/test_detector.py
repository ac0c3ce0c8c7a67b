import json

import numpy as np
import pytest

from trackdnn.simulation import detector


def test_split_identifier_reads_volume_and_layer():
    identifier = np.array([8 << 56 | 2 << 36 | 15 << 8], dtype=np.uint64)

    volume, layer = detector.split_identifier(identifier)

    assert (volume.tolist(), layer.tolist()) == ([8], [2])


def test_digitization_smears_every_volume_in_two_coordinates():
    settings = json.loads(detector.digitization_json())

    smeared = {
        entry["volume"]: entry["value"]["smearing"] for entry in settings["entries"]
    }
    assert set(smeared) == {7, 8, 9, 12, 13, 14, 16, 17, 18}
    assert [axis["stddev"] for axis in smeared[13]] == [0.0231, 0.346]


def test_choose_dead_does_not_depend_on_the_order():
    sensors = np.arange(10_000, dtype=np.uint64)

    dead = detector.choose_dead(sensors, 0.01)

    np.testing.assert_array_equal(dead, detector.choose_dead(sensors[::-1], 0.01))
    assert 60 < len(dead) < 140


def test_choose_dead_with_fraction_zero_is_empty():
    assert not len(detector.choose_dead(np.arange(100, dtype=np.uint64), 0.0))


def test_build_detector_has_the_sensors_of_the_generic_detector():
    pytest.importorskip("acts")

    sensors = detector.build_detector().sensors

    volume, layer = detector.split_identifier(sensors)
    present = set(zip(volume.tolist(), layer.tolist(), strict=True))
    assert len(np.unique(sensors)) == len(sensors) == 18_728
    for layers in detector.SEEDING_LAYERS.values():
        assert set(layers) <= present


def test_seeding_identifiers_are_those_of_acts():
    pytest.importorskip("acts")

    identifiers = detector.seeding_identifiers("strip")

    found = [(one.volume, one.layer) for one in identifiers]
    assert found == list(detector.SEEDING_LAYERS["strip"])
