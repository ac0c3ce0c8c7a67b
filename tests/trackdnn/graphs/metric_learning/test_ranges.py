"""Ranges of the columns of hits."""

import numpy as np
import pytest

from trackdnn.events.features import feature_table
from trackdnn.graphs.metric_learning.ranges import fit_ranges

GROUPS = ("position", "turn")


def fitted(columns, number=2):
    return fit_ranges(np.array_split(columns, number), number, GROUPS)


def columns(rows=8000):
    return np.random.default_rng(1).normal(size=(rows, 5)).astype("f4")


def test_ranges_hold_nearly_all():
    given = columns()
    inputs = fitted(given)

    outside = (given < inputs.node_lower) | (given > inputs.node_upper)
    np.testing.assert_allclose(outside.mean(axis=0), 0.002, atol=0.001)
    names = tuple(feature.name for feature in feature_table(GROUPS))
    assert inputs.node_names == names


def test_one_hit_far_away_does_not_decide():
    given = columns()
    expected = fitted(given).node_upper
    given[7] = 1e6

    np.testing.assert_allclose(fitted(given).node_upper, expected, rtol=0.3)


def test_zero_is_within_each_range():
    inputs = fitted(columns() + np.float32([50, -50, 50, -50, 0]))

    assert inputs.node_lower[0] == 0
    assert inputs.node_upper[1] == 0


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_column_of_nothing_has_a_range(value):
    given = columns()
    given[:, 2] = value
    inputs = fitted(given)

    assert (inputs.node_lower[2], inputs.node_upper[2]) == (0, 1)


def test_not_all_hits_are_looked_at(monkeypatch):
    monkeypatch.setattr("trackdnn.graphs.metric_learning.ranges._ROWS", 100)
    given = columns()
    # Every eightieth hit of both halves is looked at.
    given[1::4000] = 1e6

    assert max(fitted(given).node_upper) < 10
