import math

import numpy as np
import pytest

from network.custom.geometric_position import GeometricPosition


def twin(coordinates, longest, bands):
    rows = []
    for row in coordinates.tolist():
        angles = [
            2 * math.pi * x * 2**k / wave
            for x, wave in zip(row, longest, strict=True)
            for k in range(bands)
        ]
        rows.append([math.sin(a) for a in angles] + [math.cos(a) for a in angles])
    return np.array(rows)


def test_coordinates_equal_their_twin(check_layer):
    x = np.random.default_rng(1).uniform(-1, 1, (50, 2)).astype("f4")
    x *= np.float32([1000, 3])
    layer = GeometricPosition([2048.0, 2 * math.pi], bands=5)

    check_layer(layer, x, expected=twin(x, layer.longest, 5), atol=3e-5)


def test_hits_of_events_keep_their_axes(check_layer):
    x = np.random.default_rng(1).uniform(-1, 1, (2, 3, 2)).astype("f4")
    expected = twin(x.reshape(6, 2), (2.0, 2.0), 3).reshape(2, 3, 12)

    check_layer(GeometricPosition([2, 2], 3), x, expected=expected, atol=3e-6)


def test_an_angle_keeps_its_period():
    layer = GeometricPosition([2 * math.pi], bands=4)

    low, high = np.asarray(layer(np.float32([[-math.pi], [math.pi]])))

    np.testing.assert_allclose(low, high, atol=1e-5)


def test_wild_coordinates_are_finite_and_nan_is_zero():
    wild = np.float32([[np.nan], [np.inf], [-np.inf], [3e38], [0]])

    found = np.asarray(GeometricPosition([0.001], bands=24)(wild))

    assert np.isfinite(found).all()
    np.testing.assert_array_equal(found[0], found[4])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([],), r"for each coordinate.*\(\)"),
        (([1.0, 0.0],), r"positive wavelength.*0\.0"),
        (([math.nan],), "positive wavelength.*nan"),
        (([1.0], 0), "`bands` must be from 1 to 24.*bands=0"),
        (([1.0], 25), "bands=25"),
    ],
)
def test_impossible_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        GeometricPosition(*arguments)


def test_another_number_of_coordinates_is_refused():
    with pytest.raises(ValueError, match="1 entries for 3 coordinates"):
        GeometricPosition([1.0])(np.zeros((2, 3), "f4"))
