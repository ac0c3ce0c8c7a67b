import dataclasses

import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn.events.event import without_truth
from trackdnn.tracking.denominators import Wanted, distinct_layers


@pytest.fixture(scope="module")
def event():
    return toy_event(150, noise=60, seed=3)


def changed(event, **columns):
    particles = dataclasses.replace(event.particles, **columns)
    return dataclasses.replace(event, particles=particles)


def test_wanted_asks_for_hits(event):
    mask = Wanted(min_hits=9).mask(event)

    assert mask.tolist() == (event.particles.hits >= 9).tolist()
    assert 0 < mask.sum() < len(mask)


def test_wanted_counts_layers_once(event):
    # Every hit twice: as many layers as before.
    twice = event.take(np.repeat(np.arange(len(event)), 2))

    layers = Wanted(min_hits=8, counted="layers").mask(twice)
    hits = Wanted(min_hits=8).mask(twice)

    assert layers.tolist() == (event.particles.hits >= 8).tolist()
    assert hits.sum() > layers.sum()


def test_wanted_layers_agree_with_plain_sets(event):
    owner = event.owner()
    for volumes in (True, False):
        sets = [set() for _ in range(len(event.particles))]
        for hit, particle in enumerate(owner):
            if particle >= 0:
                volume = event.hits.volume[hit] if volumes else 0
                sets[particle].add((volume, event.hits.layer[hit]))

        found = distinct_layers(
            owner, event.hits, len(event.particles), volumes=volumes
        )

        assert found.tolist() == [len(one) for one in sets]


def test_wanted_pt_is_above_the_cut_or_at_it(event):
    px = np.full(len(event.particles), 1.0, dtype="f4")
    at = changed(event, px=px, py=np.zeros_like(px))

    assert not Wanted(min_hits=1, min_pt=1.0).mask(at).any()
    reached = Wanted(min_hits=1, min_pt=1.0, with_min=True).mask(at)
    assert reached.tolist() == (event.particles.hits > 0).tolist()


def test_wanted_knows_no_unknown_momenta(event):
    unknown = np.full(len(event.particles), np.nan, dtype="f4")
    event = changed(event, px=unknown, py=unknown, pz=unknown)

    assert Wanted(min_hits=1).mask(event).any()
    assert not Wanted(min_hits=1, min_pt=0.0).mask(event).any()
    assert not Wanted(min_hits=1, max_abs_eta=4.0).mask(event).any()


def test_wanted_eta_is_below_the_cut(event):
    mask = Wanted(min_hits=1, max_abs_eta=0.5).mask(event)

    eta = np.abs(event.particles.eta[mask])
    assert 0 < eta.max() < 0.5


def test_wanted_leaves_neutral_particles_out_where_charges_are_known(event):
    charge = event.particles.charge.copy()
    charge[:50] = 0
    some = changed(event, charge=charge)
    none = changed(event, charge=np.zeros_like(charge))

    assert not Wanted(min_hits=1, charged=True).mask(some)[:50].any()
    assert Wanted(min_hits=1, charged=True).mask(some)[50:].any()
    assert Wanted(min_hits=1, charged=True).mask(none)[:50].any()


def test_wanted_never_asks_for_particles_without_hits(event):
    none = event.take(np.zeros(len(event), dtype=bool))

    assert not Wanted(min_hits=0).mask(none).any()
    assert not Wanted(min_hits=3, counted="layers").mask(none).any()


def test_wanted_needs_truth(event):
    with pytest.raises(ValueError, match="must have truth"):
        Wanted(min_hits=1).mask(without_truth(event))


def test_wanted_radius_is_below_the_cut_or_unknown(event):
    far = np.full(len(event.particles), 40.0, dtype="f4")
    far[10:20], far[20:30] = 20.0, np.nan
    moved = changed(event, vx=far)

    mask = Wanted(min_hits=1, max_radius=30.0).mask(moved)

    assert mask[10:30].any()
    assert not mask[:10].any()
    assert not mask[30:].any()
    assert mask[20:30].any()


def test_wanted_pt_beyond_float32_is_reached_by_none(event):
    assert not Wanted(min_hits=1, min_pt=1e300).mask(event).any()
    assert not Wanted(min_hits=1, min_pt=1e300, with_min=True).mask(event).any()
