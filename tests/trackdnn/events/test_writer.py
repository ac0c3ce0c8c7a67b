import dataclasses

import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn.errors import OutputError
from trackdnn.events.cells_of_csv import read_cells
from trackdnn.events.clusters import Cells
from trackdnn.events.columns_of_csv import read_table
from trackdnn.events.event import without_truth
from trackdnn.events.trackml import trackml_event
from trackdnn.events.writer import write_columns, write_event


def assert_same(part, other):
    for field in dataclasses.fields(part):
        mine, theirs = getattr(part, field.name), getattr(other, field.name)
        assert mine.dtype == theirs.dtype, field.name
        np.testing.assert_array_equal(mine, theirs, err_msg=field.name)


@pytest.mark.parametrize("compress", [True, False])
@pytest.mark.parametrize(("particles", "noise"), [(50, 20), (0, 1), (0, 0), (1, 0)])
def test_event_reads_back_the_same(tmp_path, particles, noise, compress):
    event = toy_event(particles, noise=noise)

    write_event(tmp_path, event, compress=compress)

    read = trackml_event(tmp_path, event.name).load()
    for part in ("hits", "truth", "particles"):
        assert_same(getattr(event, part), getattr(read, part))


def test_any_float_reads_back_the_same(tmp_path):
    rng = np.random.default_rng(1)
    powers = 10.0 ** rng.uniform(-30, 30, 20_000)
    doubles = rng.normal(size=20_000) * powers
    columns = {"a": doubles.astype("f4"), "b": doubles}

    write_columns(tmp_path / "a.csv", columns)

    table = read_table(tmp_path / "a.csv", {"a": "float32", "b": "float64"})
    np.testing.assert_array_equal(table["a"], columns["a"])
    np.testing.assert_array_equal(table["b"], columns["b"])


def test_cells_read_back_the_same(tmp_path):
    rng = np.random.default_rng(1)
    event = toy_event(5)
    owner = np.repeat(event.hits.hit_id, 3)
    channel = rng.integers(0, 900, len(owner)).astype("i4")
    cells = Cells(
        hit_id=owner, ch0=channel, ch1=channel + 1, value=rng.random(len(owner), "f4")
    )

    write_event(tmp_path, event, cells=cells)

    assert_same(cells, read_cells(tmp_path / f"{event.name}-cells.csv.gz"))


def test_hits_are_written_last(tmp_path):
    paths = write_event(tmp_path / "new", toy_event(5))

    parts = [path.name.split("-")[1] for path in paths]
    assert parts == ["particles.csv.gz", "truth.csv.gz", "hits.csv.gz"]
    assert sorted(paths) == sorted((tmp_path / "new").iterdir())


def test_event_without_truth_is_hits_alone(tmp_path):
    event = without_truth(toy_event(5))

    write_event(tmp_path, event)

    assert trackml_event(tmp_path, event.name).load().truth is None


def test_vertices_may_be_unknown(tmp_path):
    event = toy_event(5)
    event.particles.vx[:] = np.nan

    write_event(tmp_path, event)

    assert_same(event.particles, trackml_event(tmp_path, event.name).load().particles)


def test_equal_events_are_equal_files(tmp_path):
    first = write_event(tmp_path / "a", toy_event(5))
    second = write_event(tmp_path / "b", toy_event(5))

    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_event_is_written_again_in_its_place(tmp_path):
    write_event(tmp_path, toy_event(50))

    write_event(tmp_path, toy_event(5))

    assert len(trackml_event(tmp_path, "event000000001").load().particles) == 5


def test_parts_of_another_event_are_not_mixed_in(tmp_path):
    write_event(tmp_path, toy_event(5))

    with pytest.raises(OutputError, match=r"no part of another.*particles\.csv\.gz"):
        write_event(tmp_path, without_truth(toy_event(6)))
    with pytest.raises(OutputError, match=r"hits\.csv\.gz"):
        write_event(tmp_path, toy_event(6), compress=False)


def test_folder_that_cannot_be_is_named(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(OutputError, match="must be writable"):
        write_event(tmp_path / "file", toy_event(1))
