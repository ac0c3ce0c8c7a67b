"""Neighbour search beside all distances."""

import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn.events.event import without_truth
from trackdnn.graphs.neighbours import Neighbours, coordinates, search
from trackdnn.graphs.quality import edge_quality
from trackdnn.settings.finding import NeighboursSettings


def slow_search(points, radius, most):
    """All distances; the nearest of each point; pairs of both directions."""
    found = {}
    for row, point in enumerate(points):
        distances = np.sqrt(((points - point) ** 2).sum(axis=1))
        others = [other for other in np.argsort(distances) if other != row][:most]
        for other in others:
            if radius is None or distances[other] < radius:
                pair = int(min(row, other)), int(max(row, other))
                found[pair] = distances[other]
    return found


@pytest.mark.parametrize("radius", [None, 0.3, 0.05, 1e-9])
@pytest.mark.parametrize("most", [1, 5, 300])
@pytest.mark.parametrize("dimensions", [1, 3, 8])
def test_pairs_are_those_of_all_distances(radius, most, dimensions):
    points = np.random.default_rng(most).random((120, dimensions))
    pairs, distances = search(points, radius=radius, most=most, chunk=50)
    expected = slow_search(points, radius, most)

    assert [tuple(pair) for pair in pairs.T.tolist()] == sorted(expected)
    np.testing.assert_allclose(distances, [expected[tuple(p)] for p in pairs.T])
    assert pairs.dtype == np.int32


def test_chunks_change_nothing():
    points = np.random.default_rng(2).random((500, 3))
    whole = search(points, most=7)

    for chunk in (1, 13, 500):
        for one, other in zip(whole, search(points, most=7, chunk=chunk), strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_few_points(number):
    pairs, distances = search(np.zeros((number, 3)), radius=1.0, most=4)

    assert pairs.shape == (2, max(number - 1, 0))
    assert len(distances) == pairs.shape[1]


def test_points_at_one_place_have_as_many_neighbours_as_wanted():
    pairs, distances = search(np.zeros((40, 2)), radius=1.0, most=3)
    count = np.bincount(pairs.ravel(), minlength=40)

    assert count.min() >= 3
    assert pairs.shape[1] <= 120
    assert not distances.any()
    assert (pairs[0] < pairs[1]).all()


def test_points_that_are_not_finite_have_no_pair():
    points = np.random.default_rng(4).random((30, 2))
    points[[3, 17]] = np.nan, np.inf
    pairs, _ = search(points, most=29)

    assert not np.isin(pairs, [3, 17]).any()
    assert pairs.shape[1] == 28 * 27 / 2


def test_coordinates_have_no_seam():
    event = toy_event(100)
    points = coordinates(event.hits, 3000.0)
    phi = event.hits.phi
    turned = np.stack([phi - 2 * np.pi, phi + 2 * np.pi])

    np.testing.assert_allclose(points[:, 0], np.cos(turned)[0], atol=1e-5)
    np.testing.assert_allclose(points[:, 1], np.sin(turned)[1], atol=1e-5)
    assert np.isfinite(points).all()


def test_coordinates_of_hits_on_the_beam_line():
    event = toy_event(2)
    event.hits.x[:] = event.hits.y[:] = event.hits.z[:] = 0.0

    assert np.isfinite(coordinates(event.hits, 3000.0)).all()


@pytest.mark.parametrize("radius", [0.2, None])
def test_graph_of_neighbours(radius, tmp_path):
    settings = NeighboursSettings(radius=radius, most=10)
    made = Neighbours.train(settings, [], seed=1, progress=False)
    made.save(tmp_path)
    event = toy_event(80, noise=40)
    graph = Neighbours.load(settings, tmp_path).build(without_truth(event))
    quality = edge_quality(event, graph, "modulewise")

    assert 0 < len(graph) <= 10 * len(event)
    assert (graph.score > 0).all()
    assert (graph.score <= 1).all()
    assert quality.found > 0.5 * quality.wanted


@pytest.mark.parametrize(("particles", "noise"), [(0, 0), (0, 1), (0, 5)])
def test_graph_of_few_hits(particles, noise):
    event = toy_event(particles, noise=noise)
    graph = Neighbours(NeighboursSettings(radius=None)).build(event)

    assert graph.edges.shape == (2, noise * (noise - 1) / 2)
