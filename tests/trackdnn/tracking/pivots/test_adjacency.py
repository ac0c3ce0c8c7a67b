import numpy as np
import pytest

from tests.trackdnn.tracking.pivots.drawn_graphs import draw, drawn_table, neighbours
from trackdnn.tracking.pivots.adjacency import adjacency_of


@pytest.mark.parametrize("seed", range(3))
def test_adjacency_has_both_directions_best_first(seed):
    edges, score = draw(seed, levels=4)

    table = adjacency_of(40, edges, score)

    expected = []
    for one, other in ((0, 1), (1, 0)):
        rows = zip(edges[one].tolist(), edges[other].tolist(), score, strict=True)
        expected += [(hit, -value, neighbour) for hit, neighbour, value in rows]
    found = zip(table.hit, -table.score, table.neighbour, strict=True)
    assert list(found) == sorted(expected)


def test_adjacency_gives_the_entries_of_each_asked_hit():
    table = drawn_table(1)
    around = neighbours(table)
    asked = np.array([3, 0, 3, 17])

    which, entry = table.of(asked)

    found = [(hit, table.neighbour[row]) for hit, row in zip(which, entry, strict=True)]
    assert found == [
        (place, other)
        for place, hit in enumerate(asked.tolist())
        for other, _ in around[hit]
    ]


def test_adjacency_knows_the_best_score_and_degree_of_each_hit():
    table = drawn_table(2)
    around = neighbours(table)

    for hit in range(40):
        assert table.degree[hit] == len(around[hit])
        assert table.best[hit] == (around[hit][0][1] if around[hit] else -1.0)


def test_adjacency_gives_the_greatest_value_around_each_hit():
    table = drawn_table(3)
    around = neighbours(table)
    values = np.random.default_rng(1).permutation(40)

    greatest = table.greatest(values)

    for hit in range(40):
        there = [hit, *(other for other, _ in around[hit])]
        assert greatest[hit] == max(values[one] for one in there)


def test_adjacency_among_active_hits_has_only_edges_between_them():
    table = drawn_table(4)
    active = np.random.default_rng(1).random(40) < 0.7

    left = table.among(active)

    assert 0 < len(left.hit) < len(table.hit)
    assert neighbours(left) == {
        hit: [pair for pair in pairs if active[pair[0]] and active[hit]]
        for hit, pairs in neighbours(table).items()
    }


@pytest.mark.parametrize("hits", [0, 1, 5])
def test_adjacency_without_edges_has_no_entry(hits):
    table = adjacency_of(hits, np.zeros((2, 0), "i4"), np.zeros(0, "f4"))

    assert table.starts.tolist() == [0] * (hits + 1)
    assert table.best.tolist() == [-1.0] * hits
    assert table.greatest(np.arange(hits)).tolist() == list(range(hits))
