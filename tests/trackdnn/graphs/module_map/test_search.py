"""The search beside every two hits."""

import numpy as np
import pytest

from tests.trackdnn.graphs.module_map.toy_maps import slow_doublets, toy_map
from tests.trackdnn.toy_events import toy_event
from trackdnn.graphs.module_map import search
from trackdnn.graphs.module_map.learning import Map
from trackdnn.graphs.module_map.regions import places_of
from trackdnn.graphs.module_map.search import find_doublets


def pairs_of(event, settings, learned):
    pairs = find_doublets(places_of(event.hits, settings), learned)
    assert pairs.dtype == np.int32
    found = set(map(tuple, pairs.T.tolist()))
    assert len(found) == pairs.shape[1]
    return found


@pytest.mark.parametrize(
    ("particles", "noise"), [(12, 60), (0, 0), (0, 1), (1, 0), (0, 40)]
)
@pytest.mark.parametrize("regions", ["bins", "modules"])
def test_doublets_are_those_of_every_two_hits(particles, noise, regions):
    event = toy_event(particles, noise=noise, seed=11)
    settings, learned = toy_map(regions=regions)

    expected = slow_doublets(event, settings, learned)

    assert pairs_of(event, settings, learned) == expected
    assert particles < 2 or len(expected) > 10


def test_windows_of_half_a_turn_meet_no_hit_twice():
    event = toy_event(10, noise=30, seed=4)
    settings, learned = toy_map()
    wide = Map(**vars(learned) | {"dphi": np.full(len(learned), np.pi)})

    assert pairs_of(event, settings, wide) == slow_doublets(event, settings, wide)


def test_pieces_change_nothing(monkeypatch):
    event = toy_event(30, noise=60, seed=5)
    settings, learned = toy_map()
    whole = find_doublets(places_of(event.hits, settings), learned)
    monkeypatch.setattr(search, "_AT_A_TIME", 100)

    again = find_doublets(places_of(event.hits, settings), learned)

    np.testing.assert_array_equal(whole, again)


def test_turning_the_event_changes_nothing():
    event = toy_event(40, seed=6)
    settings, learned = toy_map()
    before = pairs_of(event, settings, learned)
    x, y = event.hits.x.copy(), event.hits.y.copy()
    event.hits.x[:], event.hits.y[:] = -y, x

    after = pairs_of(event, settings, learned)

    # Numbers of 32 bits round otherwise at the ends of the ranges.
    assert len(before ^ after) <= 2


def test_hits_of_another_detector_and_at_one_place_are_no_obstacle():
    event = toy_event(20, noise=20)
    event.hits.volume[:30] = 99
    for array in (event.hits.x, event.hits.y, event.hits.z):
        array[30:60] = array[30]
    settings, learned = toy_map()
    found = pairs_of(event, settings, learned)

    assert found == slow_doublets(event, settings, learned)
    assert all(min(pair) >= 30 for pair in found)


@pytest.mark.parametrize("apart", [0.0, 1e-3])
def test_hits_at_one_place_make_no_doublets_with_each_other(apart):
    event = toy_event(20)
    settings, learned = toy_map()
    for array in (event.hits.volume, event.hits.layer, event.hits.module):
        array[:] = array[0]
    for array in (event.hits.x, event.hits.y, event.hits.z):
        array[:] = 0
    event.hits.x[0] = apart
    # The region is connected with itself, and all ranges are wide.
    region = places_of(event.hits, settings).region[:1]
    wide = {
        "first": region,
        "second": region,
        "dphi": np.full(1, np.pi),
        "miss": np.full_like(learned.miss, 1e6) * [[-1], [1]],
        "bend": np.full_like(learned.bend, 1e6),
    }

    found = pairs_of(event, settings, Map(**vars(learned) | wide))

    assert found == ({(row, 0) for row in range(1, len(event))} if apart else set())
