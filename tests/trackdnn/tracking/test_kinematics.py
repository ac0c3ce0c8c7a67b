import dataclasses

import numpy as np
import pytest

from tests.trackdnn.toy_events import FIELD_TESLA, toy_event
from trackdnn.tracking.found import from_labels, from_lists
from trackdnn.tracking.kinematics import circle_radii, track_kinematics


def slow_radius(x, y, beam_line=True):
    """The same circle by NumPy's least squares, one track at a time."""
    if beam_line:
        x, y = np.append(x, 0.0), np.append(y, 0.0)
    matrix = np.stack([x, y, np.ones_like(x)], axis=1)
    (a, b, c), *_ = np.linalg.lstsq(matrix, x * x + y * y)
    return np.sqrt(c + (a * a + b * b) / 4.0)


def test_kinematics_agree_with_plain_least_squares():
    event = toy_event(60, seed=4)
    tracks = from_labels(event.owner())

    pt = track_kinematics(event, tracks)["pt"]

    for number in range(len(tracks)):
        hits = event.hits.take(tracks[number])
        radius = slow_radius(hits.x.astype(float), hits.y.astype(float))
        assert pt[number] == pytest.approx(0.299792458e-3 * 2.0 * radius, rel=1e-5)


@pytest.mark.parametrize("beam_line", [False, True])
def test_radii_agree_with_plain_least_squares(beam_line):
    event = toy_event(60, seed=5, smear=0.5)
    tracks = from_labels(event.owner())

    radii = circle_radii(event.hits, tracks, beam_line=beam_line)

    for number in np.flatnonzero(tracks.lengths > 2):
        hits = event.hits.take(tracks[number])
        slow = slow_radius(hits.x.astype(float), hits.y.astype(float), beam_line)
        assert radii[number] == pytest.approx(slow, rel=1e-4)
    assert np.isfinite(radii).sum() > 50


def test_kinematics_find_the_momentum_of_particles():
    event = toy_event(200, seed=1)
    particle = np.unique(event.owner())

    found = track_kinematics(event, from_labels(event.owner()), field=FIELD_TESLA)

    ratio = found["pt"] / event.particles.pt[particle]
    assert np.percentile(np.abs(ratio - 1.0), 90) < 0.005
    # Vertices are spread by 50 mm along the beam.
    assert np.abs(found["eta"] - event.particles.eta[particle]).max() < 0.5
    hits = event.particles.hits[particle]
    assert found["hits"].tolist() == hits.tolist()
    fast = event.particles.pt[particle] > 2.0
    turn = found["phi"] - event.particles.phi[particle]
    assert np.abs(np.sin(turn[fast])).max() < 0.15


def test_kinematics_of_straight_lines_and_of_nothing():
    event = toy_event(1)
    line = event.hits.take(np.zeros(3, dtype=int))
    x = np.array([10.0, 20.0, 30.0], dtype="f4")
    line = dataclasses.replace(line, x=x, y=np.zeros_like(x), z=x)
    event = dataclasses.replace(
        event, hits=line, truth=None, particles=None, clusters=None
    )

    found = track_kinematics(event, from_lists([[0, 1, 2], [], [0], [1, 1]]))

    assert np.isinf(found["pt"][[0, 2, 3]]).all()
    assert np.isnan(found["pt"][1])
    assert np.isnan(found["eta"][1])
    assert found["eta"][0] == pytest.approx(np.arcsinh(1.0))
    assert found["hits"].tolist() == [3, 0, 1, 2]
    assert len(track_kinematics(event, from_lists([]))["pt"]) == 0
