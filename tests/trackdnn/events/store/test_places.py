"""Names of files are names of events, where file systems allow that."""

import pytest

from trackdnn.events.store.places import event_key, record_path, table_path


@pytest.mark.parametrize("name", ["event000001000", "density10-event000001000", "a.b"])
def test_event_key_is_the_name_where_it_can_be(name):
    assert event_key(name) == name


@pytest.mark.parametrize(
    "name", ["../up", "a/b", "", ".hidden", "µ", "x" * 300, "\udc80"]
)
def test_event_key_is_good_for_a_file_in_any_case(name):
    key = event_key(name)

    assert key
    assert "/" not in key
    assert not key.startswith(".")
    assert len(key.encode()) < 120


def test_event_key_differs_for_names_that_look_alike():
    assert len({event_key(name) for name in ("a/b", "a_b", "a b", "a?b")}) == 4


def test_paths_are_below_their_folders():
    assert table_path("hits", "one") == "hits/one.arrow"
    assert record_path("one") == "records/one.json"
