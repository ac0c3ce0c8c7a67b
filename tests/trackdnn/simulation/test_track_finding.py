import numpy as np
import pytest

pytest.importorskip("acts")

from trackdnn.simulation.track_finding import position_variance


def test_tracks_are_those_of_particles(simulated):
    made, found = simulated
    owner = made.event.owner()

    right = []
    for track in found.tracks:
        mine = owner[track]
        best = np.bincount(mine[mine >= 0]).argmax()
        right.append((mine == best).mean())

    assert len(found.tracks) > 20
    assert np.mean(np.array(right) > 0.5) > 0.95


def test_tracks_find_the_particles_in_acceptance(simulated):
    made, found = simulated
    particles, owner = made.event.particles, made.event.owner()
    wanted = (particles.pt > 0.9) & (np.abs(particles.eta) < 2.5)
    wanted &= (particles.hits >= 7) & (particles.radius < 3)

    matched = {
        np.bincount(owner[one][owner[one] >= 0]).argmax() for one in found.tracks
    }

    rate = np.mean([row in matched for row in np.flatnonzero(wanted)])
    assert wanted.sum() > 10
    assert rate > 0.9


def test_tracks_share_few_hits(simulated):
    _, found = simulated

    hits = np.concatenate(found.tracks)

    assert len(found.tracks) <= found.before
    assert all(len(np.unique(one)) == len(one) >= 5 for one in found.tracks)
    assert len(np.unique(hits)) > 0.9 * len(hits)


def test_finding_takes_processor_time(simulated):
    assert 0 < simulated[1].seconds < 60


def test_position_variance_depends_on_the_width():
    width = np.array([[1, 2], [3, 1]])
    pitch = np.array([[0.05, 0.05], [0.08, 1.2]])

    sigma = np.sqrt(position_variance(width, pitch))

    expected = [[0.05 / np.sqrt(12), 0.01], [0.016, 1.2 / np.sqrt(12)]]
    np.testing.assert_allclose(sigma, expected)
