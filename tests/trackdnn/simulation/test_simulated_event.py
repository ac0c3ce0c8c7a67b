import numpy as np
import pytest

from trackdnn.events.event import NOISE, Particles
from trackdnn.events.weights import generation
from trackdnn.simulation.geometric_digitization import Crossings
from trackdnn.simulation.simulated_event import (
    Passages,
    Response,
    observe,
    particle_identity,
)


def make_particles(count):
    zeros = np.zeros(count, dtype=np.float32)
    return Particles(
        particle_id=np.arange(1, count + 1),
        vx=zeros,
        vy=zeros,
        vz=zeros,
        px=zeros + 1,
        py=zeros,
        pz=zeros,
        charge=np.ones(count, dtype=np.int32),
        hits=np.zeros(count, dtype=np.int32),
    )


def make_passages(modules, module, particle):
    """Paths through the middles of modules, straight from the origin."""
    module = np.asarray(module, dtype=int)
    position = modules.center[module].reshape(-1, 3)
    norm = np.linalg.norm(position, axis=1, keepdims=True)
    return Passages(
        crossings=Crossings(
            module=module, position=position, direction=position / norm
        ),
        momentum=2 * position / norm,
        particle_id=np.asarray(particle, dtype=np.int64),
    )


def make_event(modules, module, particle, *, noise=0.0, hit_loss=0.0, count=3):
    return observe(
        make_passages(modules, module, particle),
        make_particles(count),
        modules,
        Response(noise, hit_loss),
        seed=5,
        number=7,
    )


def test_particle_identity_has_the_bits_of_trackml():
    ids = particle_identity(np.array([[1, 2, 0, 0], [3, 4, 1, 5]]))

    assert ids.tolist() == [
        (1 << 52) + (2 << 36),
        (3 << 52) + (4 << 36) + (1 << 24) + (5 << 12),
    ]
    assert generation(ids).tolist() == [0, 1]


@pytest.mark.parametrize("row", [[2048, 1, 0, 0], [1, 1, 4096, 0], [1, -1, 0, 0]])
def test_particle_identity_refuses_what_has_no_room(row):
    with pytest.raises(ValueError, match="must be at most"):
        particle_identity(np.array([row]))


def test_observe_keeps_who_made_what(toy_modules):
    made = make_event(toy_modules, [2, 0, 1], [3, 1, 2])

    truth, particles = made.event.known()
    assert made.event.name == "event000000007"
    assert truth.particle_id.tolist() == [1, 2, 3]
    assert made.event.hits.volume.tolist() == [8, 13, 14]
    assert made.event.hits.module.tolist() == [1, 1, 7]
    assert particles.hits.tolist() == [1, 1, 1]
    np.testing.assert_allclose(truth.x, toy_modules.center[:, 0])
    np.testing.assert_allclose(truth.px[0], 2.0)


def test_observe_measures_within_a_channel(toy_modules):
    made = make_event(toy_modules, [0, 1, 2], [1, 2, 3])

    hits, truth = made.event.hits, made.event.truth
    assert abs(hits.y[0] - truth.y[0]) < 0.05
    assert abs(hits.z[1] - truth.z[1]) <= 0.6
    assert abs(hits.x[2] - truth.x[2]) <= 0.04


def test_observe_gives_every_hit_cells(toy_modules):
    made = make_event(toy_modules, [0, 1, 2] * 20, [1, 2, 3] * 20, noise=0.3)

    assert set(made.cells.hit_id.tolist()) == set(made.event.hits.hit_id.tolist())
    assert made.width.shape == made.local.shape == (len(made.event), 2)
    assert (np.diff(made.module) >= 0).all()


def test_observe_adds_noise_without_weight(toy_modules):
    made = make_event(toy_modules, [0, 1, 2] * 100, [1, 2, 3] * 100, noise=0.5)

    truth = made.event.truth
    noise = truth.particle_id == NOISE
    assert abs(noise.sum() - 300) < 70
    assert not truth.weight[noise].any()
    assert not truth.px[noise].any()


def test_observe_mixes_noise_among_the_hits_of_a_module(toy_modules):
    made = make_event(toy_modules, [0] * 200, [1] * 200, noise=0.5)

    first = made.event.truth.particle_id[made.module == 0]
    where = np.flatnonzero(first == NOISE) / len(first)
    assert 0.4 < where.mean() < 0.6


def test_observe_loses_hits(toy_modules):
    made = make_event(toy_modules, [0] * 1000, [1] * 1000, hit_loss=0.2)

    assert abs(len(made.event) - 800) < 50
    assert made.event.particles.hits[0] == len(made.event)


def test_observe_weighs_the_hits(toy_modules):
    made = make_event(toy_modules, [0, 1, 2, 2] * 2, [1] * 4 + [2] * 4)

    assert made.event.truth.weight.sum() == pytest.approx(1.0)


def test_observe_takes_an_event_without_hits(toy_modules):
    made = make_event(toy_modules, [], [], noise=0.15)

    assert len(made.event) == len(made.cells) == 0
    assert made.event.particles.hits.tolist() == [0, 0, 0]


def test_observe_repeats_itself_and_differs_by_number(toy_modules):
    passages = make_passages(toy_modules, [0, 1, 2] * 30, [1, 2, 3] * 30)
    arguments = (passages, make_particles(3), toy_modules, Response(0.3, 0.1))

    one, two = (observe(*arguments, seed=5, number=7) for _ in range(2))
    other = observe(*arguments, seed=5, number=8)

    np.testing.assert_array_equal(one.event.hits.x, two.event.hits.x)
    np.testing.assert_array_equal(one.cells.value, two.cells.value)
    assert not np.array_equal(one.cells.value[:50], other.cells.value[:50])
