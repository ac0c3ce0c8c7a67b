import dataclasses
import json

import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn.settings.finding import JudgementSettings
from trackdnn.tracking.found import from_labels, from_lists
from trackdnn.tracking.judgement import judge
from trackdnn.tracking.kinematics import track_kinematics
from trackdnn.tracking.presets import definitions
from trackdnn.tracking.profiles import PARTICLE_AXES, TRACK_AXES, profile_event

RULE = definitions(JudgementSettings(min_pt=0.0))[0]


def found_in(event, seed=0):
    rng = np.random.default_rng(seed)
    labels = event.owner().astype(int)
    wrong = rng.random(len(labels)) < 0.4
    labels[wrong] = rng.integers(-1, 40, wrong.sum())
    tracks = from_labels(labels)
    again = [tracks[number] for number in range(0, len(tracks), 4)]
    return from_lists([tracks[i] for i in range(len(tracks))] + again)


@pytest.fixture(scope="module")
def event():
    return toy_event(150, noise=100, seed=5)


def test_profiles_add_up_to_the_counts(event):
    found = found_in(event)

    profiles = profile_event(event, found, RULE)

    counts = judge(event, found, [RULE]).counts[RULE]
    assert min(dataclasses.astuple(counts)) > 0
    for profile in profiles.particles.values():
        assert profile.counts.sum(axis=1).tolist() == [counts.particles, counts.found]
    for profile in profiles.tracks.values():
        sums = profile.counts.sum(axis=1).tolist()
        assert sums == [counts.tracks, counts.fakes, counts.duplicates]


def slow_bin(edges, value):
    for number in range(len(edges) - 1):
        last = number == len(edges) - 2
        if edges[number] <= value < edges[number + 1] or (last and value == edges[-1]):
            return number
    return len(edges) - 1


def test_profiles_put_values_into_their_bins(event):
    found = found_in(event)
    pt = event.particles.pt
    tracks = track_kinematics(event, found)

    profiles = profile_event(event, found, RULE)

    wanted = RULE.wanted.mask(event)
    axis = PARTICLE_AXES[0]
    expected = np.zeros(len(axis.edges), dtype=int)
    for value in pt[wanted]:
        expected[slow_bin(axis.edges, value)] += 1
    assert profiles.particles["pt"].counts[0].tolist() == expected.tolist()
    for axis in TRACK_AXES:
        expected = np.zeros(len(axis.edges), dtype=int)
        for value in tracks[axis.name][found.lengths >= RULE.min_hits]:
            expected[slow_bin(axis.edges, value)] += 1
        assert profiles.tracks[axis.name].counts[0].tolist() == expected.tolist()


def test_profiles_close_the_last_bin(event):
    px = np.full(len(event.particles), PARTICLE_AXES[0].edges[-1], dtype="f4")
    zero = np.zeros_like(px)
    particles = dataclasses.replace(event.particles, px=px, py=zero, pz=zero)
    at_the_edge = dataclasses.replace(event, particles=particles)

    pt = profile_event(at_the_edge, found_in(event), RULE).particles["pt"]

    assert pt.outside == 0
    assert pt.counts[0, -2] == RULE.wanted.mask(at_the_edge).sum() > 0


@pytest.mark.parametrize(("side", "place"), [(0.0, -1), (-0.0, 0)])
def test_profiles_have_a_bin_for_particles_at_phi_of_pi(event, side, place):
    px = np.full(len(event.particles), -1.0, dtype="f4")
    py = np.full_like(px, side)
    particles = dataclasses.replace(event.particles, px=px, py=py)
    turned = dataclasses.replace(event, particles=particles)

    profile = profile_event(turned, found_in(event), RULE).particles["phi"]

    assert profile.outside == 0
    assert profile.counts[0, :-1][place] == RULE.wanted.mask(turned).sum() > 0


def test_profiles_of_events_add_up(event):
    other = toy_event(80, noise=10, seed=6)
    both = [profile_event(one, found_in(one), RULE) for one in (event, other)]

    whole = both[0] + both[1]

    for name, profile in whole.tracks.items():
        one, two = (each.tracks[name].counts for each in both)
        assert (profile.counts == one + two).all()
    assert (
        whole.particles["pt"].counts[0].sum() > both[0].particles["pt"].counts[0].sum()
    )


def test_profiles_count_unknown_vertices_beside_the_bins(event):
    unknown = np.full(len(event.particles), np.nan, dtype="f4")
    particles = dataclasses.replace(event.particles, vx=unknown, vz=unknown)
    event = dataclasses.replace(event, particles=particles)

    profiles = profile_event(event, found_in(event), RULE)

    wanted = int(RULE.wanted.mask(event).sum())
    assert profiles.particles["z0"].outside == wanted
    assert profiles.particles["r"].outside == wanted


def test_profiles_give_rates_with_intervals(event):
    profiles = profile_event(event, found_in(event), RULE)

    shown = profiles.particles["eta"].share(1, 0.683)

    some = shown.total > 0
    assert (shown.value[some] >= shown.lower[some]).all()
    assert np.isnan(shown.value[~some]).all()


def test_profiles_become_plain_numbers(event):
    plain = profile_event(event, found_in(event), RULE).to_dict(0.683)

    assert set(plain) == {"efficiency", "fake_rate", "duplicate_rate"}
    assert set(plain["efficiency"]) == {"pt", "eta", "phi", "z0", "r", "hits"}
    pt = plain["fake_rate"]["pt"]
    assert len(pt["bins"]) == len(pt["edges"]) - 1
    json.dumps(plain, allow_nan=False)


@pytest.mark.parametrize("event", [toy_event(0), toy_event(0, noise=9)], ids=len)
def test_profiles_of_events_without_particles_are_empty(event):
    profiles = profile_event(event, from_lists([]), RULE)

    assert sum(one.counts.sum() for one in profiles.particles.values()) == 0
    assert sum(one.counts.sum() for one in profiles.tracks.values()) == 0
