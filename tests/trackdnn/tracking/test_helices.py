import numpy as np
import pytest
from scipy.optimize import least_squares

from trackdnn.events.event import Hits
from trackdnn.tracking.found import from_lists
from trackdnn.tracking.helices import fit_helices


def hits_of(x, y, z):
    count = len(x)
    numbers = np.zeros(count, np.int32)
    return Hits(
        hit_id=np.arange(1, count + 1),
        x=np.float32(x),
        y=np.float32(y),
        z=np.float32(z),
        volume=numbers,
        layer=numbers,
        module=numbers,
    )


def helix(*, radius, phi, d0=0.0, z0=0.0, slope=0.5, lengths=(30, 70, 120, 200, 320)):
    """Points of a helix that passes the beam line at `d0`, mm."""
    s = np.array(lengths, dtype=float)
    centre = (radius + d0) * np.array([np.sin(phi), -np.cos(phi)])
    angle = phi + np.pi / 2 - s / radius
    x = centre[0] + radius * np.cos(angle)
    y = centre[1] + radius * np.sin(angle)
    return x, y, z0 + slope * s


def fit(*tracks):
    ends = np.cumsum([len(one[0]) for one in tracks])
    rows = np.split(np.arange(ends[-1]), ends[:-1])
    return fit_helices(hits_of(*np.concatenate(tracks, axis=1)), from_lists(rows))


@pytest.mark.parametrize("radius", [500.0, 5_000.0, -800.0, 1e6])
@pytest.mark.parametrize("phi", [0.1, 2.0, -1.6])
def test_helices_through_the_beam_line_are_found(radius, phi):
    found = fit(helix(radius=radius, phi=phi, z0=12.0, slope=-0.7))

    assert found.curvature[0] == pytest.approx(1000.0 / abs(radius), abs=2e-4)
    assert found.d0[0] == pytest.approx(0.0, abs=2e-3)
    assert found.z0[0] == pytest.approx(12.0, abs=1e-3)
    assert found.cot_theta[0] == pytest.approx(-0.7, abs=1e-5)
    assert found.residual[0] == pytest.approx(0.0, abs=1e-3)
    assert found.residual_z[0] == pytest.approx(0.0, abs=1e-3)


@pytest.mark.parametrize("d0", [-3.0, 0.5, 5.0])
def test_helices_beside_the_beam_line_keep_their_distance(d0):
    found = fit(helix(radius=900.0, phi=0.6, d0=d0))

    assert found.d0[0] == pytest.approx(abs(d0), rel=1e-2)
    assert found.residual[0] == pytest.approx(0.0, abs=5e-3)


def test_helices_are_those_of_a_slow_geometric_fit():
    rng = np.random.default_rng(3)
    directions, tracks = (0.2, 1.4, -2.5), []
    for phi in directions:
        x, y, z = helix(radius=1_200.0, phi=phi, d0=1.0)
        tracks.append((x + rng.normal(0, 0.05, 5), y + rng.normal(0, 0.05, 5), z))

    found = fit(*tracks)

    for row, (phi, (x, y, _)) in enumerate(zip(directions, tracks, strict=True)):
        curvature, d0, residual = geometric_fit(x, y, phi)
        assert found.curvature[row] == pytest.approx(curvature, rel=1e-3)
        assert found.d0[row] == pytest.approx(d0, rel=1e-2, abs=1e-3)
        assert found.residual[row] == pytest.approx(residual, rel=1e-2)


def geometric_fit(x, y, phi):
    """The circle of least squares of the distances, from a start at their side."""

    def distances(circle):
        a, b, radius = circle
        return np.hypot(x - a, y - b) - radius

    start = (1_000 * np.sin(phi), -1_000 * np.cos(phi), 1_000.0)
    a, b, radius = least_squares(distances, start, x_scale=100.0, xtol=1e-14).x
    residual = np.sqrt(np.mean(distances((a, b, radius)) ** 2))
    return 1000.0 / radius, abs(np.hypot(a, b) - radius), residual


def test_helices_of_tracks_do_not_depend_on_each_other():
    tracks = [helix(radius=r, phi=1.0) for r in (300.0, 700.0, 9_000.0)]

    together = fit(*tracks)

    for row, track in enumerate(tracks):
        alone = fit(track)
        for name in ("curvature", "d0", "z0", "cot_theta", "residual", "residual_z"):
            both = getattr(together, name)[row], getattr(alone, name)[0]
            assert both[0] == pytest.approx(both[1], rel=1e-9, abs=1e-9)


def test_helices_through_three_hits_leave_no_residual():
    rng = np.random.default_rng(1)
    found = fit(*(tuple(rng.normal(size=(3, 3)) * 100) for _ in range(20)))

    assert np.isfinite(found.d0).all()


def test_helices_of_no_track_are_none():
    found = fit_helices(hits_of([1.0], [2.0], [3.0]), from_lists([]))

    assert found.curvature.shape == (0,)


def test_helices_of_hits_in_one_place_are_finite():
    found = fit((np.full(3, 30.0), np.zeros(3), np.full(3, 5.0)))

    for name in ("curvature", "d0", "z0", "cot_theta", "residual", "residual_z"):
        assert np.isfinite(getattr(found, name)).all()
