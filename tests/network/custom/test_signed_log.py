"""The logarithm on both sides of zero, against a loop."""

import math

import numpy as np
import pytest

from network.custom.signed_log import SignedLog, signed_log

SCALES = (0.0, 1e-3, 20.0)


def test_signed_log_equals_its_twin(check_layer):
    random = np.random.default_rng(1)
    power = random.integers(-4, 5, (7, 3))
    x = (random.normal(size=(7, 3)) * 10.0**power).astype("f4")
    expected = np.empty_like(x)
    for row in range(7):
        for column, scale in enumerate(SCALES):
            value = float(x[row, column])
            far = math.log(1 + abs(value) / scale) if scale else abs(value)
            expected[row, column] = math.copysign(far, value)

    check_layer(SignedLog(SCALES), x, expected=expected, rtol=3e-7)


def test_signed_log_is_finite_far_out_and_keeps_nan():
    x = np.array([[1.0, np.inf, -3e38], [0.0, np.nan, np.nan]], "f4")

    found = np.asarray(SignedLog(SCALES)(x))

    assert np.isfinite(found[0]).all()
    assert np.isnan(found[1, 1:]).all()


def test_one_number_is_what_the_layer_gives():
    for value in (-5.0, 0.0, 1e-4, 300.0):
        for scale in SCALES:
            row = np.asarray(SignedLog((scale,))(np.array([[value]], "f4")))
            assert signed_log(value, scale) == pytest.approx(float(row[0, 0]), rel=1e-5)


@pytest.mark.parametrize("scale", [-1.0, math.inf, math.nan, 1e-40])
def test_impossible_scales_are_refused(scale):
    with pytest.raises(ValueError, match="`scales` must be 0, or between"):
        SignedLog((scale,))


def test_another_width_is_refused():
    with pytest.raises(ValueError, match="Received: 2 columns for 3 scales"):
        SignedLog(SCALES)(np.zeros((4, 2), "f4"))
