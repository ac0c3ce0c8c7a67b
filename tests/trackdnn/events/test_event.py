import dataclasses

import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn.events.event import NOISE, without_truth


@pytest.fixture(scope="module")
def event():
    return toy_event(30, noise=20)


def test_event_owner_names_the_row_of_each_particle(event):
    owner = event.owner()

    for hit, row in enumerate(owner):
        truth = event.truth.particle_id[hit]
        assert (
            row == -1 if truth == NOISE else event.particles.particle_id[row] == truth
        )


def test_event_hits_have_polar_coordinates(event):
    hits = event.hits

    np.testing.assert_allclose(hits.r * np.cos(hits.phi), hits.x, atol=1e-3)
    np.testing.assert_allclose(hits.r * np.sin(hits.phi), hits.y, atol=1e-3)
    np.testing.assert_allclose(hits.distance, np.hypot(hits.r, hits.z), rtol=1e-6)


def test_event_particles_have_momentum_in_other_coordinates(event):
    particles = event.particles

    np.testing.assert_allclose(
        particles.pt * np.sinh(particles.eta), particles.pz, rtol=1e-5
    )
    np.testing.assert_allclose(
        particles.pt * np.cos(particles.phi), particles.px, atol=1e-5
    )
    assert np.all(particles.radius == 0)


def test_event_take_keeps_rows_together_and_counts_hits(event):
    rows = np.arange(0, len(event), 3)

    part = event.take(rows)

    assert len(part) == len(rows)
    np.testing.assert_array_equal(part.hits.hit_id, event.hits.hit_id[rows])
    np.testing.assert_array_equal(part.owner(), event.owner()[rows])
    owner = part.owner()
    for row in range(len(part.particles)):
        assert part.particles.hits[row] == np.sum(owner == row)


def test_event_take_all_of_no_hits_leaves_an_empty_event(event):
    part = event.take(np.zeros(len(event), dtype=bool))

    assert len(part) == 0
    assert part.particles.hits.sum() == 0


def test_event_take_cuts_clusters_too(event):
    clusters = np.arange(9 * len(event), dtype="f4").reshape(-1, 9)
    shaped = dataclasses.replace(event, clusters=clusters)

    part = shaped.take(np.array([4, 2]))

    np.testing.assert_array_equal(part.clusters, clusters[[4, 2]])


def test_event_without_truth_says_so(event):
    blind = without_truth(event)

    assert len(blind.take(np.array([0]))) == 1
    with pytest.raises(ValueError, match=r"must have truth\. Received: none"):
        blind.owner()


def test_event_numbers_beyond_float32_are_infinite():
    event = toy_event(2)
    huge = np.full(len(event), 3e38, dtype="f4")
    hits = dataclasses.replace(event.hits, x=huge, y=huge)
    most = np.full(len(event.particles), 3e38, dtype="f4")
    particles = dataclasses.replace(event.particles, px=most, py=most, vx=most, vy=most)

    for values in (hits.r, hits.distance, particles.pt, particles.radius):
        assert np.isinf(values).all()
