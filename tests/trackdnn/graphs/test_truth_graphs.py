"""True edges beside plain loops that read like their definitions."""

from itertools import combinations, pairwise, product

import numpy as np
import pytest

from tests.trackdnn.graphs.test_trajectory import helix_event
from tests.trackdnn.toy_events import toy_event
from trackdnn.events.event import without_truth
from trackdnn.graphs.graph import edge_keys
from trackdnn.graphs.trajectory import along_trajectory, vertex_distance
from trackdnn.graphs.truth_graphs import MODES, true_edges


def slow_edges(event, mode, counted=None):
    """Sets of two hits, particle by particle."""
    owner, found = event.owner(), set()
    for particle in range(len(event.particles)):
        if counted is not None and not counted[particle]:
            continue
        rows = [int(row) for row in np.flatnonzero(owner == particle)]
        found |= {frozenset(pair) for pair in SLOW[mode](event, rows)}
    return found


def slow_hyper(event, rows):
    return combinations(rows, 2)


def slow_eom(event, rows):
    place = along_trajectory(event)
    return pairwise(sorted(rows, key=lambda row: place[row]))


def slow_cricket(event, rows):
    place = along_trajectory(event)
    path = sorted(rows, key=lambda row: place[row])
    return [*pairwise(path), *zip(path, path[2:], strict=False)]


def slow_layerwise(event, rows):
    distance = vertex_distance(event)
    layers = {}
    for row in sorted(rows, key=lambda row: distance[row]):
        key = int(event.hits.volume[row]), int(event.hits.layer[row])
        layers.setdefault(key, []).append(row)
    for inner, outer in pairwise(layers.values()):
        yield from product(inner, outer)


def slow_modulewise(event, rows):
    distance, hits = vertex_distance(event), event.hits
    modules = {}
    for row in sorted(rows, key=lambda row: distance[row]):
        key = int(hits.volume[row]), int(hits.layer[row]), int(hits.module[row])
        modules.setdefault(key, row)
    return pairwise(modules.values())


SLOW = {
    "hyper": slow_hyper,
    "eom": slow_eom,
    "cricket": slow_cricket,
    "layerwise": slow_layerwise,
    "modulewise": slow_modulewise,
}


def events():
    """Toys with noise, with several hits per module, with loops, and small ones."""
    rng = np.random.default_rng(8)
    loops, _ = helix_event(particles=20, hits=9)
    loops.hits.layer[:] = rng.integers(1, 4, len(loops))
    loops.hits.module[:] = rng.integers(1, 3, len(loops))
    crowded = toy_event(60, noise=50, seed=3)
    crowded.hits.layer[:] = 2 * rng.integers(1, 3, len(crowded))
    return [
        toy_event(40, noise=30),
        crowded,
        loops,
        toy_event(0),
        toy_event(0, noise=1),
        toy_event(0, noise=20),
        toy_event(1, noise=2),
    ]


EVENTS = events()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("number", range(len(EVENTS)))
def test_true_edges_are_those_of_plain_loops(mode, number):
    event = EVENTS[number]
    edges = true_edges(event, mode)

    assert edges.dtype == np.int32
    assert edges.shape[0] == 2
    assert {frozenset(pair) for pair in edges.T.tolist()} == slow_edges(event, mode)
    assert (np.diff(edge_keys(event, edges)) > 0).all()


@pytest.mark.parametrize("mode", MODES)
def test_true_edges_of_some_particles(mode):
    event = EVENTS[1]
    counted = event.particles.pt > 0.9
    edges = true_edges(event, mode, counted)

    assert {frozenset(pair) for pair in edges.T.tolist()} == slow_edges(
        event, mode, counted
    )
    assert 0 < edges.shape[1] < true_edges(event, mode).shape[1]


@pytest.mark.parametrize("mode", MODES)
def test_true_edges_of_nobody(mode):
    event = EVENTS[0]
    nobody = np.zeros(len(event.particles), dtype=bool)

    assert true_edges(event, mode, nobody).shape == (2, 0)


@pytest.mark.parametrize("mode", MODES)
def test_noise_has_no_true_edge(mode):
    event = EVENTS[0]

    assert (event.owner()[true_edges(event, mode)] >= 0).all()


def test_modes_hold_each_other():
    event = EVENTS[1]
    keys = {mode: set(edge_keys(event, true_edges(event, mode))) for mode in MODES}

    assert all(keys[mode] <= keys["hyper"] for mode in MODES)
    assert keys["eom"] < keys["cricket"]


def test_hits_at_equal_places_are_ordered_all_the_same():
    event = toy_event(3)
    for hits in (event.hits, event.truth):
        for array in (hits.x, hits.y, hits.z):
            array[:] = 100.0

    for mode in MODES:
        np.testing.assert_array_equal(true_edges(event, mode), true_edges(event, mode))
    assert true_edges(event, "eom").shape[1] == len(event) - 3


def test_without_truth_there_is_no_true_edge():
    with pytest.raises(ValueError, match="must have truth"):
        true_edges(without_truth(EVENTS[0]), "eom")
