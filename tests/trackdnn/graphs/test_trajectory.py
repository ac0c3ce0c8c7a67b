"""Hits in the order in which a particle has made them."""

import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn.events.event import Event, Hits, Particles, Truth
from trackdnn.graphs.trajectory import along_trajectory, vertex_distance

FIELD_TESLA = 2.0


def helix_event(
    particles=40, *, seed=1, hits=14, turns=2.5, loss=0.0, sinh_eta=None, scatter=0.0
):
    """Hits along helices of several turns, and each hit's place along its own.

    Args:
        particles: Number of them; `hits` of each, at random places of `turns` turns.
        seed: Of all random numbers.
        hits: Of each particle.
        turns: Full turns that a particle makes.
        loss: Share of the momentum that is lost per turn.
        sinh_eta: Of all particles; random for `None`.
        scatter: Random turn of the momentum per hit, rad.
    """
    rng = np.random.default_rng(seed)
    rows, made, places = [], [], []
    for particle in range(1, particles + 1):
        pt, phi, charge = rng.uniform(0.1, 0.6), rng.uniform(-3, 3), rng.choice([-1, 1])
        slope = rng.uniform(-2, 2) if sinh_eta is None else sinh_eta
        vertex = rng.normal(0, [5, 5, 50])
        made.append((*vertex, pt * np.cos(phi), pt * np.sin(phi), pt * slope, charge))
        at = np.sort(rng.uniform(0.05, turns * 2 * np.pi, hits))
        position, now, angle = np.array(vertex), 0.0, phi
        for place, until in enumerate(at):
            # Small straight steps: nothing of the formulae that are tested.
            for _ in range(steps := max(int((until - now) * 100), 1)):
                step = (until - now) / steps
                radius = pt / (0.3e-3 * FIELD_TESLA)
                angle -= charge * step / 2
                move = [np.cos(angle), np.sin(angle), slope]
                position = position + radius * step * np.array(move)
                angle -= charge * step / 2
                pt *= 1 - loss * step / (2 * np.pi)
            now = until
            angle += rng.normal(0, scatter)
            momentum = pt * np.cos(angle), pt * np.sin(angle), pt * slope
            rows.append((particle, *position, *momentum))
            places.append(place)
    order = rng.permutation(len(rows))
    return event_of(np.array(rows)[order], np.array(made)), np.array(places)[order]


def event_of(rows, made):
    """An event of (particle, x, y, z, px, py, pz) and (vertex, momentum, charge)."""
    owner = rows[:, 0].astype(np.int64)
    x, y, z, px, py, pz = rows[:, 1:].T.astype("f4")
    one = np.ones(len(rows), dtype="i4")
    names = ["vx", "vy", "vz", "px", "py", "pz"]
    return Event(
        name="loopers",
        hits=Hits(
            hit_id=np.arange(len(rows)),
            x=x,
            y=y,
            z=z,
            volume=one,
            layer=one,
            module=one,
        ),
        truth=Truth(
            particle_id=owner, x=x, y=y, z=z, px=px, py=py, pz=pz, weight=one / 1.0
        ),
        particles=Particles(
            particle_id=np.arange(1, len(made) + 1),
            charge=made[:, 6].astype("i4"),
            hits=np.bincount(owner, minlength=len(made) + 1)[1:].astype("i4"),
            **dict(zip(names, made[:, :6].T.astype("f4"), strict=True)),
        ),
    )


@pytest.mark.parametrize("sinh_eta", [None, 0.1, 0.02, -0.25, 1.5])
def test_place_of_loopers_is_that_along_the_helix(sinh_eta):
    event, expected = helix_event(sinh_eta=sinh_eta)

    np.testing.assert_array_equal(along_trajectory(event), expected)


@pytest.mark.parametrize("charge", [0, 1])
def test_place_of_flat_loopers_is_right_within_a_turn(charge):
    event, expected = helix_event(turns=0.95, sinh_eta=0.0)
    event.particles.charge[:] = charge

    np.testing.assert_array_equal(along_trajectory(event), expected)


def test_place_stands_energy_loss_and_scattering():
    event, expected = helix_event(
        particles=60, turns=2.0, loss=0.05, scatter=0.01, seed=5
    )

    wrong = along_trajectory(event) != expected

    assert wrong.mean() < 0.01


def test_distance_would_be_wrong_for_loopers():
    event, expected = helix_event(sinh_eta=0.1)
    order = np.lexsort((vertex_distance(event), event.truth.particle_id))
    by_distance = np.empty(len(order))
    by_distance[order] = np.arange(len(order)) % 14

    assert (by_distance != expected).mean() > 0.5


def test_place_of_straight_particles_is_that_by_distance():
    event = toy_event(50, noise=20)
    place, owner = along_trajectory(event), event.owner()
    distance = vertex_distance(event)

    for particle in range(50):
        rows = np.flatnonzero(owner == particle)
        assert sorted(place[rows]) == list(range(len(rows)))
        assert list(rows[np.argsort(place[rows])]) == list(
            rows[np.argsort(distance[rows])]
        )
    assert not place[owner < 0].any()


def test_vertex_distance_counts_from_the_vertex():
    event = toy_event(5, noise=1)
    owner = event.owner()
    expected = np.sqrt(
        event.hits.x**2
        + event.hits.y**2
        + (event.hits.z - np.where(owner >= 0, event.particles.vz[owner], 0)) ** 2
    )

    np.testing.assert_allclose(vertex_distance(event), expected, rtol=1e-5)


def test_unknown_vertices_count_as_the_origin():
    event = toy_event(30)
    event.particles.vx[:] = np.nan
    distance, owner = event.hits.distance, event.owner()

    np.testing.assert_allclose(vertex_distance(event), distance, rtol=1e-5)
    place = along_trajectory(event)
    for particle in range(30):
        rows = np.flatnonzero(owner == particle)
        assert (np.diff(distance[rows][np.argsort(place[rows])]) >= 0).all()


@pytest.mark.parametrize("name", ["px", "py", "pz"])
def test_momenta_that_are_not_there_are_no_obstacle(name):
    event, _ = helix_event(particles=3)
    getattr(event.truth, name)[:5] = np.nan
    getattr(event.particles, name)[1] = np.nan

    place = along_trajectory(event)

    for particle in range(3):
        assert sorted(place[event.owner() == particle]) == list(range(14))


@pytest.mark.parametrize(("particles", "noise"), [(0, 0), (0, 1), (0, 9), (1, 0)])
def test_place_of_few_hits(particles, noise):
    event = toy_event(particles, noise=noise)

    assert along_trajectory(event).shape == (len(event),)


def test_place_of_neighbours_out_of_order_is_put_right():
    # Overlapping sensors 2 mm apart, and scattering larger than the turn between them.
    event, expected = helix_event(particles=20, turns=0.9, scatter=0.05, hits=40)

    assert (along_trajectory(event) != expected).mean() < 0.02
