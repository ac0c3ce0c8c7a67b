import numpy as np

from tests.trackdnn.toy_events import toy_event
from trackdnn.graphs.graph import graph_of
from trackdnn.tracking.builders.clusters import (
    component_labels,
    logits_of,
    outwards,
    scores_of,
    tracks_of,
)
from trackdnn.tracking.found import from_lists


def flooded(hits, edges):
    """Slow twin: flood from each hit in turn."""
    labels, next_label = [-1] * hits, 0
    for start in range(hits):
        if labels[start] >= 0 or start not in edges:
            continue
        border = [start]
        while border:
            hit = border.pop()
            labels[hit] = next_label
            for a, b in edges.T:
                border += [b] if a == hit and labels[b] < 0 else []
                border += [a] if b == hit and labels[a] < 0 else []
        next_label += 1
    return labels


def test_component_labels_are_those_of_a_flood():
    rng = np.random.default_rng(1)
    for hits, number in [(30, 15), (30, 25), (5, 40), (40, 1)]:
        edges = rng.integers(0, hits, (2, number))

        assert component_labels(hits, edges).tolist() == flooded(hits, edges)


def test_component_labels_of_no_edges_are_none():
    assert component_labels(3, np.zeros((2, 0), int)).tolist() == [-1, -1, -1]
    assert component_labels(0, np.zeros((2, 0), int)).tolist() == []


def test_scores_are_one_where_nobody_has_given_any():
    event = toy_event(3)
    graph = graph_of(event, np.array([[0, 1], [2, 3]]))

    assert scores_of(graph).tolist() == [1.0, 1.0]
    half = graph.scored(np.float32([0.5, 0.25]))
    assert scores_of(half).tolist() == [0.5, 0.25]


def test_tracks_lead_outwards_and_short_ones_go():
    event = toy_event(20, noise=10)
    labels = event.owner()

    tracks = tracks_of(event, labels, least=9)

    counts = np.bincount(labels[labels >= 0])
    assert tracks.lengths.tolist() == counts[counts >= 9].tolist()
    for track in tracks:
        assert len(set(labels[track])) == 1
        assert (np.diff(event.hits.distance[track]) >= 0).all()


def test_logits_are_those_of_the_scores_within_bounds():
    event = toy_event(3)
    graph = graph_of(
        event,
        np.array([[0, 1], [1, 2], [2, 3], [3, 4]]).T,
        np.array([0.0, 0.5, 0.9, 1.0], "f4"),
    )

    found = dict(zip(graph.score.tolist(), logits_of(graph).tolist(), strict=True))

    assert found[0.0] == -14.0
    assert found[0.5] == 0.0
    assert found[1.0] == 14.0
    nine = float(np.float32(0.9))
    assert abs(found[nine] - np.log(nine / (1 - nine))) < 1e-12


def test_outwards_sorts_the_hits_of_each_track():
    event = toy_event(10)
    owner = event.owner()
    tracks = from_lists([np.flatnonzero(owner == one) for one in range(10)])

    for track, again in zip(outwards(event, tracks), tracks, strict=True):
        assert (np.diff(event.hits.distance[track]) >= 0).all()
        assert set(track.tolist()) == set(again.tolist())
