import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn.errors import InputError
from trackdnn.tracking.formats.submission import Submission
from trackdnn.tracking.found import from_labels
from trackdnn.tracking.pipeline.writing import check_names, write_tracks


def test_writing_gives_a_submission_that_reads_back(tmp_path):
    event = toy_event(10, noise=4, name="event000000042")
    tracks = from_labels(event.owner())

    path = write_tracks(tmp_path / "new", event, tracks)

    assert path.name == "event000000042-tracks.csv"
    lines = path.read_text().splitlines()
    assert lines[0] == "event_id,hit_id,track_id"
    assert len(lines) == 1 + len(event)
    again = Submission(path).tracks(event)
    assert again.labels(len(event)).tolist() == tracks.labels(len(event)).tolist()


def test_writing_of_an_event_without_hits_is_a_heading(tmp_path):
    event = toy_event(0)

    path = write_tracks(tmp_path, event, from_labels(event.owner()))

    assert path.read_text() == "event_id,hit_id,track_id\n"


def test_writing_refuses_two_events_of_one_name():
    with pytest.raises(InputError, match="'event1' 2 times"):
        check_names(["event1", "event2", "event1"])


def test_writing_refuses_an_event_without_a_number():
    with pytest.raises(InputError, match=r"must end with its number.*'mine'"):
        check_names(["event1", "mine"])


def test_writing_refuses_a_number_that_no_submission_holds():
    check_names([f"event{2**63 - 1}"])

    with pytest.raises(InputError, match="of at most 64 bits"):
        check_names([f"event{2**63}"])
