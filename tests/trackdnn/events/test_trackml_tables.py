"""What is malformed stands in test_malformed_events.py."""

import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn.errors import BadFileError
from trackdnn.events.event import Truth
from trackdnn.events.trackml_tables import (
    particles_of_truth,
    read_hits,
    read_truth,
    require_partners,
)
from trackdnn.events.writer import write_event


def slow_particles(truth):
    """Particle by particle: the momentum of the hit nearest the origin."""
    found = {}
    for row, particle in enumerate(truth.particle_id.tolist()):
        if particle == 0:
            continue
        place = [float(axis[row]) for axis in (truth.x, truth.y, truth.z)]
        distance = sum(value**2 for value in place)
        if particle not in found or distance < found[particle][0]:
            found[particle] = (distance, truth.px[row], truth.py[row], truth.pz[row])
    return {key: value[1:] for key, value in sorted(found.items())}


@pytest.mark.parametrize("seed", range(3))
def test_particles_of_truth_agree_with_the_slow_twin(seed):
    truth = toy_event(60, noise=30, seed=seed).truth

    particles = particles_of_truth(truth)

    rows = zip(particles.px, particles.py, particles.pz, strict=True)
    mine = dict(zip(particles.particle_id.tolist(), rows, strict=True))
    assert mine == slow_particles(truth)
    assert list(mine) == sorted(mine)


def test_particles_of_noise_are_none():
    assert len(particles_of_truth(toy_event(0, noise=5).truth)) == 0


def test_hits_at_equal_distance_give_the_first():
    one = np.ones(2, dtype="f4")
    truth = Truth(
        particle_id=np.array([7, 7]),
        x=one,
        y=one,
        z=one,
        px=np.array([1, 2], dtype="f4"),
        py=one,
        pz=one,
        weight=np.ones(2),
    )

    assert particles_of_truth(truth).px.tolist() == [1]


def test_hits_stay_in_the_order_of_the_file(tmp_path):
    event = toy_event(20)
    turned = event.take(np.arange(len(event))[::-1])
    write_event(tmp_path, turned)

    hits = read_hits(tmp_path / f"{event.name}-hits.csv.gz")

    np.testing.assert_array_equal(hits.hit_id, event.hits.hit_id[::-1])
    assert (hits.x.dtype, hits.volume.dtype) == ("f4", "i4")


def test_noise_may_have_momenta_that_are_no_numbers(tmp_path):
    event = toy_event(5, noise=5)
    event.truth.px[event.truth.particle_id == 0] = np.nan
    event.truth.py[event.truth.particle_id == 0] = np.inf
    write_event(tmp_path, event)

    truth = read_truth(tmp_path / f"{event.name}-truth.csv.gz", event.hits)

    np.testing.assert_array_equal(truth.px, event.truth.px)


def test_partners_are_required_both_ways(tmp_path):
    hits, path = toy_event(3).hits, tmp_path / "cells.csv"

    require_partners(path, hits, hits.hit_id[::-1], "cells")
    require_partners(path, hits, np.repeat(hits.hit_id, 3), "cells")
    with pytest.raises(BadFileError, match=r"must have cells for each hit.*hit_id 1"):
        require_partners(path, hits, hits.hit_id[1:], "cells")
    with pytest.raises(BadFileError, match="Received: 999 in line 2"):
        require_partners(path, hits, np.append(999, hits.hit_id), "cells")
