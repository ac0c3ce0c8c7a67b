"""The map beside plain loops over true doublets."""

from collections import defaultdict

import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn.graphs.module_map.geometry import differences, doublets
from trackdnn.graphs.module_map.learning import COUNT, Learner
from trackdnn.graphs.module_map.regions import mirrored, places_of
from trackdnn.graphs.truth_graphs import true_edges
from trackdnn.settings.finding import ModuleMapSettings


def learn(events, **changes):
    plain = {"min_hits": 1, "mirror": False, "share": 0.0}
    settings = ModuleMapSettings(**plain | changes)
    learner = Learner(settings, np.random.default_rng(1))
    for event in events:
        learner.add(event)
    return settings, learner.learned()


def slow_values(events, settings):
    """Values of each link, pair of layers and triple of layers."""
    values = defaultdict(list)
    for event in events:
        places = places_of(event.hits, settings)
        layer = places.layer.astype(int)
        pairs = true_edges(event, settings.truth)
        found = doublets(places, pairs)
        for row, (one, two) in enumerate(pairs.T):
            layers = layer[one] * COUNT + layer[two]
            link = int(places.region[one]), int(places.region[two])
            values["link", link].append(abs(float(found.dphi[row])))
            values["miss", layers].append(float(found.miss[row]))
            values["bend", layers].append(abs(float(found.bend[row])))
            for after in np.flatnonzero(pairs[0] == two):
                triple = layers * COUNT + layer[pairs[1, after]]
                change = differences(found, np.array([row]), np.array([after]))
                values["theta", triple].append(float(change[0][0]))
                values["change", triple].append(float(change[1][0]))
    return {key: some for key, some in values.items() if len(some) >= settings.least}


def ends(values, tail):
    values, beyond = sorted(values), int(tail * len(values))
    low, high = values[beyond], values[len(values) - 1 - beyond]
    pad = (high - low) / len(values) ** 0.5
    return low - pad, high + pad


@pytest.mark.parametrize("truth", ["modulewise", "layerwise", "eom"])
@pytest.mark.parametrize("least", [1, 5])
def test_map_is_that_of_plain_loops(truth, least):
    events = [toy_event(40, noise=10, seed=seed) for seed in range(3)]
    settings, learned = learn(
        events, truth=truth, least=least, tail=0.02, triplet_tail=0.05
    )
    expected = slow_values(events, settings)
    links = sorted(key for kind, key in expected if kind == "link")

    assert list(zip(learned.first, learned.second, strict=True)) == links
    for (kind, key), values in expected.items():
        low, high = ends(values, 0.05 if kind in ("theta", "change") else 0.02)
        if kind == "link":
            assert learned.dphi[links.index(key)] == pytest.approx(min(high, np.pi))
        if kind == "miss":
            assert learned.miss[:, key] == pytest.approx([low, high])
        if kind == "bend":
            assert learned.bend[key] == pytest.approx(high)
        if kind == "theta":
            assert learned.theta_change[key] == pytest.approx(high)
        if kind == "change":
            assert learned.bend_change[key] == pytest.approx(high)
    for kind, table in (("bend", learned.bend), ("change", learned.bend_change)):
        seen = {key for one, key in expected if one == kind}
        assert set(np.flatnonzero(np.isfinite(table))) == seen


def test_mirror_image_is_learned_too():
    events = [toy_event(40)]
    _, both = learn([*events, mirrored(events[0])])
    _, learned = learn(events, mirror=True)
    _, alone = learn(events)

    np.testing.assert_array_equal(learned.first, both.first)
    np.testing.assert_array_equal(learned.dphi, both.dphi)
    assert len(learned) > len(alone)


def test_modules_have_no_mirror_image():
    _, learned = learn([toy_event(40)], regions="modules", mirror=True, least=1)
    _, alone = learn([toy_event(40)], regions="modules", least=1)

    assert len(learned) == len(alone)


@pytest.mark.parametrize("changes", [{"min_pt": 1.0}, {"min_hits": 9}])
def test_particles_that_do_not_count(changes):
    event = toy_event(60)
    _, learned = learn([event], least=1, **changes)
    particles = event.particles
    left_out = particles.pt < 1.0 if "min_pt" in changes else particles.hits < 9
    stays = ~left_out[event.owner()]
    _, expected = learn([event.take(stays)], least=1)

    np.testing.assert_array_equal(learned.first, expected.first)
    np.testing.assert_allclose(learned.dphi, expected.dphi)


def test_particles_of_unknown_momentum_count():
    event = toy_event(20)
    event.particles.px[:] = np.nan
    _, learned = learn([event], least=1, min_pt=0.5)

    assert len(learned) > 10


def test_links_of_few_doublets_are_left_out():
    events = [toy_event(80, seed=seed) for seed in range(4)]
    settings, learned = learn(events, share=0.1)
    counts = {
        link: len(values)
        for (kind, link), values in slow_values(events, settings).items()
        if kind == "link"
    }
    leaving = defaultdict(int)
    for (first, _), count in counts.items():
        leaving[first] += count
    expected = [link for link in counts if counts[link] / leaving[link[0]] >= 0.1]

    assert list(zip(learned.first, learned.second, strict=True)) == sorted(expected)
    assert len(learned.dphi) == len(expected) < len(counts)


def test_sample_keeps_what_is_gathered_small():
    events = [toy_event(60, seed=seed) for seed in range(4)]
    _, learned = learn(events, sample=200, least=1)
    _, whole = learn(events, least=1)

    assert 0 < len(learned) < len(whole)


@pytest.mark.parametrize("noise", [0, 1, 9])
def test_events_without_particles_give_an_empty_map(noise):
    _, learned = learn([toy_event(0, noise=noise)])

    assert len(learned) == 0
    assert not np.isfinite(learned.bend).any()
