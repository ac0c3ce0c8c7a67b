import dataclasses

import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn.errors import BadFileError
from trackdnn.tracking.formats.lists import write_lists
from trackdnn.tracking.formats.open import open_tracks
from trackdnn.tracking.found import from_lists

FIRST, SECOND = "event000000001", "event000000002"


@pytest.fixture
def event():
    return toy_event(10)


@pytest.fixture
def folder(event, tmp_path):
    for name, hits in ((FIRST, [0, 1]), (SECOND, [2, 3])):
        write_lists(tmp_path / f"{name}-tracks_ours.csv", event, from_lists([hits]))
    return tmp_path


def test_open_matches_files_to_events_by_name(folder, event):
    tracks = open_tracks(str(folder), [FIRST, SECOND])

    assert tracks.tracks(event)[0].tolist() == [0, 1]
    second = dataclasses.replace(event, name=SECOND)
    assert tracks.tracks(second)[0].tolist() == [2, 3]


def test_open_takes_a_pattern_for_one_of_several_finders(folder, event):
    write_lists(folder / f"{FIRST}-tracks_ckf.csv", event, from_lists([[7]]))

    with pytest.raises(BadFileError, match=r"one file of tracks per event.*pattern"):
        open_tracks(str(folder), [FIRST])
    tracks = open_tracks(f"{folder}/*-tracks_ckf.csv", [FIRST])
    assert tracks.tracks(event)[0].tolist() == [7]


def test_open_takes_any_name_for_the_file_of_one_event(folder, event):
    path = (folder / f"{FIRST}-tracks_ours.csv").rename(folder / "mine.csv")

    assert len(open_tracks(str(path), [FIRST]).tracks(event)) == 1
    with pytest.raises(BadFileError, match=r"named after the event.*2 events"):
        open_tracks(str(path), [FIRST, SECOND])


def test_open_knows_submissions_and_tracks_of_acts(folder, event):
    submission, acts = folder / "sub.csv", folder / "acts.csv"
    submission.write_text("event_id,hit_id,track_id\n1,1,0\n1,2,0\n")
    acts.write_text('track_id,Measurements_ID\n4,"[1,2,3,]"\n')

    assert open_tracks(str(submission), [FIRST]).tracks(event).lengths.tolist() == [2]
    assert open_tracks(str(acts), [FIRST]).tracks(event).lengths.tolist() == [3]


def test_open_takes_a_folder_with_a_submission(tmp_path, event):
    (tmp_path / "sub.csv").write_text("event_id,hit_id,track_id\n1,1,0\n")

    assert len(open_tracks(str(tmp_path), [FIRST]).tracks(event)) == 1


def test_open_takes_a_submission_per_event(tmp_path, event):
    for number, name in enumerate((FIRST, SECOND), start=1):
        path = tmp_path / f"{name}-tracks.csv"
        path.write_text(f"event_id,hit_id,track_id\n{number},1,0\n{number},2,-1\n")

    found = open_tracks(str(tmp_path), [FIRST, SECOND]).tracks(event)

    assert [found[i].tolist() for i in range(len(found))] == [[0]]


def test_open_refuses_an_event_without_tracks(folder, event):
    tracks = open_tracks(str(folder), [FIRST, "event000000003"])

    third = dataclasses.replace(event, name="event000000003")
    with pytest.raises(BadFileError, match="no file 'event000000003-tracks"):
        tracks.tracks(third)


def test_open_does_not_take_one_name_for_the_begin_of_another(folder, event):
    with pytest.raises(BadFileError, match="no file such as 'event00000000-tracks"):
        open_tracks(str(folder), ["event00000000"])


def test_open_refuses_places_without_tracks(tmp_path):
    with pytest.raises(BadFileError, match="nothing of that name"):
        open_tracks(str(tmp_path / "none"), [FIRST])
    with pytest.raises(BadFileError, match=r"no file such as 'event000000001-tracks"):
        open_tracks(str(tmp_path), [FIRST])
    with pytest.raises(BadFileError, match=r"no file such as"):
        open_tracks(f"{tmp_path}/*.csv", [FIRST])
