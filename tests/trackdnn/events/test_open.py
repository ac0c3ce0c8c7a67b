"""Places without events stand in test_malformed_events.py."""

import pytest

from benchmarks.small_events import (
    ACTS,
    ACTS_FILES,
    TRACKML,
    TRACKML_FILES,
    write_files,
)
from tests.trackdnn.toy_events import toy_event
from trackdnn.errors import BadFileError
from trackdnn.events.acts_csv import ActsFiles
from trackdnn.events.open import event_names, open_events
from trackdnn.events.trackml import TrackmlFiles
from trackdnn.events.writer import write_event


@pytest.fixture
def toys(tmp_path):
    """Three events in a folder."""
    for name in ("event3", "event1", "event2"):
        write_event(tmp_path / "toys", toy_event(2, name=name))
    return tmp_path / "toys"


def _names(*places, **options):
    return [source.name for source in open_events(places, **options)]


def test_folder_gives_its_events_sorted(toys):
    assert _names(toys) == ["event1", "event2", "event3"]


def test_file_and_stem_give_one(toys):
    assert _names(toys / "event2-hits.csv.gz") == ["event2"]
    assert _names(str(toys / "event3")) == ["event3"]


def test_places_keep_their_order(toys):
    assert _names(toys / "event3", toys / "event1") == ["event3", "event1"]
    assert _names() == []


def test_relative_places_are_found(toys, monkeypatch):
    monkeypatch.chdir(toys)

    assert _names("event1", ".") == ["event1", "event1", "event2", "event3"]


@pytest.mark.parametrize("part", ["hits", "measurements"])
def test_names_with_line_breaks_are_refused(tmp_path, part):
    path = tmp_path / f"event\n1-{part}.csv"
    path.touch()

    for place in (tmp_path, path, tmp_path / "event\n1"):
        with pytest.raises(BadFileError, match=r"no line breaks.*'event\\n1' in"):
            open_events([place])


def test_modules_are_handed_on(toys):
    (source,) = open_events([toys / "event1"], detectors=toys / "mine.csv")

    assert source.detectors == toys / "mine.csv"


def test_events_of_acts_are_known_by_their_measurements(tmp_path):
    write_files(tmp_path / "acts", ACTS_FILES)

    for place in ("acts", f"acts/{ACTS}", f"acts/{ACTS}-measurements.csv",
                  f"acts/{ACTS}-hits.csv"):  # fmt: skip
        (source,) = open_events([tmp_path / place])
        assert isinstance(source, ActsFiles)


def test_both_kinds_may_stand_in_one_folder(tmp_path):
    write_files(tmp_path / "both", TRACKML_FILES | ACTS_FILES)

    kinds = [type(source) for source in open_events([tmp_path / "both"])]

    assert event_names(tmp_path / "both") == [ACTS, TRACKML]
    assert kinds == [ActsFiles, TrackmlFiles]


def test_store_gives_its_sources(toys, tmp_path, monkeypatch):
    from trackdnn.events.store import manifest, store

    class Store:
        def sources(self):
            return ("a source",)

    monkeypatch.setattr(manifest, "is_store", lambda folder: folder == toys)
    monkeypatch.setattr(store, "open_store", lambda _: Store())

    assert open_events([toys]) == ["a source"]


def test_nearest_name_is_given(toys):
    with pytest.raises(BadFileError, match="Did you mean 'event1'"):
        open_events([toys / "evnt1"])


def test_stem_that_begins_several_names_them(toys):
    with pytest.raises(BadFileError, match="3 that match, event1, event2, event3"):
        open_events([toys / "even"])


def test_place_that_cannot_be_looked_at_is_named(tmp_path):
    with pytest.raises(BadFileError, match="must be a place that can be read"):
        open_events([tmp_path / ("x" * 300)])
