"""Quantities of doublets beside their definitions."""

import math

import numpy as np
import pytest

from tests.trackdnn.toy_events import FIELD_TESLA, toy_event
from trackdnn.graphs.module_map.geometry import differences, doublets, scale
from trackdnn.graphs.module_map.joining import chained
from trackdnn.graphs.module_map.regions import places_of
from trackdnn.graphs.truth_graphs import true_edges
from trackdnn.settings.finding import ModuleMapSettings


def slow_doublet(hits, first, second):
    """One pair, with the circle through three points from its sides and its area."""
    a = np.array([hits.x[first], hits.y[first]], dtype=float)
    b = np.array([hits.x[second], hits.y[second]], dtype=float)
    cross = a[0] * b[1] - a[1] * b[0]
    dphi = math.atan2(cross, a @ b)
    sides = np.linalg.norm(a) * np.linalg.norm(b) * np.linalg.norm(b - a)
    bend = 2 * cross / sides
    r1, r2, z1, z2 = np.linalg.norm(a), np.linalg.norm(b), hits.z[first], hits.z[second]
    theta = math.atan2(r2 - r1, z2 - z1)
    line = np.array([r2 - r1, z2 - z1]) / math.hypot(r2 - r1, z2 - z1)
    miss = z1 * line[0] - r1 * line[1]
    return dphi, bend, theta, miss


def test_quantities_are_those_of_their_definitions():
    event = toy_event(30, noise=30)
    rng = np.random.default_rng(1)
    pairs = rng.integers(0, len(event), (2, 400))
    pairs = pairs[:, pairs[0] != pairs[1]]
    found = doublets(places_of(event.hits, ModuleMapSettings()), pairs)
    expected = np.array([slow_doublet(event.hits, *pair) for pair in pairs.T]).T

    np.testing.assert_allclose(found.dphi, expected[0], atol=1e-5)
    np.testing.assert_allclose(found.bend, expected[1], atol=1e-7)
    np.testing.assert_allclose(found.theta, expected[2], atol=1e-4)
    np.testing.assert_allclose(found.miss, expected[3], atol=0.05)


def test_true_doublets_know_momentum_direction_and_vertex():
    event = toy_event(100, smear=0.0)
    event = event.take(event.hits.r < 400)
    pairs = true_edges(event, "eom")
    # A vertex far from the origin makes the outer hit the nearer one.
    pairs = pairs[:, event.hits.r[pairs[0]] < event.hits.r[pairs[1]]]
    found = doublets(places_of(event.hits, ModuleMapSettings()), pairs)
    row = event.owner()[pairs[0]]
    particles = event.particles
    radius = particles.pt[row] / (0.3e-3 * FIELD_TESLA)

    np.testing.assert_allclose(np.abs(found.bend), 1 / radius, rtol=0.02)
    stiff = particles.pt[row] > 1.0
    theta = np.arctan2(1.0, np.sinh(particles.eta[row]))
    np.testing.assert_allclose(found.theta[stiff], theta[stiff], atol=0.03)
    z0 = found.miss / np.sin(found.theta)
    np.testing.assert_allclose(z0[stiff], particles.vz[row][stiff], atol=6.0)


def test_changes_within_a_particle_are_small():
    event = toy_event(100)
    pairs = true_edges(event, "eom")
    found = doublets(places_of(event.hits, ModuleMapSettings()), pairs)
    first, second = chained(pairs)
    theta, bend = differences(found, first, second)
    rng = np.random.default_rng(1)
    far = differences(found, first, rng.permutation(second))

    assert np.median(theta) < 0.05 * np.median(far[0])
    assert np.median(bend) < 0.05 * np.median(far[1])


def test_changes_count_in_units_of_the_first():
    event = toy_event(20)
    pairs = true_edges(event, "eom")
    found = doublets(places_of(event.hits, ModuleMapSettings()), pairs)
    theta, bend = differences(found, np.array([3]), np.array([8]))
    unit = scale(found.bend)[3]

    assert theta[0] == pytest.approx(abs(found.theta[8] - found.theta[3]) / unit)
    assert bend[0] == pytest.approx(abs(found.bend[8] - found.bend[3]) / unit)
    assert scale(np.zeros(1, np.float32)) > 0


def test_hits_at_one_place_have_finite_quantities():
    event = toy_event(2)
    pairs = np.array([[0, 1], [0, 1]])
    found = doublets(places_of(event.hits, ModuleMapSettings()), pairs)

    for name in ("dphi", "bend", "theta", "miss"):
        assert np.isfinite(getattr(found, name)).all()
        assert getattr(found.take(np.array([1])), name).shape == (1,)
