from pathlib import Path

import pytest

from tests.trackdnn.tracking.display.events_with_tracks import every_kind
from trackdnn.cli import main
from trackdnn.events.event import without_truth
from trackdnn.tracking.formats.lists import write_lists

HITS = "hit_id,x,y,z,volume_id,layer_id,module_id"
TRUTH = "hit_id,particle_id,tx,ty,tz,tpx,tpy,tpz,weight"


def write_event(folder, event):
    """Hits and truth as TrackML has them."""
    hits, truth = event.hits, event.truth
    columns = [hits.hit_id, hits.x, hits.y, hits.z, hits.volume, hits.layer]
    write_csv(folder / f"{event.name}-hits.csv", HITS, [*columns, hits.module])
    if truth is not None:
        place = [truth.x, truth.y, truth.z, truth.px, truth.py, truth.pz]
        columns = [hits.hit_id, truth.particle_id, *place, truth.weight]
        write_csv(folder / f"{event.name}-truth.csv", TRUTH, columns)


def write_csv(path, head, columns):
    lists = [column.tolist() for column in columns]
    rows = [",".join(map(repr, row)) for row in zip(*lists, strict=True)]
    path.write_text("\n".join([head, *rows]) + "\n")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Two events, tracks of the second, and a current folder that is empty."""
    event, tracks = every_kind(name="event000000002")
    write_event(tmp_path, every_kind(name="event000000001")[0])
    write_event(tmp_path, event)
    (tmp_path / "tracks").mkdir()
    write_lists(tmp_path / "tracks" / f"{event.name}-tracks.csv", event, tracks)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path


def test_display_shows_the_first_event_and_says_where(folder, capsys):
    assert main(["display", str(folder)]) == 0

    told = capsys.readouterr()
    assert told.out == "event000000001.html\n"
    assert "event000000001: " in told.err
    assert "kB" in told.err
    assert "The first of 2 events" in told.err
    assert "fake tracks" not in Path("event000000001.html").read_text()


def test_display_shows_tracks_of_the_event_that_is_named(folder, capsys):
    words = ["display", str(folder), str(folder / "tracks"), "-o", "some.html"]

    assert main([*words, "--event", "event000000002", "--min-pt", "0.5"]) == 0

    assert "9 tracks" in capsys.readouterr().err
    text = Path("some.html").read_text()
    assert '"title": "fake tracks"' in text
    assert '"minPt": 0.5' in text


def test_display_draws_hits_without_truth(folder, tmp_path, capsys):
    alone = tmp_path / "alone"
    alone.mkdir()
    write_event(alone, without_truth(every_kind()[0]))

    assert main(["display", str(alone), "-o", "event.png"]) == 0

    assert "no truth" in capsys.readouterr().err
    assert Path("event.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["{}", "--event", "event000000003"],
            "from event000000001 to event000000002. Did you mean",
        ),
        (["{}", "-o", "event.txt"], "must end in .html, .png or .pdf"),
        (["{}", "--min-pt", "-1"], "must be 0 or more"),
        (["{}/nothing"], "nothing' must be there"),
        (["{}", "{}/nothing.csv"], "nothing.csv' must be"),
        (["{}", "{}/tracks"], "'event000000001-tracks.csv'"),
    ],
)
def test_display_refuses_what_it_cannot_show(folder, capsys, words, message):
    assert main(["display", *(word.format(folder) for word in words)]) == 2

    told = capsys.readouterr()
    assert message in told.err
    assert told.err.count("\n") == 1
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("output", ["a.html", "file/a.html"])
def test_display_that_cannot_be_written_is_told_before_the_work(capsys, folder, output):
    Path("a.html").mkdir()
    Path("file").touch()

    assert main(["display", "nowhere", "-o", output]) == 2

    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert "must be writable" in told.err
