from __future__ import annotations

import numpy as np
import pytest

from trackdnn.inspection.columns import find_ends, find_shape


def single(function):
    """A function in single precision, as a graph computes it."""

    def values(x):
        with np.errstate(all="ignore"):
            return function(x.astype(np.float32)).astype(np.float64)

    return values


def scaled(transform, lower, upper):
    """A column that a graph clips to a range and scales to [-1, 1]."""

    def function(x):
        u = np.clip(transform(x), np.float32(lower), np.float32(upper))
        return np.float32(2) * (u - np.float32(lower)) / np.float32(upper - lower) - 1

    return single(function)


def log_of_size(x, divisor=1.0):
    return np.log1p(np.abs(x) / np.float32(divisor))


def test_a_clipped_logarithm_is_found():
    found = find_shape(scaled(log_of_size, 0.0, 5.0), 50.0)

    assert found.transform == "log1p(|x|)"
    assert found.scale == pytest.approx(0.4, rel=1e-4)
    assert found.offset == pytest.approx(-1, rel=1e-4)
    assert found.upper == pytest.approx(np.expm1(5.0), rel=1e-4)
    assert found.lower is None
    assert found.even
    assert found.bounded
    assert found.at_nan is None


def test_the_lower_end_of_a_logarithm_is_found():
    found = find_shape(scaled(log_of_size, 0.4, 5.0), 50.0)

    assert found.lower == pytest.approx(np.expm1(0.4), rel=1e-3)
    assert found.scale == pytest.approx(2 / 4.6, rel=1e-4)


@pytest.mark.parametrize("divisor", [1e-4, 0.02, 0.5, 30.0])
def test_the_divisor_of_a_logarithm_is_found(divisor):
    found = find_shape(scaled(lambda x: log_of_size(x, divisor), 0.0, 6.0), 10.0)

    assert found.transform == "log1p(|x|/s)"
    assert found.divisor == pytest.approx(divisor, rel=5e-3)
    assert found.upper == pytest.approx(divisor * np.expm1(6.0), rel=1e-3)


def test_a_clipped_line_is_found():
    found = find_shape(scaled(lambda x: x, -2.0, 68.0), 40.0)

    assert (found.transform, found.even) == ("x", False)
    assert (found.lower, found.upper) == pytest.approx((-2.0, 68.0), rel=1e-5)
    assert found.scale == pytest.approx(2 / 70, rel=1e-4)


def test_a_lower_end_at_zero_is_zero():
    assert find_shape(scaled(lambda x: x, 0.0, 15.0), 5.0).lower == 0.0


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (lambda x: x, "x"),
        (np.abs, "|x|"),
        (np.log1p, "log1p(x)"),
        (log_of_size, "log1p(|x|)"),
        (lambda x: np.sign(x) * log_of_size(x), "sign(x) log1p(|x|)"),
        (lambda x: np.sign(x) * log_of_size(x, 0.02), "sign(x) log1p(|x|/s)"),
        (lambda x: 0 * x + 3, "constant"),
        (np.sin, "other"),
        (lambda x: np.round(x / 10), "other"),
    ],
)
def test_transforms_are_told_apart(function, name):
    found = find_shape(single(function), 50.0)

    assert found.transform == name
    assert not found.bounded or name == "other"


def test_what_nan_becomes_is_told():
    found = find_shape(single(lambda x: np.nan_to_num(x, nan=7.0)), 5.0)

    assert found.at_nan == 7.0


def test_ends_are_those_of_a_search():
    function = single(lambda x: np.clip(x, -0.3, 1234.5))

    lower, upper = find_ends(function)

    x = np.linspace(-1, 2000, 2_000_001)
    values = function(x)
    assert upper == pytest.approx(x[values == values[-1]][0], abs=2e-3)
    assert lower == pytest.approx(x[values == values[0]][-1], abs=2e-3)


@pytest.mark.parametrize("function", [np.abs, np.log1p, lambda x: 0 * x, np.square])
def test_what_has_no_ends_has_none(function):
    assert find_ends(single(function)) == (None, None)


def test_one_end_alone_is_found():
    lower, upper = find_ends(single(lambda x: np.maximum(x, -4.0)))

    assert lower == pytest.approx(-4.0, rel=1e-4)
    assert upper is None


def test_a_range_beyond_all_reason_breaks_nothing():
    found = find_shape(scaled(log_of_size, 0.0, 5e8), 50.0)

    assert found.bounded
    assert found.even
