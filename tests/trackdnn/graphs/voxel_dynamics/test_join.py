import itertools

import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn.graphs.voxel_dynamics.connections import Connections
from trackdnn.graphs.voxel_dynamics.join import each_range, join

CELLS = 9


def random_table(bins, rng, share):
    """A symmetric table of probabilities, of shape (cells, cells, bins)."""
    table = rng.random((CELLS, CELLS, bins)).astype("f4")
    table[rng.random(table.shape) > share] = 0.0
    for u, v, d in itertools.product(range(CELLS), range(CELLS), range(bins)):
        table[v, u, -d % bins] = table[u, v, d]
    return table


def in_runs(table):
    """The connections of a table, run after run."""
    bins = table.shape[2]
    offsets, runs, probability = [0], [], []
    for u in range(CELLS):
        for v in range(CELLS):
            last = -2
            for start in range(bins):
                value = table[u, v, (start - bins // 2) % bins]
                if value <= 0:
                    continue
                if start == last + 1:
                    runs[-1][2] += 1
                else:
                    runs.append([v, start, 1, len(probability)])
                last = start
                probability.append(value)
        offsets.append(len(runs))
    cell, start, length, entry = np.array(runs, np.int32).reshape(-1, 4).T
    return Connections(
        bins=bins,
        offsets=np.array(offsets),
        cell=cell,
        start=start,
        length=length,
        entry=entry.astype(np.int64),
        probability=np.array(probability, "f4"),
    )


def slow_join(event, cell, phi_bin, table):
    """Every pair of hits, looked up in the table."""
    distance = event.hits.distance
    edges = []
    for one, other in itertools.combinations(range(len(event)), 2):
        nearer = (distance[one], one) < (distance[other], other)
        first, second = (one, other) if nearer else (other, one)
        difference = (phi_bin[second] - phi_bin[first]) % table.shape[2]
        score = table[cell[first], cell[second], difference]
        if score > 0:
            edges.append((first, second, score))
    return sorted(edges)


@pytest.mark.parametrize("bins", [1, 2, 5, 8])
@pytest.mark.parametrize("share", [0.1, 0.9])
@pytest.mark.parametrize("piece", [1, 50, 1 << 22])
def test_join_equals_the_slow_twin(bins, share, piece):
    rng = np.random.default_rng([bins, int(10 * share)])
    event = toy_event(15, noise=30, seed=bins)
    table = random_table(bins, rng, share)
    # Cell 0 stays empty.
    cell = rng.integers(1, CELLS, len(event)).astype("i4")
    phi_bin = rng.integers(0, bins, len(event)).astype("i4")

    graph = join(event, cell, phi_bin, in_runs(table), piece)

    expected = slow_join(event, cell, phi_bin, table)
    assert graph.edges.T.tolist() == [list(edge[:2]) for edge in expected]
    assert graph.score.tolist() == [edge[2] for edge in expected]
    assert (graph.edges.dtype, graph.score.dtype) == (np.int32, np.float32)


def test_hits_at_one_place_are_ordered_by_row():
    event = toy_event(5)
    hits = event.hits
    one = {name: np.full(len(event), 5.0, "f4") for name in ("x", "y", "z")}
    event = type(event)(name="a", hits=type(hits)(**{**vars(hits), **one}))
    everything = in_runs(np.full((CELLS, CELLS, 1), 0.5, "f4"))
    nowhere = np.zeros(len(event), np.int32)

    graph = join(event, nowhere, nowhere, everything)

    expected = list(itertools.combinations(range(len(event)), 2))
    assert [tuple(pair) for pair in graph.edges.T.tolist()] == expected


@pytest.mark.parametrize("hits", [0, 1])
def test_event_without_pairs_has_no_edges(hits):
    event = toy_event(3).take(np.arange(hits))
    nowhere = np.zeros(hits, np.int32)

    graph = join(event, nowhere, nowhere, in_runs(np.ones((CELLS, CELLS, 1), "f4")))

    assert (graph.hits, graph.edges.shape, graph.score.shape) == (hits, (2, 0), (0,))


def test_no_connections_give_no_edges():
    event = toy_event(5)
    nowhere = np.zeros(len(event), np.int32)

    graph = join(event, nowhere, nowhere, in_runs(np.zeros((CELLS, CELLS, 3), "f4")))

    assert graph.edges.shape == (2, 0)


def test_each_range_lists_its_numbers():
    found = each_range(np.array([4, 9, 2]), np.array([2, 0, 3]))

    assert found.tolist() == [4, 5, 2, 3, 4]
