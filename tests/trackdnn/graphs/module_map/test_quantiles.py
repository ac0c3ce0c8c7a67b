"""Ranges of groups beside plain loops."""

import numpy as np
import pytest

from trackdnn.graphs.module_map.quantiles import by_key, group_ranges


def slow_ranges(key, value, tail, least):
    found = {}
    for one in sorted(set(key.tolist())):
        values = sorted(value[key == one])
        if len(values) < least:
            continue
        beyond = int(tail * len(values))
        low, high = values[beyond], values[len(values) - 1 - beyond]
        pad = (high - low) / len(values) ** 0.5
        found[one] = len(values), low - pad, high + pad
    return found


@pytest.mark.parametrize("tail", [0.0, 0.01, 0.3])
@pytest.mark.parametrize("least", [1, 2, 40])
def test_ranges_are_those_of_plain_loops(tail, least):
    rng = np.random.default_rng(least)
    key, value = rng.integers(0, 30, 900) ** 2, rng.normal(size=900)
    ranges = group_ranges(key, value, tail=tail, least=least)
    expected = slow_ranges(key, value, tail, least)

    assert ranges.key.tolist() == list(expected)
    for place, (count, low, high) in enumerate(expected.values()):
        assert ranges.count[place] == count
        np.testing.assert_allclose([ranges.low[place], ranges.high[place]], [low, high])


def test_ranges_of_nothing():
    ranges = group_ranges(np.zeros(0, int), np.zeros(0), tail=0.1, least=1)

    assert len(ranges.key) == len(ranges.low) == len(ranges.high) == 0


def test_table_has_the_other_value_where_nothing_was_seen():
    table = by_key(np.array([1, 3]), np.array([5.0, 7.0]), 5, -1.0)

    assert table.tolist() == [-1.0, 5.0, -1.0, 7.0, -1.0]
