import numpy as np

from tests.trackdnn.toy_events import toy_event
from tests.trackdnn.tracking.builders.chains import chains, particles_of, sets_of
from trackdnn.graphs.graph import graph_of
from trackdnn.settings.finding import HdbscanSettings
from trackdnn.tracking.builders.hdbscan import Hdbscan, _pieces


def joined_squares(weak):
    """Two times four hits, each with each; one weak edge between the two."""
    pairs = [(a + s, b + s) for s in (0, 4) for a in range(4) for b in range(a)]
    score = [0.9] * len(pairs) + [weak]
    event = toy_event(30)
    event = event.take(np.argsort(event.hits.distance)[:8])
    return event, graph_of(event, np.array([*pairs, (3, 4)]).T, np.array(score))


def test_hdbscan_takes_whole_components_for_the_most_part():
    event = toy_event(50, noise=20)
    particles = particles_of(event)

    tracks = Hdbscan(HdbscanSettings(cut=0.5)).build(event, chains(event, false=200))

    found = sets_of(tracks)
    assert len(found) >= 0.9 * len(particles)
    assert all(any(one <= owner for owner in particles) for one in found)


def test_hdbscan_parts_clusters_that_a_weak_edge_joins():
    event, graph = joined_squares(weak=0.35)

    tracks = Hdbscan(HdbscanSettings(cut=0.3, min_hits=3)).build(event, graph)

    assert sets_of(tracks) == {frozenset(range(4)), frozenset(range(4, 8))}


def test_hdbscan_pieces_are_never_larger_than_asked():
    event = toy_event(60)
    graph = chains(event, false=500)
    everything = list(_pieces(graph.edges, graph.score, graph.hits, 10**6))

    pieces = list(_pieces(graph.edges, graph.score, graph.hits, 40))

    assert max(len(np.unique(edges)) for edges, _ in everything) > 200
    assert max(len(np.unique(edges)) for edges, _ in pieces) <= 40
    edges = np.concatenate([edges for edges, _ in everything], axis=1)
    assert sorted(map(tuple, edges.T)) == sorted(map(tuple, graph.edges.T))


def test_hdbscan_of_equal_scores_comes_to_an_end():
    event = toy_event(20)
    graph = chains(event, false=100, good=(1, 1), bad=(1, 1))

    assert list(_pieces(graph.edges, graph.score, graph.hits, 5)) == []


def test_hdbscan_keeps_tracks_whole_whose_edges_differ():
    event = toy_event(50)
    graph = chains(event, good=(0.72, 1.0))
    particles = particles_of(event)

    whole = Hdbscan(HdbscanSettings(radius=0.3)).build(event, graph)
    parted = Hdbscan(HdbscanSettings(radius=0.0)).build(event, graph)

    assert sets_of(whole) == particles
    assert len(sets_of(parted) & particles) < 0.7 * len(particles)
