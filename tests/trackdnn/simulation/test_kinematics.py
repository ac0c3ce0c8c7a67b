import math

import numpy as np
import pytest

from trackdnn.simulation import kinematics


@pytest.fixture
def perigee():
    rng = np.random.default_rng(1)
    tracks = 50
    return np.column_stack(
        [
            rng.normal(0, 3, tracks),
            rng.normal(0, 50, tracks),
            rng.uniform(-np.pi, np.pi, tracks),
            rng.uniform(0.2, np.pi - 0.2, tracks),
            rng.choice([-1, 1], tracks) / rng.uniform(0.5, 20, tracks),
            np.zeros(tracks),
        ]
    )


@pytest.fixture
def covariance():
    rng = np.random.default_rng(2)
    root = rng.normal(0, 1e-2, (50, 6, 6))
    return root @ root.transpose(0, 2, 1)


@pytest.fixture
def columns(perigee, covariance):
    return kinematics.perigee_columns(perigee, covariance)


def test_perigee_columns_equal_their_definitions(columns, perigee):
    for i, (loc0, loc1, phi, theta, qop, _) in enumerate(perigee):
        p = abs(1 / qop)
        pt = p * math.sin(theta)

        assert columns["pt"][i] == pytest.approx(pt)
        assert columns["px"][i] == pytest.approx(pt * math.cos(phi))
        assert columns["py"][i] == pytest.approx(pt * math.sin(phi))
        assert columns["pz"][i] == pytest.approx(p * math.cos(theta))
        assert columns["eta"][i] == pytest.approx(-math.log(math.tan(theta / 2)))
        assert columns["lambda"][i] == pytest.approx(math.pi / 2 - theta)
        assert columns["cotTheta"][i] == pytest.approx(p * math.cos(theta) / pt)
        assert columns["q"][i] == math.copysign(1, qop)
        assert columns["dxy"][i] == pytest.approx(0.1 * loc0)
        assert columns["dz"][i] == pytest.approx(0.1 * loc1)


def test_perigee_columns_agree_with_the_impact_to_the_beam_spot(columns):
    dxy, dz = kinematics.impact(columns, np.zeros(3))

    np.testing.assert_allclose(dxy, columns["dxy"], atol=1e-12)
    np.testing.assert_allclose(dz, columns["dz"], atol=1e-12)


def test_impact_follows_the_formula_of_cms(columns):
    x0, y0, z0 = point = np.array([0.1, -0.2, 3.0])

    dxy, dz = kinematics.impact(columns, point)

    for i in range(len(dxy)):
        px, py, pz = (columns[name][i] for name in ("px", "py", "pz"))
        pt = math.hypot(px, py)
        vx, vy, vz = (columns[f"refpoint_{axis}"][i] for axis in "xyz")
        assert dxy[i] == pytest.approx((-(vx - x0) * py + (vy - y0) * px) / pt)
        along = ((vx - x0) * px + (vy - y0) * py) / pt
        assert dz[i] == pytest.approx((vz - z0) - along * pz / pt)


def test_errors_equal_the_numerical_propagation(columns, perigee, covariance):
    step = 1e-6
    for name, error in (("pt", "ptErr"), ("eta", "etaErr"), ("phi", "phiErr")):
        slope = np.zeros_like(perigee)
        for axis in range(5):
            shift = np.zeros(6)
            shift[axis] = step
            up = kinematics.perigee_columns(perigee + shift, covariance)[name]
            down = kinematics.perigee_columns(perigee - shift, covariance)[name]
            slope[:, axis] = (up - down) / (2 * step)
        variance = np.einsum("ti,tij,tj->t", slope, covariance, slope)

        np.testing.assert_allclose(columns[error], np.sqrt(variance), rtol=1e-4)


def test_errors_of_a_negative_variance_are_nan(perigee, covariance):
    covariance[:, 0, 0] = -1.0

    columns = kinematics.perigee_columns(perigee, covariance)

    assert np.isnan(columns["dxyErr"]).all()
    assert np.isfinite(columns["dzErr"]).all()


def test_closest_vertex_has_the_smallest_dz(columns):
    vertices = np.array([[0.0, 0.0, -4.0], [0.0, 0.0, 0.0], [0.0, 0.0, 4.0]])

    chosen = kinematics.closest_vertex(columns, vertices)

    for i in range(len(chosen)):
        distances = [abs(kinematics.impact(columns, v)[1][i]) for v in vertices]
        np.testing.assert_array_equal(chosen[i], vertices[np.argmin(distances)])


def test_closest_vertex_without_vertices_is_the_default_of_cms(columns):
    point = kinematics.closest_vertex(columns, np.zeros((0, 3)))

    _, dz = kinematics.impact(columns, point)
    assert point.shape == (50, 3)
    assert (np.abs(dz) > 9e4).all()
