"""Events from TrackML files; what is malformed stands in test_malformed_events.py."""

import os
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.small_events import TRACKML, TRACKML_FILES, write_files
from tests.trackdnn.toy_events import toy_event
from trackdnn.errors import BadFileError
from trackdnn.events.trackml import event_name, trackml_event, trackml_names
from trackdnn.events.writer import write_event

REAL = os.environ.get("TRACKDNN_TRACKML")


@pytest.fixture
def folder(tmp_path):
    """The files of a whole event."""
    write_files(tmp_path / "event", TRACKML_FILES)
    return tmp_path / "event"


def test_event_has_all_parts(folder):
    event = trackml_event(folder, TRACKML).load()

    assert event.name == TRACKML
    assert event.hits.hit_id.tolist() == [1, 2, 3, 4, 5, 6]
    assert event.owner().tolist() == [0, 0, 1, 1, -1, -1]
    assert event.particles.hits.tolist() == [2, 2, 0]
    assert event.clusters.shape == (6, 9)


def test_ids_keep_every_digit(folder):
    event = trackml_event(folder, TRACKML).load()

    assert event.truth.particle_id[0] == 4503668346847232
    assert event.particles.particle_id.tolist() == [
        4503668346847232,
        4503737066323968,
        4503805785800704,
    ]


def test_files_are_those_that_are_there(folder):
    (folder / f"{TRACKML}-cells.csv").unlink()

    names = [path.name for path in trackml_event(folder, TRACKML).files]

    assert names == [
        f"{TRACKML}-hits.csv",
        f"{TRACKML}-particles.csv",
        f"{TRACKML}-truth.csv",
        "detectors.csv",
    ]


def test_source_can_go_to_another_process(folder):
    source = trackml_event(folder, TRACKML)

    assert pickle.loads(pickle.dumps(source)) == source


@pytest.mark.parametrize("part", ["cells", "detectors"])
def test_without_cells_or_modules_there_are_no_clusters(folder, part):
    name = "detectors.csv" if part == "detectors" else f"{TRACKML}-cells.csv"
    (folder / name).unlink()

    assert trackml_event(folder, TRACKML).load().clusters is None


def test_modules_may_be_named_or_stand_above(folder, tmp_path):
    above = (folder / "detectors.csv").rename(tmp_path / "detectors.csv")
    assert trackml_event(folder, TRACKML).detectors == above

    named = above.rename(tmp_path / "mine.csv")
    source = trackml_event(folder, TRACKML, detectors=named)
    assert source.load().clusters is not None


def test_without_particles_they_come_from_the_truth(folder):
    (folder / f"{TRACKML}-particles.csv").unlink()

    particles = trackml_event(folder, TRACKML).load().particles

    assert particles.particle_id.tolist() == [4503668346847232, 4503737066323968]
    np.testing.assert_array_equal(particles.py, np.array([0.05, -0.1], dtype="f4"))
    assert np.isnan(particles.vx).all()
    assert particles.charge.tolist() == [0, 0]
    assert particles.hits.tolist() == [2, 2]


def test_missing_hits_are_named(tmp_path):
    with pytest.raises(BadFileError, match=r"'a-hits.csv' or 'a-hits.csv.gz'"):
        trackml_event(tmp_path, "a")


def test_names_are_sorted_and_may_have_prefixes(tmp_path):
    for name in ("event2", "density10-event1", "event10"):
        (tmp_path / f"{name}-hits.csv.gz").touch()
    (tmp_path / "event3-truth.csv").touch()

    assert trackml_names(tmp_path) == ["density10-event1", "event10", "event2"]


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("a-hits.csv", "a"),
        ("a-b-hits.csv.gz", "a-b"),
        ("a-truth.csv", None),
        ("a-hits.csv.bz2", None),
        ("-hits.csv", None),
    ],
)
def test_event_name_is_what_stands_before_hits(file, name):
    assert event_name(file) == name


def test_truth_in_another_order_is_put_right(tmp_path):
    event = toy_event(50, noise=20)
    write_event(tmp_path, event, compress=False)
    path = tmp_path / f"{event.name}-truth.csv"
    table = pd.read_csv(path)
    table.sample(frac=1, random_state=1).to_csv(path, index=False)

    read = trackml_event(tmp_path, event.name).load()

    np.testing.assert_array_equal(read.truth.particle_id, event.truth.particle_id)
    np.testing.assert_array_equal(read.truth.px, event.truth.px)


@pytest.mark.skipif(REAL is None, reason="needs TRACKDNN_TRACKML, a folder")
def test_real_events_agree_with_pandas():
    folder = Path(REAL)
    for sub in sorted(path for path in folder.iterdir() if path.is_dir()):
        for name in trackml_names(sub):
            event = trackml_event(sub, name).load()

            hits, truth = (
                pd.read_csv(sub / f"{name}-{part}.csv.gz") for part in ("hits", "truth")
            )
            assert (event.hits.hit_id == hits["hit_id"]).all()
            assert (event.hits.x == hits["x"].astype("f4")).all()
            truth = truth.set_index("hit_id").loc[event.hits.hit_id]
            assert (event.truth.particle_id == truth["particle_id"]).all()
            counts = truth.groupby("particle_id").size()
            mine = dict(
                zip(event.particles.particle_id, event.particles.hits, strict=True)
            )
            assert all(mine[key] == n for key, n in counts.items() if key)
