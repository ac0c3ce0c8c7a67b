import numpy as np

from trackdnn.events.event import NOISE
from trackdnn.events.weights import generation


def test_passage_reader_lists_charged_particles_by_id(simulated):
    particles = simulated[0].event.particles

    assert (np.diff(particles.particle_id) > 0).all()
    assert set(particles.charge.tolist()) == {-1, 1}
    assert (particles.particle_id >> 52).min() == 1


def test_passage_reader_knows_the_generations(simulated):
    particles = simulated[0].event.particles
    later = generation(particles.particle_id) > 0

    # Decays and conversions happen away from the beam; nothing else does.
    assert (particles.radius[~later] < 0.2).all()
    assert 0.02 < later.mean() < 0.5


def test_passage_reader_keeps_soft_particles_of_the_barrel(simulated):
    particles = simulated[0].event.particles
    soft = (particles.pt < 0.3) & (np.abs(particles.eta) < 0.8)

    assert soft.sum() >= 5
    assert particles.hits[soft].mean() > 4


def test_passage_reader_puts_hits_on_their_sensors(simulated):
    event = simulated[0].event
    made = event.truth.particle_id != NOISE
    barrel = (event.hits.volume == 8) & (event.hits.layer == 2) & made

    assert barrel.sum() > 10
    np.testing.assert_allclose(event.hits.r[barrel], 32.0, atol=2.5)
    apart = np.abs(event.hits.z - event.truth.z)[made & (event.hits.volume == 8)]
    assert apart.max() < 0.2


def test_passage_reader_gives_momenta_at_the_hits(simulated):
    event = simulated[0].event
    owner = event.owner()
    mine = owner >= 0
    truth, particles = event.truth, event.particles
    at_hit = np.linalg.norm([truth.px, truth.py, truth.pz], axis=0)[mine]
    at_vertex = np.linalg.norm([particles.px, particles.py, particles.pz], axis=0)
    share = at_hit / at_vertex[owner[mine]]

    assert np.median(share) > 0.97
    assert share.max() < 1.0001
