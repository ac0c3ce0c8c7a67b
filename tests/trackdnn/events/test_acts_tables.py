"""What is malformed stands in test_malformed_events.py."""

import numpy as np
import pytest

from benchmarks.small_events import ACTS, ACTS_FILES, write_files
from trackdnn.events.acts_tables import (
    read_measurements,
    read_particles,
    read_truth,
    split_geometry,
)
from trackdnn.events.event import Hits
from trackdnn.events.weights import generation


@pytest.fixture
def folder(tmp_path):
    """The files of a whole event."""
    write_files(tmp_path / "event", ACTS_FILES)
    return tmp_path / "event"


def _hits(folder):
    path = folder / f"{ACTS}-measurements.csv"
    return read_measurements(path, folder / "detectors.csv")


def _truth(folder):
    simulated = folder / f"{ACTS}-hits.csv"
    links = folder / f"{ACTS}-measurement-simhit-map.csv"
    return read_truth(simulated, links, _hits(folder))


def test_geometry_has_its_fields():
    # Of files that ACTS wrote.
    identifiers = np.array([504403295704452352, 576460889742377216], dtype="u8")

    volume, layer, sensor = split_geometry(identifiers)

    assert volume.tolist() == [7, 8]
    assert layer.tolist() == [2, 2]
    assert sensor.tolist() == [13, 1]


def test_open_positions_lie_on_the_module(folder):
    hits = _hits(folder)

    assert hits.hit_id.tolist() == [0, 1, 2, 3, 4]
    assert hits.x.tolist() == [32, 72, 32, 72, 72]
    assert hits.y.tolist() == [1.5, 2.5, -1.25, -3.0, 6.0]
    assert hits.z.tolist() == [3.0, 7.0, -2.0, -4.5, 9.0]


def test_global_positions_are_taken_where_they_are(folder):
    path = folder / f"{ACTS}-measurements.csv"
    path.write_text(path.read_text().replace("nan,nan,nan", "1,2,3"))

    hits = read_measurements(path, None)

    assert (hits.x[0], hits.y[0], hits.z[0]) == (1, 2, 3)


def test_truth_is_the_hit_that_lost_most(folder):
    truth = _truth(folder)

    # Measurement 3 is of two particles: the first of its links lost less.
    assert truth.y[3] == np.float32(-3.01)
    assert truth.particle_id[2] == truth.particle_id[3]


def test_measurement_of_nothing_is_noise(folder):
    truth = _truth(folder)

    assert truth.particle_id[4] == 0
    assert (truth.x[4], truth.px[4]) == (72, 0)


def test_equal_losses_give_the_first_link(folder):
    path = folder / f"{ACTS}-hits.csv"
    path.write_text(path.read_text().replace("-0.0003", "-0.0001"))

    assert _truth(folder).y[3] == np.float32(-3.02)


def slow_best(links, losses, measurements):
    """Measurement by measurement: the first of the links with the largest loss."""
    best = []
    for measurement in range(measurements):
        mine = [hit for number, hit in links if number == measurement]
        largest = max((losses[hit] for hit in mine), default=None)
        best.append(next((hit for hit in mine if losses[hit] == largest), None))
    return best


@pytest.mark.parametrize("seed", range(5))
def test_truth_agrees_with_the_slow_twin(tmp_path, seed):
    rng = np.random.default_rng(seed)
    losses = rng.integers(0, 4, 30)
    links = rng.integers(0, [[20, 30]], (40, 2))
    numbers = "".join(
        f"1,0,{hit + 1},0,0,{hit},0,0,1,1,1,{-loss}\n"
        for hit, loss in enumerate(losses)
    )
    head = "particle_id_pv,particle_id_sv,particle_id_part,particle_id_gen"
    head += ",particle_id_subpart,tx,ty,tz,tpx,tpy,tpz,deltae\n"
    (tmp_path / "hits.csv").write_text(head + numbers)
    rows = "".join(f"{number},{hit}\n" for number, hit in links)
    (tmp_path / "map.csv").write_text("measurement_id,hit_id\n" + rows)
    one = np.full(20, -1, dtype="f4")
    hits = Hits(
        hit_id=np.arange(20),
        x=one,
        y=one,
        z=one,
        volume=one.astype("i4"),
        layer=one.astype("i4"),
        module=one.astype("i4"),
    )

    truth = read_truth(tmp_path / "hits.csv", tmp_path / "map.csv", hits)

    best = slow_best(links.tolist(), losses.tolist(), 20)
    assert truth.x.tolist() == [-1 if hit is None else hit for hit in best]
    assert (truth.particle_id == 0).tolist() == [hit is None for hit in best]


def test_event_of_no_measurements_is_empty(folder):
    for part in ("measurements", "hits", "measurement-simhit-map"):
        path = folder / f"{ACTS}-{part}.csv"
        path.write_text(path.read_text().split("\n")[0])

    assert len(_truth(folder)) == len(_hits(folder)) == 0


def test_particles_are_numbered_as_in_the_challenge(folder):
    path = folder / f"{ACTS}-particles_simulated.csv"
    path.write_text(path.read_text().replace("2,0,1,0,0,11", "2,3,1,4,5,11"))

    particles = read_particles(path, _truth(folder), path)

    last = (2 << 52) | (1 << 36) | (4 << 24) | (5 << 12) | 3
    assert particles.particle_id.tolist()[-1] == last
    assert generation(particles.particle_id).tolist() == [0, 0, 4]
