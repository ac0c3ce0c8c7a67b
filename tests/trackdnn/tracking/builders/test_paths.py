import itertools

import numpy as np
import pytest

from trackdnn.tracking.builders.paths import best_paths, depths


def one_by_one(hits, edges, weight):
    """Slow twin: the best path of all, without its hits again, and so on."""
    rows, paths = list(range(edges.shape[1])), []
    while True:
        best = {hit: (0, [hit]) for hit in range(hits)}
        for hit in range(hits):  # edges lead from lower to higher hits here
            for row in rows:
                if edges[1, row] != hit:
                    continue
                total, path = best[edges[0, row]]
                if total + weight[row] > best[hit][0]:
                    best[hit] = (total + weight[row], [*path, hit])
        total, path = max(best.values(), key=lambda one: one[0], default=(0, []))
        if total <= 0:
            return paths
        paths.append(path)
        rows = [row for row in rows if not set(edges[:, row]) & set(path)]


def random_graph(seed, hits=25, number=70):
    rng = np.random.default_rng(seed)
    edges = np.sort(rng.integers(0, hits, (2, number)), axis=0)
    edges = np.unique(edges[:, edges[0] != edges[1]], axis=1)
    return edges, rng.integers(-(2**30), 2**30, edges.shape[1])


@pytest.mark.parametrize("seed", range(20))
def test_best_paths_are_those_taken_one_by_one(seed):
    edges, weight = random_graph(seed)

    found = best_paths(25, edges, weight)

    twin = one_by_one(25, edges, weight)
    assert sorted(path.tolist() for path in found) == sorted(twin)


def test_best_paths_do_not_depend_on_the_order_of_edges():
    edges, weight = random_graph(3)
    order = np.random.default_rng(1).permutation(len(weight))

    found = best_paths(25, edges, weight)
    again = best_paths(25, edges[:, order], weight[order])

    assert [path.tolist() for path in found] == [path.tolist() for path in again]


def test_best_paths_of_equal_weights_are_disjoint():
    edges, weight = random_graph(5, number=150)

    found = best_paths(25, edges, np.ones_like(weight))

    hits = np.concatenate(found)
    assert len(hits) == len(set(hits.tolist()))
    taken = {(a, b) for path in found for a, b in itertools.pairwise(path)}
    assert taken <= set(map(tuple, edges.T.tolist()))


def test_best_path_crosses_a_weak_edge_that_pays():
    edges = np.array([[0, 1, 2], [1, 2, 3]])

    joined = best_paths(4, edges, np.array([5, -3, 5]))
    parted = best_paths(4, edges, np.array([5, -6, 5]))

    assert [path.tolist() for path in joined] == [[0, 1, 2, 3]]
    assert [path.tolist() for path in parted] == [[0, 1], [2, 3]]


def test_best_paths_of_nothing_are_none():
    none = np.zeros((2, 0), dtype=int)

    assert best_paths(0, none, np.zeros(0, dtype=int)) == []
    assert best_paths(5, none, np.zeros(0, dtype=int)) == []
    assert best_paths(2, np.array([[0], [1]]), np.array([-1])) == []


def test_depths_are_the_longest_ways():
    edges = np.array([[0, 0, 1, 2], [1, 2, 2, 3]])

    assert depths(5, edges).tolist() == [0, 1, 2, 3, 0]
