import numpy as np

from trackdnn.events.layers import BARREL, LAYERS, PIXEL, layer_index


def test_layers_are_those_of_the_detector():
    assert len(LAYERS) == 48
    assert sum(volume in BARREL for volume, _ in LAYERS) == 10
    assert sum(volume in PIXEL for volume, _ in LAYERS) == 18


def test_layer_index_is_the_place_in_the_list():
    volume, layer = np.array(LAYERS, dtype="i4").T

    np.testing.assert_array_equal(layer_index(volume, layer), np.arange(48))


def test_layer_index_of_another_detector_is_minus_one():
    volume = np.array([8, 8, 0, -3, 10, 99, 7], dtype="i4")
    layer = np.array([3, 10, 0, 2, 2, 2, 99], dtype="i4")

    assert set(layer_index(volume, layer)) == {-1}
    assert layer_index(volume, layer).dtype == np.int32
