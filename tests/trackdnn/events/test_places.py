import pytest

from trackdnn.errors import BadFileError
from trackdnn.events.places import one_of, tables_near


def test_one_of_takes_plain_or_compressed(tmp_path):
    (tmp_path / "a.csv").touch()
    (tmp_path / "b.csv.gz").touch()

    assert one_of(tmp_path, "a") == tmp_path / "a.csv"
    assert one_of(tmp_path, "b") == tmp_path / "b.csv.gz"
    assert one_of(tmp_path, "c") is None


def test_one_of_refuses_to_choose(tmp_path):
    (tmp_path / "a.csv").touch()
    (tmp_path / "a.csv.gz").touch()

    with pytest.raises(BadFileError, match=r"one of 'a.csv' and 'a.csv.gz'.*both"):
        one_of(tmp_path, "a")


def test_tables_near_are_beside_or_above(tmp_path):
    events = tmp_path / "events"
    events.mkdir()
    assert tables_near(events) is None

    (tmp_path / "detectors.csv").touch()
    assert tables_near(events) == tmp_path / "detectors.csv"

    (events / "detectors.csv.gz").touch()
    assert tables_near(events) == events / "detectors.csv.gz"


def test_tables_near_a_relative_folder_are_found(tmp_path, monkeypatch):
    (tmp_path / "events").mkdir()
    (tmp_path / "detectors.csv").touch()
    monkeypatch.chdir(tmp_path / "events")

    from pathlib import Path

    assert tables_near(Path()) == tmp_path / "detectors.csv"
