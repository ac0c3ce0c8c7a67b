import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn.events.event import without_truth
from trackdnn.tracking.pipeline.finder import STAGES, Finder
from trackdnn.tracking.pipeline.folder import load_finder


@pytest.fixture
def finder(windows, finder_master):
    return load_finder(finder_master, threads=1)


def test_finder_finds_most_particles(finder):
    event = toy_event(40, noise=10, seed=50)

    found = finder.find(event)

    owner = event.owner()
    whole = [track for track in found.tracks if len(set(owner[track])) == 1]
    assert len(whole) > 0.7 * 40
    assert found.candidates >= len(found.graph) > 0
    assert set(found.seconds) == set(STAGES)


def test_finder_does_not_look_at_truth(finder):
    event = toy_event(30, noise=10, seed=51)

    # The constructor of the tests refuses events with truth.
    with_truth, without = (finder.find(one) for one in (event, without_truth(event)))

    np.testing.assert_array_equal(with_truth.tracks.hits, without.tracks.hits)
    np.testing.assert_array_equal(with_truth.graph.score, without.graph.score)


def test_finder_without_a_filter_builds_from_all_candidates(finder):
    event = toy_event(20, seed=52)

    found = Finder(finder.settings, finder.constructor, None).find(event)

    assert len(found.graph) == found.candidates


@pytest.mark.parametrize("hits", [0, 1])
def test_finder_finds_nothing_in_a_tiny_event(finder, hits):
    found = finder.find(toy_event(20, seed=53).take(np.arange(hits)))

    assert len(found.tracks) == 0


def test_finder_of_noise_alone_comes_to_an_end(finder):
    found = finder.find(toy_event(0, noise=50))

    assert found.graph.hits == 50


def test_finder_scored_gives_the_edges_that_find_uses(finder):
    event = toy_event(20, seed=54)

    np.testing.assert_array_equal(
        finder.scored(event).score, finder.find(event).graph.score
    )
