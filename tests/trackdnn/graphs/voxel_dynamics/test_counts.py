from collections import Counter

import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn.graphs.truth_graphs import true_edges
from trackdnn.graphs.voxel_dynamics.cells import place_cells, positions
from trackdnn.graphs.voxel_dynamics.counts import (
    added,
    count_event,
    link,
    no_counts,
    unlink,
)

EVENTS = [toy_event(60, noise=20, seed=seed) for seed in (1, 2, 3)]


@pytest.fixture(params=[(True, 8), (True, 7), (False, 1)], scope="module")
def cells(request):
    fold, bins = request.param
    return place_cells(
        positions(EVENTS[0].hits, fold=fold),
        cells=12,
        bins=bins,
        iterations=1,
        random=np.random.default_rng(1),
    )


def slow_counts(event, cells, truth):
    """True pairs by what they look like, from the end that comes first."""
    cell, phi_bin = (column.tolist() for column in cells.of(event.hits))
    counts = Counter()
    for one, other in true_edges(event, truth).T.tolist():
        looks = [
            (cell[a], cell[b], (phi_bin[b] - phi_bin[a]) % cells.bins)
            for a, b in ((one, other), (other, one))
        ]
        counts[min(looks)] += 1
    return counts


@pytest.mark.parametrize("truth", ["hyper", "modulewise"])
def test_counts_equal_the_slow_twin(cells, truth):
    found = count_event(EVENTS[0], cells, truth)

    looks = zip(*(part.tolist() for part in unlink(found.links, cells)), strict=True)
    counts = dict(zip(looks, found.pairs.tolist(), strict=True))
    assert counts == slow_counts(EVENTS[0], cells, truth)
    assert (np.diff(found.links) > 0).all()
    assert found.hits.sum() == len(EVENTS[0])
    assert found.events == 1


def test_added_counts_are_those_of_all_events(cells):
    parts = [count_event(event, cells, "hyper") for event in EVENTS]

    found = added([no_counts(len(cells)), *parts])

    total = sum((slow_counts(event, cells, "hyper") for event in EVENTS), Counter())
    looks = zip(*(part.tolist() for part in unlink(found.links, cells)), strict=True)
    assert dict(zip(looks, found.pairs.tolist(), strict=True)) == total
    np.testing.assert_array_equal(found.hits, sum(part.hits for part in parts))
    assert found.events == 3


def test_adding_in_any_order_gives_the_same(cells):
    one, two, three = (count_event(event, cells, "hyper") for event in EVENTS)

    left, right = added([added([one, two]), three]), added([three, added([two, one])])

    for name in ("links", "pairs", "hits", "events"):
        np.testing.assert_array_equal(getattr(left, name), getattr(right, name))


def test_event_without_hits_counts_as_an_event(cells):
    nothing = EVENTS[0].take(np.zeros(0, int))

    found = count_event(nothing, cells, "modulewise")

    assert (found.events, len(found.links)) == (1, 0)
    assert not found.hits.any()


def test_link_of_many_cells_does_not_overflow(cells):
    many = type(cells)(points=np.zeros((2**20, 2), "f4"), bins=2**14)
    last = np.array([2**20 - 1], np.int32)

    u, v, difference = unlink(link(last, last, np.array([-1], np.int32), many), many)

    assert (u[0], v[0], difference[0]) == (2**20 - 1, 2**20 - 1, 2**14 - 1)
