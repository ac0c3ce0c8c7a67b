import numpy as np

from trackdnn.simulation.geometric_digitization import is_seen
from trackdnn.simulation.noise import count_noise, make_noise


def test_count_noise_is_a_share_of_all_hits():
    random = np.random.default_rng(1)

    counts = [count_noise(850, 0.15, random) for _ in range(400)]

    assert abs(np.mean(counts) - 150) < 3
    assert 8 < np.std(counts) < 17


def test_count_noise_can_be_none():
    assert count_noise(0, 0.15, np.random.default_rng(1)) == 0
    assert count_noise(1000, 0.0, np.random.default_rng(1)) == 0


def test_make_noise_lies_on_the_sensors(toy_modules):
    found = make_noise(3000, toy_modules, np.random.default_rng(2))

    local = toy_modules.to_local(
        found.module, found.position - toy_modules.center[found.module]
    )
    low, high = toy_modules.half_u[found.module].T
    v = local[:, 1] / toy_modules.half_v[found.module]
    width = low + (high - low) * (v + 1) / 2
    assert (np.abs(local[:, 2]) < 1e-9).all()
    assert (np.abs(v) <= 1).all()
    assert (np.abs(local[:, 0]) <= width + 1e-9).all()


def test_make_noise_visits_all_sensors_alike(toy_modules):
    found = make_noise(3000, toy_modules, np.random.default_rng(3))

    counts = np.bincount(found.module)
    assert len(counts) == 3
    assert (np.abs(counts - 1000) < 150).all()


def test_make_noise_has_directions_that_are_seen(toy_modules):
    found = make_noise(3000, toy_modules, np.random.default_rng(4))

    np.testing.assert_allclose(np.linalg.norm(found.direction, axis=1), 1.0)
    assert is_seen(found, toy_modules).all()


def test_make_noise_comes_from_about_the_origin(toy_modules):
    found = make_noise(3000, toy_modules, np.random.default_rng(5))

    away = found.position / np.linalg.norm(found.position, axis=1, keepdims=True)
    cosine = (away * found.direction).sum(axis=1)
    # Both angles turn by up to 0.7 rad.
    assert cosine.min() > np.cos(1.0)
    assert 0.7 < np.median(cosine) < 0.95


def test_make_noise_of_none_is_empty(toy_modules):
    assert len(make_noise(0, toy_modules, np.random.default_rng(6))) == 0
