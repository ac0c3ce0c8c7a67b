import numpy as np
import pytest

from tests.trackdnn.tracking.pivots.drawn_graphs import (
    drawn_table,
    neighbours,
    plain_surroundings,
)
from trackdnn.tracking.pivots.surroundings import surroundings


def listed(tokens, valid):
    return [row[there].tolist() for row, there in zip(tokens, valid, strict=True)]


def some_pivots(seed, number=20, hits=40):
    """Different hits per row, of which at least the first exists."""
    rng = np.random.default_rng([seed, 5])
    pivots = np.stack([rng.permutation(hits)[:3] for _ in range(number)])
    return pivots, np.arange(3) < rng.integers(1, 4, number)[:, None]


@pytest.mark.parametrize("levels", [None, 3])
@pytest.mark.parametrize(("reach", "most"), [(1, 64), (3, 64), (3, 7), (8, 12), (0, 3)])
def test_surroundings_equal_plain_loops(reach, most, levels):
    table = drawn_table(1, levels=levels)
    pivots, valid = some_pivots(1)

    tokens, there = surroundings(table, pivots, valid, reach=reach, most=most)

    around = neighbours(table)
    assert tokens.shape == there.shape == (20, most)
    assert listed(tokens, there) == [
        plain_surroundings(around, row, reach, most) for row in listed(pivots, valid)
    ]


def test_surroundings_leave_out_what_is_not_allowed_and_what_lies_behind():
    table = drawn_table(2, edges=90)
    pivots, valid = some_pivots(2)
    may = np.random.default_rng(1).random((20, 40)) < 0.6

    tokens, there = surroundings(
        table,
        pivots,
        valid,
        reach=4,
        most=30,
        allowed=lambda graph, hit: may[graph, hit],
    )

    around = neighbours(table)
    rows = listed(pivots, valid)
    expected = [
        plain_surroundings(around, row, 4, 30, allowed=may[graph].__getitem__)
        for graph, row in enumerate(rows)
    ]
    assert listed(tokens, there) == expected


def test_surroundings_of_a_hit_without_edges_are_the_hit():
    table = drawn_table(3, edges=0)
    pivots = np.array([[7, 0, 0]])

    tokens, there = surroundings(
        table, pivots, np.array([[True, False, False]]), reach=3, most=4
    )

    assert listed(tokens, there) == [[7]]


def test_surroundings_of_no_pivots_are_none():
    pivots = np.zeros((0, 3), dtype=np.int64)

    tokens, there = surroundings(drawn_table(1), pivots, pivots > 0, reach=3, most=4)

    assert tokens.shape == there.shape == (0, 4)
