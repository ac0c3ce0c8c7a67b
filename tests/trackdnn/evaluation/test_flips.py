"""What changes at a working point, against counts by hand and repeated samples."""

import numpy as np
import pytest

from trackdnn.evaluation.flips import Change, compare_points
from trackdnn.evaluation.intervals import Fraction, clopper_pearson


def flags(text):
    return np.array([letter == "1" for letter in text])


def test_compare_points_counts_flips_and_rates():
    (point,) = compare_points(
        flags("11110000"), {"tight": flags("11101000")}, {"tight": flags("11110100")}
    )

    assert (point.name, point.flips) == ("tight", 3)
    assert (point.efficiency.before.passed, point.efficiency.before.total) == (3, 4)
    assert point.efficiency.shift == pytest.approx(1 / 4)
    assert (point.fake_rate.before.passed, point.fake_rate.before.total) == (1, 4)
    assert point.fake_rate.shift == pytest.approx(1 / 5 - 1 / 4)


def test_error_is_that_of_the_side_to_which_the_rate_moved():
    label = np.ones(100, bool)
    before, up, down = (np.arange(100) < n for n in (95, 96, 94))
    low, high = clopper_pearson([95], [100], 0.683)

    rates = [
        compare_points(label, {"a": before}, {"a": after})[0].efficiency
        for after in (up, down)
    ]

    assert rates[0].error == pytest.approx(float(high[0]) - 0.95)
    assert rates[1].error == pytest.approx(0.95 - float(low[0]))
    assert rates[0].within
    assert rates[1].within


def test_rate_that_moves_by_more_than_its_error_is_not_within():
    label, before, after = np.ones(100, bool), np.arange(100) < 95, np.arange(100) < 90

    assert not compare_points(label, {"a": before}, {"a": after})[0].within


def test_rate_that_does_not_move_is_within_whatever_its_error():
    none = np.zeros(10, bool)
    label = np.arange(10) < 5

    (point,) = compare_points(label, {"a": label}, {"a": label})

    assert point.fake_rate.before.passed == 0
    assert point.within
    assert not compare_points(label, {"a": none}, {"a": none})[0].within


def test_rate_of_nothing_is_unknown():
    unknown = Fraction(passed=0, total=0, value=None, lower=None, upper=None)

    change = Change(before=unknown, after=unknown, paired=0.0)

    assert (change.shift, change.error, change.within) == (None, None, False)


def test_paired_error_is_the_spread_over_samples():
    """Slow twin: the same two classifiers on many samples of tracks."""
    rng = np.random.default_rng(1)
    shifts, told = [], []
    for _ in range(300):
        label = rng.random(4000) < 0.7
        score = rng.normal(label * 1.5, 1)
        moved = score + rng.normal(0, 0.05, 4000)
        (point,) = compare_points(label, {"a": score > 0.5}, {"a": moved > 0.5})
        rates = (point.efficiency, point.fake_rate)
        shifts.append([one.shift for one in rates])
        told.append([one.paired for one in rates])

    ratio = np.std(shifts, axis=0) / np.mean(told, axis=0)

    assert ratio == pytest.approx([1, 1], abs=0.12)


def test_changes_are_plain_values():
    label = flags("1100")
    (point,) = compare_points(label, {"a": flags("1010")}, {"a": flags("1110")})

    content = point.to_dict()

    assert content["flips"] == 1
    assert content["efficiency"]["before"]["value"] == 0.5
    assert content["efficiency"]["shift"] == 0.5
    assert set(content["fake_rate"]) == {
        *("before", "after", "shift", "error", "paired_error", "within_error")
    }
