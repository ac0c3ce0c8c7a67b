import dataclasses
import os
from pathlib import Path

import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn.events.trackml import trackml_event
from trackdnn.events.weights import generation, hit_weights, pt_weight

# A folder with the real event that ships with tests of other programs.
REAL = os.environ.get("TRACKDNN_TRACKML")


def slow_weights(truth, particles):
    """Hit by hit, as the definition reads."""
    vz = dict(zip(particles.particle_id.tolist(), particles.vz, strict=True))
    pt = dict(zip(particles.particle_id.tolist(), particles.pt, strict=True))
    weights = []
    for particle, z in zip(truth.particle_id.tolist(), truth.z, strict=True):
        if particle == 0:
            weights.append(0.0)
            continue
        mine = [
            abs(float(other) - float(vz[particle]))
            for other in truth.z[truth.particle_id == particle]
        ]
        here = abs(float(z) - float(vz[particle]))
        before, equal = sum(d < here for d in mine), sum(d == here for d in mine)
        # Ranks of equal values are averaged, from 1; places are counted from 0.
        rank = before + (equal + 1) / 2
        weights.append(
            slow_order(int(rank - 1), len(mine)) * slow_pt(float(pt[particle]))
        )
    total = sum(weights)
    return [weight / total if total else 0.0 for weight in weights]


def slow_order(place, hits):
    if hits < 4 or place >= 20:
        return 0.0
    hits = min(hits, 20)
    shape = [10, 8, 6, 5, 3, 3, 3, 5, 6]
    at = [i * (hits - 1) / 8 for i in range(9)]
    line = [np.interp(i, at, shape) for i in range(hits)]
    return line[place] / sum(line)


def slow_pt(pt):
    if pt < 0.05:
        return 0.0
    if pt < 0.5:
        return 0.2
    return 0.2 + 0.8 * (pt - 0.5) / 2.5 if pt < 3 else 1.0


@pytest.mark.parametrize("seed", range(3))
def test_weights_agree_with_the_slow_twin(seed):
    event = toy_event(40, noise=20, seed=seed)
    truth = event.truth
    # Few distinct depths, so that many hits tie; and tracks of any length up to 30.
    z = np.round(truth.z / 50).astype("f4") * 50
    owner = np.where(truth.particle_id == 0, 0, truth.particle_id % 12 + 1)
    truth = dataclasses.replace(truth, z=z, particle_id=owner)

    weights = hit_weights(truth, event.particles)

    assert np.bincount(owner)[1:].max() > 20
    np.testing.assert_allclose(
        weights, slow_weights(truth, event.particles), rtol=1e-12, atol=0
    )


def test_weights_sum_to_one_and_noise_has_none():
    event = toy_event(100, noise=50)

    weights = hit_weights(event.truth, event.particles)

    assert weights.sum() == pytest.approx(1.0, abs=1e-12)
    assert (weights[event.truth.particle_id == 0] == 0).all()
    assert (weights >= 0).all()


def test_weights_of_hits_that_count_nothing_are_zero():
    event = toy_event(3)
    few = event.take(np.arange(3))

    assert (hit_weights(few.truth, few.particles) == 0).all()


@pytest.mark.parametrize("noise", [0, 5])
def test_weights_of_an_event_without_particles(noise):
    event = toy_event(0, noise=noise)

    assert hit_weights(event.truth, event.particles).tolist() == [0.0] * noise


def test_weights_do_not_need_vertices():
    event = toy_event(20)
    nowhere = np.full(len(event.particles), np.nan, dtype="f4")
    origin = dataclasses.replace(event.particles, vz=np.zeros_like(nowhere))

    weights = hit_weights(event.truth, dataclasses.replace(event.particles, vz=nowhere))

    np.testing.assert_array_equal(weights, hit_weights(event.truth, origin))


def test_pt_weight_has_the_corners_of_the_definition():
    pt = np.array([0.0, 0.049, 0.05, 0.5, 1.75, 3.0, 100.0])

    np.testing.assert_allclose(pt_weight(pt), [0, 0, 0.2, 0.2, 0.6, 1, 1])


def test_generation_is_read_from_the_id():
    primary = (5 << 52) | (7 << 36)
    secondary = primary | (2 << 24) | (3 << 12)

    assert generation(np.array([primary, secondary])).tolist() == [0, 2]


def test_primary_only_takes_the_rest_out():
    event = toy_event(20)
    ids = (event.particles.particle_id << 36) | ((np.arange(20) % 2) << 24)
    order = np.argsort(ids)
    owner = ids[event.truth.particle_id - 1]
    truth = dataclasses.replace(event.truth, particle_id=owner)
    particles = dataclasses.replace(event.particles, particle_id=ids).take(order)

    weights = hit_weights(truth, particles, primary_only=True)

    assert (weights[generation(owner) > 0] == 0).all()
    assert weights.sum() == pytest.approx(1.0)


@pytest.mark.skipif(REAL is None, reason="needs TRACKDNN_TRACKML, a folder")
def test_weights_of_a_real_event_are_the_published_ones():
    event = trackml_event(Path(REAL) / "mini_event", "event000000001").load()

    weights = hit_weights(event.truth, event.particles, primary_only=True)

    # The published ones have six digits and belong to the event before it was thinned.
    published = event.truth.weight / event.truth.weight.sum()
    np.testing.assert_allclose(weights, published, rtol=1e-5, atol=0)
