"""Folders of track finding are known by their files."""

import json

import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn.events.writer import write_event
from trackdnn.graphs import saving
from trackdnn.inspection.listing import finding_entries
from trackdnn.inspection.listing.recognise import list_path
from trackdnn.tracking.pipeline import folder as finders


@pytest.fixture
def finder(tmp_path):
    """A finder as far as its description goes."""
    path = tmp_path / "finder"
    (path / "constructor").mkdir(parents=True)
    (path / "constructor/constructor.json").write_text("{}")
    settings = type("Settings", (), {"model_dump": lambda _, mode: {"builder": "ccl"}})
    finders.describe(path, settings(), {})
    return path


def test_names_of_files_are_those_of_their_modules():
    assert finders.FILE == finding_entries.FINDER
    assert saving.FILE == finding_entries.CONSTRUCTOR


def test_folder_of_events_tells_how_many(tmp_path):
    for name in ("event2", "event1"):
        write_event(tmp_path, toy_event(2, name=name))

    entry = list_path(tmp_path)

    assert entry.kind == "folder of events"
    assert entry.facts["events"] == "2"
    assert (entry.facts["first"], entry.facts["last"]) == ("event1", "event2")
    assert entry.to_dict()["events"] == ["event1", "event2"]


def test_finder_is_compared_with_its_checksums(finder):
    whole = list_path(finder)
    (finder / "constructor/constructor.json").write_text("{ }")
    damaged = list_path(finder)

    assert (whole.kind, whole.damaged, whole.facts["builder"]) == ("finder", (), "ccl")
    assert whole.facts["parts"] == "constructor"
    assert "constructor.json' must be as" in damaged.damaged[0]


@pytest.mark.parametrize("text", ["{", "[]", json.dumps({"format": "other"})])
def test_damaged_descriptions_are_told(finder, text):
    (finder / "finder.json").write_text(text)
    (finder / "constructor/constructor.json").write_text(text)

    for path in (finder, finder / "constructor"):
        assert str(path) in list_path(path).damaged[0]


def test_constructor_tells_its_kind(tmp_path, monkeypatch):
    (tmp_path / "constructor.json").write_text("{}")
    monkeypatch.setattr(saving, "load_constructor", lambda _: ("module_map", None))

    entry = list_path(tmp_path)

    assert (entry.kind, entry.facts["kind"]) == ("constructor", "module_map")


def test_other_folders_are_none(tmp_path):
    assert finding_entries.list_finding(tmp_path) is None
