"""A bounded sample of rows."""

import numpy as np
import pytest

from trackdnn.graphs.module_map.sample import Sample


def numbered(count, start=0):
    return np.arange(start, start + count, dtype=float)[:, None] * np.ones(3)


def test_few_rows_all_stay():
    sample = Sample(100, np.random.default_rng(1))
    for start in range(0, 90, 30):
        sample.add(numbered(30, start))

    np.testing.assert_array_equal(sample.rows(), numbered(90))
    assert sample.share == 1.0


@pytest.mark.parametrize("piece", [10, 70, 1000])
def test_many_rows_are_thinned_evenly(piece):
    sample = Sample(500, np.random.default_rng(2))
    for start in range(0, 8000, piece):
        sample.add(numbered(min(piece, 8000 - start), start))
    rows = sample.rows()

    assert 200 < len(rows) <= 500
    assert sample.share in (1 / 16, 1 / 32)
    assert len(np.unique(rows[:, 0])) == len(rows)
    assert 3000 < rows[:, 0].mean() < 5000


def test_no_rows():
    sample = Sample(10, np.random.default_rng(1))

    assert len(sample.rows()) == 0
    sample.add(np.zeros((0, 4)))
    assert sample.rows().shape == (0, 4)
