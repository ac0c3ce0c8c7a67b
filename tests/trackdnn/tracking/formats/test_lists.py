import gzip

import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn.errors import BadFileError, OutputError
from trackdnn.tracking.formats.lists import read_lists, write_lists
from trackdnn.tracking.found import from_lists


@pytest.fixture
def event():
    return toy_event(10, noise=5)


def test_lists_come_back_as_they_were_written(event, tmp_path):
    tracks = from_lists([[4, 2, 9], [2, 0], [7]])
    path = tmp_path / "event000000001-tracks.csv"

    write_lists(path, event, tracks)
    found = read_lists(path, event)

    assert path.read_text().splitlines()[:2] == ["track_id,hit_id", "0,5"]
    assert found.hits.tolist() == tracks.hits.tolist()
    assert found.offsets.tolist() == tracks.offsets.tolist()


def test_lists_of_nothing_are_a_header(event, tmp_path):
    path = tmp_path / "event000000001-tracks.csv"

    write_lists(path, event, from_lists([]))

    assert path.read_text() == "track_id,hit_id\n"
    assert len(read_lists(path, event)) == 0


def test_lists_may_be_compressed_and_have_other_columns(event, tmp_path):
    path = tmp_path / "x.csv.gz"
    path.write_bytes(gzip.compress(b"score,hit_id,track_id\n0.5,3,8\n0.1,1,8\n"))

    assert read_lists(path, event)[0].tolist() == [2, 0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("track_id,hit\n1,2\n", "must have a column 'hit_id'"),
        ("track_id,hit_id\n1,2\n1,2\n", r"once per track_id.* 2 in line 3"),
        ("track_id,hit_id\n1,2\n1,999\n", r"hits of event000000001.* 999 in line 3"),
        ("track_id,hit_id\n1,two\n", r"Column 'hit_id'.* two in line 2"),
        ("track_id,hit_id\n1\n", r"2 columns.*Received: 1 in line 2"),
        ("", "must begin with a line of column names"),
    ],
)
def test_lists_that_are_malformed_are_one_error(event, tmp_path, text, message):
    path = tmp_path / "x.csv"
    path.write_text(text)

    with pytest.raises(BadFileError, match=message):
        read_lists(path, event)


def test_lists_that_cannot_be_written_are_one_error(event, tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(OutputError, match="must be writable"):
        write_lists(tmp_path / "file" / "x.csv", event, from_lists([]))
