import dataclasses
import math

import numpy as np
import pytest

from tests.trackdnn.tracking.joining.pieces import broken
from trackdnn.graphs.graph import Graph
from trackdnn.settings.finding import JoiningSettings
from trackdnn.tracking.found import from_lists
from trackdnn.tracking.helices import fit_helices
from trackdnn.tracking.joining.features import FEATURES, together
from trackdnn.tracking.joining.joining import look

SETTINGS = JoiningSettings(eta=1.0, phi=2.0)


def logit(score):
    score = min(max(float(score), 1e-7), 1 - 1e-7)
    return min(max(math.log(score / (1 - score)), -14.0), 14.0)


def slowly(event, graph, inner, outer):
    """Features of one pair, in loops; helices of its own fits."""
    place = np.stack([event.hits.x, event.hits.y, event.hits.z], axis=1).astype(float)
    start, end = inner[-1], outer[0]

    def towards(a, b):
        x, y, z = place[b] - place[a]
        return math.asinh(z / math.hypot(x, y)), math.atan2(y, x)

    before, way, after = (
        towards(inner[-2], start),
        towards(start, end),
        towards(end, outer[1]),
    )
    turns = [
        math.remainder(b[1] - a[1], 2 * math.pi)
        for a, b in ((before, way), (way, after))
    ]
    sign = -1.0 if sum(turns) < 0 else 1.0
    edge, out, into = -14.0, -14.0, -14.0
    for sender, receiver, score in zip(
        *graph.edges.tolist(), graph.score.tolist(), strict=True
    ):
        value = logit(np.float32(score))
        if (sender, receiver) == (start, end):
            edge = value
        elif sender == start:
            out = max(out, value)
        elif receiver == end:
            into = max(into, value)
    one, other, both = (
        fit_helices(event.hits, from_lists([rows]))
        for rows in (inner, outer, np.concatenate([inner, outer]))
    )
    return {
        "hits_inner": len(inner),
        "hits_outer": len(outer),
        "residual": both.residual[0],
        "residual_z": both.residual_z[0],
        "own": max(one.residual[0], other.residual[0]),
        "own_z": max(one.residual_z[0], other.residual_z[0]),
        "d0": both.d0[0],
        "z0": abs(both.z0[0]),
        "curvature": both.curvature[0],
        "cot_theta": abs(both.cot_theta[0]),
        "curvature_gap": abs(one.curvature[0] - other.curvature[0]),
        "cot_theta_gap": abs(one.cot_theta[0] - other.cot_theta[0]),
        "turn_inner": sign * turns[0],
        "turn_outer": sign * turns[1],
        "rise_inner": abs(way[0] - before[0]),
        "rise_outer": abs(after[0] - way[0]),
        "gap": math.dist(place[start], place[end]),
        "r_inner": math.hypot(*place[start][:2]),
        "r_outer": math.hypot(*place[end][:2]),
        "z_inner": abs(place[start][2]),
        "z_outer": abs(place[end][2]),
        "edge": edge,
        "rival_inner": out,
        "rival_outer": into,
        "clusters": 0.0,
    }


@pytest.mark.parametrize("lost", [True, False])
def test_features_are_those_of_a_slow_twin(lost):
    event, graph, tracks, parted = broken(30)
    if not lost:
        # The edge between both ends is there, though no builder took it.
        edges = np.concatenate([graph.edges, np.array(sorted(parted), "i4").T], axis=1)
        score = np.concatenate([graph.score, np.full(len(parted), 0.02, "f4")])
        graph = Graph(hits=graph.hits, edges=edges, score=score)

    tracks, pairs, features = look(SETTINGS, event, graph, tracks)

    assert features.shape == (pairs.shape[1], len(FEATURES))
    assert pairs.shape[1] > 10
    for row, (inner, outer) in zip(features, pairs.T, strict=True):
        found = dict(zip(FEATURES, row.tolist(), strict=True))
        for name, value in slowly(event, graph, tracks[inner], tracks[outer]).items():
            assert found[name] == pytest.approx(value, rel=1e-4, abs=2e-4), name


def test_features_look_the_same_from_both_ends_and_for_both_charges():
    event, graph, tracks, _ = broken(30)
    hits = dataclasses.replace(event.hits, y=-event.hits.y, z=-event.hits.z)
    mirrored = dataclasses.replace(event, hits=hits)

    _, pairs, features = look(SETTINGS, event, graph, tracks)
    _, again, others = look(SETTINGS, mirrored, graph, tracks)

    np.testing.assert_array_equal(pairs, again)
    np.testing.assert_allclose(features, others, rtol=1e-3, atol=1e-3)


def test_features_of_a_graph_without_edges_are_finite():
    event, graph, tracks, _ = broken(10)
    bare = Graph(hits=graph.hits, edges=np.zeros((2, 0), "i4"), score=np.zeros(0, "f4"))

    _, _, features = look(SETTINGS, event, bare, tracks)

    assert np.isfinite(features).all()
    assert (features[:, FEATURES.index("edge")] == -14.0).all()


def test_features_of_no_pair_are_none():
    event, graph, tracks, _ = broken(4)

    _, pairs, features = look(JoiningSettings(eta=1e-6), event, graph, tracks)

    assert pairs.shape == (2, 0)
    assert features.shape == (0, len(FEATURES))


def test_together_is_both_hits_of_each_pair():
    tracks = from_lists([[4, 1], [0, 3, 7], [5]])

    both = together(tracks, np.array([[0, 2, 0], [1, 0, 2]]))

    assert [track.tolist() for track in both] == [[4, 1, 0, 3, 7], [5, 4, 1], [4, 1, 5]]


def test_a_rival_is_never_the_edge_itself():
    event, _, tracks, _ = broken(4, noise=0)
    tracks, pairs, _ = look(
        SETTINGS, event, Graph(hits=len(event), edges=np.zeros((2, 0), "i4")), tracks
    )
    inner, outer = tracks[pairs[0][0]], tracks[pairs[1][0]]
    start, end = inner[-1], outer[0]
    edges = np.array([[start, start, inner[0]], [end, outer[1], end]], "i4")

    def rivals(score):
        graph = Graph(hits=len(event), edges=edges, score=np.array(score, "f4"))
        _, _, features = look(SETTINGS, event, graph, tracks)
        names = ("edge", "rival_inner", "rival_outer")
        return [features[0][FEATURES.index(name)] for name in names]

    best = rivals([0.9, 0.5, 0.2])
    assert best == pytest.approx([logit(0.9), logit(0.5), logit(0.2)], rel=1e-5)
    second = rivals([0.3, 0.5, 0.8])
    assert second == pytest.approx([logit(0.3), logit(0.5), logit(0.8)], rel=1e-5)
    equal = rivals([0.5, 0.5, 0.5])
    assert equal == pytest.approx([0.0, 0.0, 0.0], abs=1e-6)
