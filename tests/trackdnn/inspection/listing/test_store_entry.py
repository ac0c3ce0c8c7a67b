"""A store is explained, finished or not, whole or damaged."""

import dataclasses

import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn.events.event import without_truth
from trackdnn.events.store.prepare import prepare_events
from trackdnn.inspection.listing.recognise import list_path
from trackdnn.inspection.listing.store_entry import list_store, store_facts


@dataclasses.dataclass(frozen=True)
class Source:
    path: object
    truth: bool = True

    @property
    def name(self):
        return self.path.name

    @property
    def files(self):
        return (self.path,)

    def load(self):
        event = toy_event(5, noise=10)
        return event if self.truth else without_truth(event)


@pytest.fixture
def store(tmp_path):
    sources = [Source(tmp_path / "one"), Source(tmp_path / "two", truth=False)]
    for source in sources:
        source.path.write_text("")
    return prepare_events(sources, tmp_path / "store", workers=1, progress=False)


def test_store_is_recognised_by_its_folder_and_its_manifest(store):
    entry = list_path(store.folder)

    assert entry == list_path(store.folder / "manifest.json")
    assert entry.kind == "event store"
    assert entry.damaged == ()
    assert entry.facts["state"].startswith("complete")
    assert entry.facts["with truth"] == "1 of 2 events"
    assert entry.to_dict()["events"] == ["one", "two"]
    assert entry.to_dict()["totals"]["events"] == 2


def test_facts_add_up(store):
    event = toy_event(5, noise=10)
    facts = store_facts(store.manifest)

    assert facts["hits"] == str(2 * len(event))
    assert facts["noise"] == f"{10 / len(event):.1%} of the hits"
    assert facts["particles"] == "5 with at least one hit"


def test_each_damaged_file_is_listed(store):
    for source in store.sources():
        path = source.files[0]
        path.write_bytes(path.read_bytes()[:-1] + b"!")

    entry = list_store(store.folder)

    assert entry.facts["state"] == "damaged"
    assert len(entry.damaged) == 2
    assert "one.arrow" in entry.damaged[0]


def test_unfinished_store_is_one(store):
    (store.folder / "manifest.json").rename(store.folder / "unfinished.json")

    entry = list_path(store.folder)

    assert entry.kind == "event store"
    assert "goes on where it stopped" in entry.damaged[0]
