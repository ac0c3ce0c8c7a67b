import dataclasses

import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn.errors import BadFileError
from trackdnn.tracking.formats.submission import Submission, event_number


def submission(tmp_path, text):
    path = tmp_path / "submission.csv"
    path.write_text("event_id,hit_id,track_id\n" + text)
    return Submission(path)


def test_submission_has_the_tracks_of_each_event(tmp_path):
    first = toy_event(10)
    second = dataclasses.replace(first, name="event000000002")

    read = submission(tmp_path, "2,1,7\n1,3,0\n1,4,0\n1,1,5\n1,2,-1\n2,2,8\n")

    one, two = read.tracks(first), read.tracks(second)
    assert [one[i].tolist() for i in range(len(one))] == [[2, 3], [0]]
    assert [two[i].tolist() for i in range(len(two))] == [[0], [1]]


def test_submission_takes_zero_for_a_track(tmp_path):
    assert len(submission(tmp_path, "1,3,0\n").tracks(toy_event(10))) == 1
    assert len(submission(tmp_path, "1,3,-1\n").tracks(toy_event(10))) == 0


def test_submission_without_an_event_is_refused(tmp_path):
    with pytest.raises(BadFileError, match="no row with the event_id 1"):
        submission(tmp_path, "2,1,7\n").tracks(toy_event(10))


def test_submission_of_an_event_without_hits_needs_no_row(tmp_path):
    empty = toy_event(10).take(np.zeros(0, dtype=np.int64))

    assert len(submission(tmp_path, "").tracks(empty)) == 0


def test_submission_of_an_event_without_number_is_refused(tmp_path):
    event = dataclasses.replace(toy_event(3), name="mine")

    with pytest.raises(BadFileError, match="must have tracks of mine"):
        submission(tmp_path, "2,1,7\n").tracks(event)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,3,0\n2,3,0\n1,3,4\n", r"once per event_id.* 3 in line 4"),
        ("1,3,x\n", r"Column 'track_id'.* x in line 2"),
        ("1,3\n", r"3 columns.*Received: 2 in line 2"),
    ],
)
def test_submission_that_is_malformed_is_one_error(tmp_path, text, message):
    with pytest.raises(BadFileError, match=message):
        submission(tmp_path, text)


def test_submission_names_the_line_of_an_unknown_hit(tmp_path):
    with pytest.raises(BadFileError, match=r"hits of event000000001.* 999 in line 3"):
        submission(tmp_path, "2,999,0\n1,999,0\n").tracks(toy_event(10))


def test_submission_counts_events_by_the_end_of_their_name():
    assert event_number("event000001000") == 1000
    assert event_number("density10-event000001000") == 1000
    assert event_number("mine") is None
