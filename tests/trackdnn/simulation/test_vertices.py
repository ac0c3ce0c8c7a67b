import numpy as np
import pytest

from trackdnn.simulation import vertices


def make_event(rng, positions, tracks):
    """Prompt tracks from vertices at `positions` (cm) on the beam line."""
    z = np.repeat(positions, tracks)
    size = len(z)
    return {
        "dxy": rng.normal(0, 0.005, size),
        "dz": z + rng.normal(0, 0.005, size),
        "dxyErr": np.full(size, 0.005),
        "dzErr": np.full(size, 0.005),
        "phi": rng.uniform(-np.pi, np.pi, size),
        "pt": rng.uniform(0.5, 2.0, size),
    }


def test_find_vertices_finds_separate_vertices():
    positions = np.array([-4.0, -1.0, 0.0, 0.3, 5.0])
    columns = make_event(np.random.default_rng(1), positions, 20)

    found = vertices.find_vertices(columns)

    np.testing.assert_allclose(np.sort(found.position[:, 2]), positions, atol=0.005)
    assert (found.error[:, 2] < 0.003).all()
    np.testing.assert_allclose(found.ndof, 2 * 20 - 1, atol=4)
    assert (found.chi2 / found.ndof < 2.0).all()


def test_find_vertices_puts_the_largest_sum_of_pt_squared_first():
    rng = np.random.default_rng(2)
    columns = make_event(rng, np.array([-2.0, 2.0]), 10)
    columns["pt"][10:] += 5.0

    found = vertices.find_vertices(columns)

    np.testing.assert_allclose(found.position[:, 2], [2.0, -2.0], atol=0.01)


def test_find_vertices_equals_the_weighted_mean_of_a_lonely_vertex():
    rng = np.random.default_rng(3)
    columns = make_event(rng, np.array([1.0]), 30)
    columns["dzErr"] = rng.uniform(0.004, 0.01, 30)

    found = vertices.find_vertices(columns)

    weight = 0.0
    total = 0.0
    for z, sigma in zip(columns["dz"], columns["dzErr"], strict=True):
        weight += 1 / sigma**2
        total += z / sigma**2
    assert found.position[0, 2] == pytest.approx(total / weight, abs=2e-4)


def test_find_vertices_needs_two_tracks():
    columns = make_event(np.random.default_rng(4), np.array([0.0]), 1)

    assert len(vertices.find_vertices(columns).position) == 0


def test_find_vertices_without_tracks_finds_none():
    columns = make_event(np.random.default_rng(5), np.zeros(0), 1)

    assert len(vertices.find_vertices(columns).position) == 0


def test_beam_spot_is_one_vertex_without_freedom():
    beam = vertices.beam_spot(5.3)

    assert beam.position.tolist() == [[0.0, 0.0, 0.0]]
    assert beam.ndof.tolist() == [0.0]
