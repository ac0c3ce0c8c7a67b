import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from tests.trackdnn.tracking.builders.chains import chains, particles_of, sets_of
from trackdnn.graphs.graph import Graph
from trackdnn.settings.finding import WalkthroughSettings
from trackdnn.tracking.builders.walkthrough import (
    Walkthrough,
    best_of_both,
    logit_steps,
)


def of_scores(edges, score, **settings):
    """Tracks of hits that lie one behind the other."""
    event = toy_event(5)
    event = event.take(np.argsort(event.hits.distance, kind="stable")[:8])
    graph = Graph(
        hits=8, edges=np.array(edges, "i4").reshape(-1, 2).T, score=np.float32(score)
    )
    found = Walkthrough(WalkthroughSettings(**settings)).build(event, graph)
    return [track.tolist() for track in found]


def test_walkthrough_finds_particles_between_false_edges():
    event = toy_event(50, noise=20)
    graph = chains(event, false=300)

    tracks = Walkthrough(WalkthroughSettings(cut=0.1, add=0.6)).build(event, graph)

    assert sets_of(tracks) == particles_of(event)


def test_walkthrough_leads_outwards():
    event = toy_event(50, noise=20)

    tracks = Walkthrough(WalkthroughSettings()).build(event, chains(event, false=300))

    for track in tracks:
        assert (np.diff(event.hits.distance[track]) >= 0).all()


def test_walkthrough_takes_a_simple_component_as_it_is():
    edges, score = [(0, 1), (1, 2), (2, 3)], [0.9, 0.2, 0.9]

    assert of_scores(edges, score, cut=0.1, add=0.8) == [[0, 1, 2, 3]]
    assert of_scores(edges, score, cut=0.3, add=0.8) == []


def test_walkthrough_goes_the_better_way_at_a_branch():
    edges, score = [(0, 1), (1, 2), (1, 3), (3, 4)], [0.9, 0.92, 0.8, 0.8]

    assert of_scores(edges, score, add=0.5) == [[0, 1, 3, 4]]
    assert of_scores(edges, score, add=0.7) == [[0, 1, 2]]


def test_walkthrough_does_not_go_on_with_the_end_of_another_track():
    edges = [(0, 1), (1, 2), (2, 5), (3, 4), (4, 5), (5, 6)]
    score = [0.99, 0.99, 0.3, 0.7, 0.7, 0.95]

    assert of_scores(edges, score, add=0.6) == [[0, 1, 2], [3, 4, 5, 6]]
    # Where nothing else claims the end, the weak edge is taken.
    assert of_scores(edges, [*score[:4], 0.2, 0.95]) == [[0, 1, 2, 5, 6]]


def test_best_of_both_is_the_best_edge_of_each_end():
    edges = np.array([[0, 0, 1, 3], [2, 3, 2, 4]])
    score = np.float32([0.5, 0.6, 0.4, 0.1])

    assert best_of_both(5, edges, score).tolist() == [False, True, False, True]
    assert best_of_both(5, edges[:, :0], score[:0]).tolist() == []


def test_walkthrough_leaves_short_tracks_out():
    edges, score = [(0, 1), (1, 2), (3, 4)], [0.9, 0.9, 0.9]

    assert of_scores(edges, score, min_hits=2) == [[0, 1, 2], [3, 4]]
    assert of_scores(edges, score, min_hits=4) == []


def test_walkthrough_of_no_edges_finds_nothing():
    assert of_scores([], []) == []


def test_logit_steps_grow_with_the_score_and_stay_finite():
    steps = logit_steps(np.float32([0.0, 0.1, 0.6, 0.9, 1.0]), 0.6)

    assert (np.diff(steps) > 0).all()
    assert abs(steps[2]) < 10
    assert steps[3] == pytest.approx(2**24 * np.log(0.9 / 0.1 / 1.5), rel=1e-6)


@pytest.mark.parametrize("hits", [0, 1])
def test_walkthrough_of_a_tiny_event_finds_nothing(hits):
    event = toy_event(3).take(np.arange(hits))
    graph = Graph(hits=hits, edges=np.zeros((2, 0), "i4"), score=np.zeros(0, "f4"))

    assert len(Walkthrough(WalkthroughSettings()).build(event, graph)) == 0
