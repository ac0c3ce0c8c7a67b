"""Ranges spread out and doublets joined, beside plain loops."""

import numpy as np
import pytest

from trackdnn.graphs.module_map.joining import chained, pieces, spread


@pytest.mark.parametrize("number", [0, 1, 40])
def test_spread_is_that_of_plain_loops(number):
    rng = np.random.default_rng(number)
    low, high = rng.integers(0, 20, number), rng.integers(0, 20, number)
    expected = [(i, j) for i in range(number) for j in range(low[i], high[i])]

    assert list(zip(*spread(low, high), strict=True)) == expected


@pytest.mark.parametrize("most", [1, 7, 1000])
def test_pieces_cover_everything_once_and_stay_small(most):
    counts = np.random.default_rng(most).integers(0, 9, 50)
    parts = list(pieces(counts, most))
    rows = np.concatenate([np.arange(50)[part] for part in parts])

    assert rows.tolist() == list(range(50))
    for part in parts:
        size = part.stop - part.start
        assert size >= 1
        assert counts[part].sum() <= most or size == 1
    assert len(parts) == 1 or most < 1000


def test_pieces_of_nothing():
    assert list(pieces(np.zeros(0, int), 5)) == []


@pytest.mark.parametrize("number", [0, 1, 60])
def test_chained_doublets_are_those_of_plain_loops(number):
    pairs = np.random.default_rng(number).integers(0, 25, (2, number))
    expected = {
        (i, j)
        for i in range(number)
        for j in range(number)
        if pairs[1, i] == pairs[0, j]
    }
    first, second = chained(pairs)

    assert set(zip(first.tolist(), second.tolist(), strict=True)) == expected
    assert len(first) == len(expected)
