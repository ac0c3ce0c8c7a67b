import numpy as np
import pytest

from trackdnn.events.trackml import trackml_event
from trackdnn.simulation import event_worker
from trackdnn.simulation.event_worker import EventJob, Sample, tracks_path
from trackdnn.simulation.simulated_event import Response

SAMPLE = Sample("ttbar", 2.0, 3, Response(0.15, 0.01), ckf=True)


@pytest.fixture
def job(tmp_path, monkeypatch, event_chain):
    """Makes events in this process."""
    monkeypatch.setattr(event_worker, "chain_of", lambda sample: event_chain)
    return EventJob(tmp_path, SAMPLE, numbers=(2, 3, 5))


def test_event_job_makes_the_events_of_its_block(job, tmp_path):
    block = job.make(first=1, count=2)

    assert [one.number for one in block.events] == [3, 5]
    names = {path.name.split("-")[0] for path in tmp_path.iterdir()}
    assert names == {"event000000003", "event000000005"}


def test_event_job_writes_what_was_simulated(job, tmp_path, simulated):
    job.make(first=0, count=1)

    made = simulated[0].event
    read = trackml_event(tmp_path, "event000000002").load()
    for name in ("hit_id", "x", "y", "z", "volume", "layer", "module"):
        np.testing.assert_array_equal(
            getattr(read.hits, name), getattr(made.hits, name)
        )
    np.testing.assert_array_equal(read.truth.particle_id, made.truth.particle_id)
    np.testing.assert_array_equal(read.truth.weight, made.truth.weight)
    np.testing.assert_array_equal(read.particles.hits, made.particles.hits)
    np.testing.assert_array_equal(read.particles.charge, made.particles.charge)


def test_event_job_counts_what_it_writes(job, simulated):
    (summary,) = job.make(first=0, count=1).events

    made, found = simulated
    assert summary.hits == len(made.event)
    assert summary.noise == (made.event.truth.particle_id == 0).sum()
    assert summary.particles == (made.event.particles.hits > 0).sum()
    assert summary.cells == len(made.cells)
    assert summary.tracks == len(found.tracks)
    assert summary.tracks_before == found.before
    assert summary.cpu_seconds > 0
    assert summary.ckf_seconds > 0


def test_event_job_writes_the_tracks_by_hit_id(job, tmp_path, simulated):
    job.make(first=0, count=1)

    path = tracks_path(tmp_path, "event000000002")
    rows = np.loadtxt(path, delimiter=",", skiprows=1, dtype=int)
    first = rows[rows[:, 0] == 1, 1]
    made, found = simulated
    assert path.read_text().splitlines()[0] == "track_id,hit_id"
    assert len(np.unique(rows[:, 0])) == len(found.tracks)
    np.testing.assert_array_equal(first, made.event.hits.hit_id[found.tracks[0]])


def test_write_tracks_takes_none(tmp_path, simulated):
    event_worker.write_tracks(tmp_path, simulated[0], [])

    text = tracks_path(tmp_path, "event000000002").read_text()
    assert text == "track_id,hit_id\n"
