"""What is malformed stands in test_malformed_events.py."""

import numpy as np
import pytest

from benchmarks.small_events import ACTS, ACTS_FILES, TRACKML_FILES, write_files
from trackdnn.errors import BadFileError
from trackdnn.events.acts_csv import acts_event, acts_names, event_name
from trackdnn.events.weights import hit_weights


@pytest.fixture
def folder(tmp_path):
    """The files of a whole event."""
    write_files(tmp_path / "event", ACTS_FILES)
    return tmp_path / "event"


def test_event_has_truth_and_weights(folder):
    event = acts_event(folder, ACTS).load()

    assert event.name == ACTS
    assert event.owner().tolist() == [0, 0, 1, 1, -1]
    assert event.particles.hits.tolist() == [2, 2, 0]
    assert event.particles.charge.tolist() == [1, -1, -1]
    np.testing.assert_array_equal(
        event.truth.weight, hit_weights(event.truth, event.particles)
    )


def test_files_are_each_named_once(folder):
    names = [path.name for path in acts_event(folder, ACTS).files]

    assert sorted(names) == sorted(ACTS_FILES)


def test_without_truth_there_is_none(folder):
    for part in ("hits", "measurement-simhit-map"):
        (folder / f"{ACTS}-{part}.csv").unlink()

    event = acts_event(folder, ACTS).load()

    assert (event.truth, event.particles) == (None, None)


def test_without_particles_they_come_from_the_truth(folder):
    (folder / f"{ACTS}-particles_simulated.csv").unlink()

    particles = acts_event(folder, ACTS).load().particles

    assert particles.hits.tolist() == [2, 2]
    assert np.isnan(particles.vz).all()


def test_simulated_particles_come_before_others(folder):
    (folder / f"{ACTS}-particles.csv").write_text("nothing of use")

    source = acts_event(folder, ACTS)

    assert source.particles.name == f"{ACTS}-particles_simulated.csv"


def test_clusters_need_pitches(folder, tmp_path):
    cells = "measurement_id,channel0,channel1,value\n" + "".join(
        f"{number},1,2,0.5\n" for number in range(5)
    )
    (folder / f"{ACTS}-cells.csv").write_text(cells)
    table = tmp_path / "pitches.csv"
    table.write_text(TRACKML_FILES["detectors.csv"])

    assert acts_event(folder, ACTS).load().clusters is None
    clusters = acts_event(folder, ACTS, detectors=table).load().clusters
    assert clusters.shape == (5, 9)


def test_half_of_the_truth_is_refused(folder):
    (folder / f"{ACTS}-hits.csv").unlink()

    with pytest.raises(BadFileError, match=f"'{ACTS}-hits.csv' beside"):
        acts_event(folder, ACTS)


def test_event_without_measurements_is_named(tmp_path):
    with pytest.raises(BadFileError, match=r"must have 'a-measurements.csv'"):
        acts_event(tmp_path, "a")


def test_names_are_those_with_measurements(folder):
    assert acts_names(folder) == [ACTS]
    assert event_name(f"{ACTS}-hits.csv") is None


@pytest.mark.slow
def test_files_of_acts_itself_are_read(tmp_path):
    """ACTS writes events; positions, truth and particles must fit each other."""
    pytest.importorskip("acts")
    pytest.importorskip("pythia8mc")
    from tests.trackdnn.events.acts_writers import write_acts_events

    write_acts_events(tmp_path, events=2)

    names = acts_names(tmp_path)
    assert names == ["event000000000", "event000000001"]
    for name in names:
        event = acts_event(tmp_path, name).load()
        hits, truth = event.hits, event.truth
        assert len(event) > 1000
        assert set(np.unique(hits.volume)) <= {7, 8, 9, 12, 13, 14, 16, 17, 18}
        # Smearing across is 0.04 mm at most; along long strips it is millimetres.
        pixel = np.isin(hits.volume, [7, 8, 9])
        for axis in "xyz":
            off = getattr(hits, axis)[pixel] - getattr(truth, axis)[pixel]
            assert np.abs(off).max() < 0.1
        assert (truth.particle_id > 0).all()
        assert event.particles.hits.sum() == len(event)
        assert truth.weight.sum() == pytest.approx(1.0)
