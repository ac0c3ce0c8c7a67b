"""Triplets beside every two doublets."""

import numpy as np
import pytest

from tests.trackdnn.graphs.module_map.toy_maps import toy_map
from tests.trackdnn.toy_events import toy_event
from trackdnn.graphs.module_map import confirming
from trackdnn.graphs.module_map.confirming import find_fits
from trackdnn.graphs.module_map.geometry import differences, doublets
from trackdnn.graphs.module_map.learning import COUNT
from trackdnn.graphs.module_map.regions import places_of
from trackdnn.graphs.module_map.search import find_doublets


def found_in(event, settings, learned):
    places = places_of(event.hits, settings)
    pairs = find_doublets(places, learned)
    return places, pairs, doublets(places, pairs)


def slow_fits(places, pairs, found, learned):
    before = np.full(pairs.shape[1], np.inf)
    after = before.copy()
    layer = places.layer.astype(int)
    for one in range(pairs.shape[1]):
        for two in np.flatnonzero(pairs[0] == pairs[1, one]):
            hits = [pairs[0, one], pairs[1, one], pairs[1, two]]
            triple = layer[hits] @ [COUNT**2, COUNT, 1]
            changes = differences(found, np.array([one]), np.array([two]))
            limits = learned.theta_change[triple], learned.bend_change[triple]
            shares = [c[0] / limit for c, limit in zip(changes, limits, strict=True)]
            if min(limits) >= 0 and max(shares) <= 1:
                after[one] = min(after[one], np.hypot(*shares))
                before[two] = min(before[two], np.hypot(*shares))
    return before, after


@pytest.mark.parametrize(
    ("particles", "noise"), [(40, 80), (0, 0), (0, 1), (1, 0), (0, 60)]
)
def test_fits_are_those_of_every_two_doublets(particles, noise):
    settings, learned = toy_map()
    event = toy_event(particles, noise=noise, seed=12)
    places, pairs, found = found_in(event, settings, learned)
    fits = find_fits(places, pairs, found, learned)
    before, after = slow_fits(places, pairs, found, learned)

    np.testing.assert_allclose(fits.before, before, rtol=1e-5)
    np.testing.assert_allclose(fits.after, after, rtol=1e-5)
    expected = np.isfinite(before) | np.isfinite(after)
    np.testing.assert_array_equal(fits.confirmed, expected)
    assert particles < 2 or 0 < expected.sum() < len(expected)


def test_pieces_change_nothing(monkeypatch):
    settings, learned = toy_map()
    places, pairs, found = found_in(toy_event(40, noise=40), settings, learned)
    whole = find_fits(places, pairs, found, learned)
    monkeypatch.setattr(confirming, "_AT_A_TIME", 50)
    again = find_fits(places, pairs, found, learned)

    np.testing.assert_array_equal(whole.before, again.before)
    np.testing.assert_array_equal(whole.after, again.after)


def test_both_doublets_of_a_track_of_three_hits_are_confirmed():
    settings, learned = toy_map()
    event = toy_event(30, seed=20)
    event = event.take(event.hits.r < 150)
    places, pairs, found = found_in(event, settings, learned)
    fits = find_fits(places, pairs, found, learned)
    first, second = event.owner()[pairs]
    true = first == second

    assert fits.confirmed[true].mean() > 0.9
    assert fits.take(true).before.shape == (true.sum(),)
