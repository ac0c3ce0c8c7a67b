import dataclasses
import itertools
import math

import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from tests.trackdnn.tracking.builders.chains import chains
from trackdnn.graphs.graph import Graph
from trackdnn.settings.finding import WalkthroughSettings
from trackdnn.tracking.builders.walkthrough import Walkthrough
from trackdnn.tracking.found import from_lists
from trackdnn.tracking.selection.features import FEATURES, track_features


@pytest.fixture
def built():
    event = toy_event(30, noise=20)
    graph = chains(event, false=200)
    return event, graph, Walkthrough(WalkthroughSettings()).build(event, graph)


def logit(score):
    score = min(max(float(score), 1e-7), 1 - 1e-7)
    return min(max(math.log(score / (1 - score)), -14.0), 14.0)


def slowly(event, graph, track):
    """Features of edges and places of one track, in loops."""
    distance = event.hits.distance
    track = sorted(track.tolist(), key=lambda hit: distance[hit])
    into = dict.fromkeys(track[1:], -14.0)
    rivals = {"rival_inner": -14.0, "rival_outer": -14.0, "rival": -14.0}
    edges = zip(*graph.edges.tolist(), graph.score.tolist(), strict=True)
    for sender, receiver, score in edges:
        value = logit(np.float32(score))
        if sender in track and receiver in track:
            into[receiver] = max(into[receiver], value)
        elif receiver in track:
            name = "rival_inner" if receiver == track[0] else "rival"
            rivals[name] = max(rivals[name], value)
        elif sender in track:
            name = "rival_outer" if sender == track[-1] else "rival"
            rivals[name] = max(rivals[name], value)
    place = np.stack([event.hits.x, event.hits.y, event.hits.z], axis=1).astype(float)
    steps = [math.dist(place[a], place[b]) for a, b in itertools.pairwise(track)]
    return {
        "hits": len(track),
        "step_mean": sum(into.values()) / len(into),
        "step_least": min(into.values()),
        **rivals,
        "r_inner": math.hypot(*place[track[0]][:2]),
        "r_outer": math.hypot(*place[track[-1]][:2]),
        "z_inner": abs(place[track[0]][2]),
        "z_outer": abs(place[track[-1]][2]),
        "step": max(steps),
        "clusters": 0.0,
    }


def test_features_are_those_of_a_slow_twin(built):
    event, graph, tracks = built

    features = track_features(event, graph, tracks)

    assert features.shape == (len(tracks), len(FEATURES))
    assert len(tracks) > 20
    for row, track in zip(features, tracks, strict=True):
        found = dict(zip(FEATURES, row.tolist(), strict=True))
        for name, value in slowly(event, graph, track).items():
            assert found[name] == pytest.approx(value, rel=1e-4, abs=1e-4), name


def test_features_do_not_depend_on_the_order_of_hits(built):
    event, graph, tracks = built
    turned = from_lists([track[::-1] for track in tracks])

    np.testing.assert_allclose(
        track_features(event, graph, tracks),
        track_features(event, graph, turned),
        rtol=1e-5,
        atol=1e-4,
    )


def test_features_look_the_same_from_both_ends_and_for_both_charges(built):
    event, graph, tracks = built
    hits = dataclasses.replace(event.hits, y=-event.hits.y, z=-event.hits.z)
    mirrored = dataclasses.replace(event, hits=hits)

    np.testing.assert_allclose(
        track_features(event, graph, tracks),
        track_features(mirrored, graph, tracks),
        rtol=1e-4,
        atol=1e-3,
    )


def test_features_say_whether_there_are_clusters(built):
    event, graph, tracks = built
    shaped = dataclasses.replace(event, clusters=np.zeros((len(event), 9), "f4"))

    column = FEATURES.index("clusters")

    assert (track_features(shaped, graph, tracks)[:, column] == 1.0).all()


def test_features_of_no_track_are_none(built):
    event, graph, _ = built

    assert track_features(event, graph, from_lists([])).shape == (0, len(FEATURES))


def test_features_of_tracks_without_edges_are_finite():
    event = toy_event(5)
    graph = Graph(
        hits=len(event), edges=np.zeros((2, 0), "i4"), score=np.zeros(0, "f4")
    )
    owner = event.owner()
    tracks = from_lists([np.flatnonzero(owner == one) for one in range(5)])

    assert np.isfinite(track_features(event, graph, tracks)).all()
