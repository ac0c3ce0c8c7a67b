import dataclasses

import numpy as np
import pytest

from tests.trackdnn.graphs.edge_filter.windows import Windows
from tests.trackdnn.toy_events import FIELD_TESLA, toy_event
from trackdnn.events.clusters import FEATURES as CLUSTERS
from trackdnn.events.event import without_truth
from trackdnn.graphs.edge_filter.features import FEATURES, edge_features, turn
from trackdnn.graphs.graph import Graph, graph_of

COLUMN = {name: place for place, name in enumerate(FEATURES)}
EVERY = slice(None)


def one_by_one(event, graph):
    """Slow twin for events in the barrel: circles by their centres."""
    rows = []
    for a, b in graph.edges.T:
        x, y, z = (np.float64(getattr(event.hits, name)[[a, b]]) for name in "xyz")
        z *= -1 if z[1] < 0 else 1
        r = np.hypot(x, y)
        phi = np.arctan2(y, x)
        dphi = min(abs(phi[1] - phi[0]), 2 * np.pi - abs(phi[1] - phi[0]))
        # The centre is equally far from the beam line and both hits.
        centre = np.linalg.solve(2 * np.stack([x, y], axis=1), r**2)
        radius = np.hypot(*centre)
        arcs = 2 * radius * np.arcsin(r / (2 * radius))
        cot = (z[1] - z[0]) / (arcs[1] - arcs[0])
        eta = np.arcsinh(z / r)
        rows.append(
            {
                "r1": r[0],
                "r2": r[1],
                "z1": z[0],
                "z2": z[1],
                "volume1": event.hits.volume[a],
                "volume2": event.hits.volume[b],
                "dr": r[1] - r[0],
                "dz": z[1] - z[0],
                "dphi": dphi,
                "bend": dphi / (r[1] - r[0]),
                "curvature": 1 / radius,
                "z0": z[0] - r[0] * (z[1] - z[0]) / (r[1] - r[0]),
                "z0_helix": z[0] - arcs[0] * cot,
                "cot": cot,
                "deta": eta[1] - eta[0],
            }
        )
    return rows


@pytest.fixture(scope="module")
def made():
    event = without_truth(toy_event(20, noise=20))
    graph = Windows(dphi=0.2).build(event)
    return event, graph, edge_features(event, graph, EVERY)


def test_features_are_those_of_the_slow_twin(made):
    event, graph, features = made

    expected = one_by_one(event, graph)

    assert len(graph) > 100
    for name in expected[0]:
        # Circles are nearly straight lines, and float32 has seven digits.
        tolerance = {"rtol": 2e-3, "atol": 2e-3 if name.startswith("z0") else 2e-6}
        column = [row[name] for row in expected]
        np.testing.assert_allclose(features[:, COLUMN[name]], column, **tolerance)


def test_features_of_a_helix_tell_its_radius_and_origin():
    event = toy_event(40, smear=0.0)
    graph = Windows().build(without_truth(event))
    owner = event.owner()
    same = owner[graph.edges[0]] == owner[graph.edges[1]]
    straight = event.particles.pt[owner[graph.edges[0]]] > 0.6
    graph = graph.take(same & straight)

    features = edge_features(event, graph, EVERY)

    particle = owner[graph.edges[0]]
    radius = event.particles.pt[particle] / (0.3e-3 * FIELD_TESLA)
    np.testing.assert_allclose(features[:, COLUMN["curvature"]], 1 / radius, rtol=1e-3)
    z0 = np.abs(features[:, COLUMN["z0_helix"]])
    np.testing.assert_allclose(z0, np.abs(event.particles.vz[particle]), atol=0.05)


def test_features_are_the_same_of_the_mirrored_event(made):
    event, graph, features = made
    mirrored = dataclasses.replace(event.hits, y=-event.hits.y, z=-event.hits.z)

    other = edge_features(dataclasses.replace(event, hits=mirrored), graph, EVERY)

    np.testing.assert_allclose(other, features, rtol=1e-3, atol=1e-5)


def test_features_of_rows_are_rows_of_features(made):
    event, graph, features = made
    rows = np.array([3, 5, 50])

    some = edge_features(event, graph, rows)

    np.testing.assert_array_equal(some, features[rows])
    assert some.dtype == np.float32


def test_features_of_clusters_and_scores_are_nan_where_there_are_none(made):
    _, _, features = made
    missing = [place for name, place in COLUMN.items() if name[:4] in {"wide", "long"}]
    missing += [COLUMN["slope1"], COLUMN["slope2"], COLUMN["score"]]

    assert np.isnan(features[:, missing]).all()
    assert np.isfinite(np.delete(features, missing, axis=1)).all()


def test_features_compare_clusters_with_the_edge(made):
    event, graph, _ = made
    clusters = np.zeros((len(event), len(CLUSTERS)), dtype="f4")
    clusters[:, CLUSTERS.index("lx")] = 0.1
    clusters[:, CLUSTERS.index("ly")] = 0.6
    clusters[:, CLUSTERS.index("lz")] = 0.3
    event = dataclasses.replace(event, clusters=clusters)
    graph = graph.scored(np.full(len(graph), 0.25, dtype="f4"))

    features = edge_features(event, graph, EVERY)

    slope = np.abs(features[:, COLUMN["dz"]] / features[:, COLUMN["dr"]])
    np.testing.assert_allclose(features[:, COLUMN["wide1"]], 1 / 3, rtol=1e-5)
    np.testing.assert_allclose(features[:, COLUMN["long2"]], 2.0, rtol=1e-5)
    np.testing.assert_allclose(features[:, COLUMN["slope2"]], slope - 2, atol=1e-3)
    assert (features[:, COLUMN["score"]] == 0.25).all()


def test_features_of_equal_places_are_nan_and_no_warning():
    event = toy_event(2)
    hits = event.hits.take(np.array([0, 0, 1]))
    event = dataclasses.replace(without_truth(event), hits=hits)
    graph = graph_of(event, np.array([[0, 0], [1, 2]]))

    features = edge_features(event, graph, EVERY)

    assert np.isnan(features[0, COLUMN["bend"]])
    assert not np.isinf(features).any()


def test_features_of_no_edges_have_their_columns():
    event = toy_event(3)
    graph = Graph(hits=len(event), edges=np.zeros((2, 0), dtype="i4"))

    assert edge_features(event, graph, EVERY).shape == (0, len(FEATURES))


def test_turn_brings_angles_between_minus_pi_and_pi():
    assert turn(np.array([0.1, 2 * np.pi + 0.1, -6.0])) == pytest.approx(
        [0.1, 0.1, 2 * np.pi - 6.0]
    )
