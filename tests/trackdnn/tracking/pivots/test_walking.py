import numpy as np
import pytest

from tests.trackdnn.tracking.pivots.drawn_graphs import (
    drawn_table,
    neighbours,
    plain_walk,
)
from trackdnn.tracking.pivots.walking import NO_HIT, ranks, seeds, walk


@pytest.mark.parametrize("levels", [None, 3])
@pytest.mark.parametrize("pivots", [1, 2, 3, 5])
def test_walk_equals_plain_loops(pivots, levels):
    table = drawn_table(1, edges=80, levels=levels)
    around = neighbours(table)

    path, there = walk(table, np.arange(40), pivots, 0.3)

    found = [row[valid].tolist() for row, valid in zip(path, there, strict=True)]
    assert found == [plain_walk(around, hit, pivots, 0.3) for hit in range(40)]
    assert (path[~there] == NO_HIT).all()


def test_walk_stays_where_no_edge_is_good_enough():
    _, there = walk(drawn_table(1), np.arange(40), 3, 1.0)

    assert there.sum(axis=1).tolist() == [1] * 40
    _, there = walk(drawn_table(1, edges=0), np.arange(40), 3, 0.1)
    assert there.sum() == 40


def test_ranks_are_by_failures_then_best_edge_then_row():
    table = drawn_table(2, levels=4)
    failures = np.random.default_rng(1).integers(0, 2, 40)

    rank = ranks(table, failures)

    with_edges = [hit for hit in range(40) if table.degree[hit]]
    order = sorted(with_edges, key=lambda hit: (failures[hit], -table.best[hit], hit))
    assert np.argsort(-rank, kind="stable")[: len(order)].tolist() == order
    assert (rank[table.degree == 0] == 0).all()
    assert len(set(rank[with_edges])) == len(with_edges)


def plain_distances(around, start):
    distance, ring, step = {start: 0}, [start], 0
    while ring:
        step += 1
        ring = {other for hit in ring for other, _ in around[hit]} - set(distance)
        distance.update(dict.fromkeys(ring, step))
    return distance


@pytest.mark.parametrize("span", [0, 1, 2, 9])
def test_seeds_are_the_first_within_twice_the_span(span):
    table = drawn_table(3, hits=80, edges=90)
    around = neighbours(table)
    rank = ranks(table, np.zeros(80, dtype=np.int64))

    found = seeds(table, rank, span)

    expected = [
        hit
        for hit in range(80)
        if rank[hit]
        and all(
            rank[other] <= rank[hit]
            for other, far in plain_distances(around, hit).items()
            if far <= 2 * span
        )
    ]
    assert found.tolist() == expected
    assert expected


def test_seeds_of_no_edges_are_none():
    table = drawn_table(1, edges=0)

    assert len(seeds(table, ranks(table, np.zeros(40, dtype=np.int64)), 3)) == 0
