"""`evaluate-tracks`: tables, JSON and pictures of tracks of any program."""

import dataclasses
import json

import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn.cli import main
from trackdnn.tracking.formats.lists import write_lists
from trackdnn.tracking.found import from_labels
from trackdnn.tracking.plots import profiles as plots

NAMES = ("event000000001", "event000000002")


def write_event(folder, event):
    hits, truth = event.hits, event.truth
    parts = {
        "hits": ("hit_id,x,y,z,volume_id,layer_id,module_id", hits),
        "truth": ("hit_id,particle_id,tx,ty,tz,tpx,tpy,tpz,weight", truth),
        "particles": ("particle_id,vx,vy,vz,px,py,pz,q,nhits", event.particles),
    }
    for part, (header, columns) in parts.items():
        names = [field.name for field in dataclasses.fields(columns)]
        values = [getattr(columns, name).tolist() for name in names]
        values = [hits.hit_id.tolist(), *values] if part == "truth" else values
        lines = [",".join(map(repr, row)) for row in zip(*values, strict=True)]
        path = folder / f"{event.name}-{part}.csv"
        path.write_text("\n".join([header, *lines]) + "\n")


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "events").mkdir()
    for seed, name in enumerate(NAMES):
        event = toy_event(60, noise=20, seed=seed, name=name)
        write_event(tmp_path / "events", event)
        labels = event.owner().astype(int)
        write_lists(tmp_path / f"truth/{name}-tracks.csv", event, from_labels(labels))
        labels[::4] = -1
        write_lists(tmp_path / f"{name}-tracks_some.csv", event, from_labels(labels))
        every = from_labels(np.arange(len(labels)))
        write_lists(tmp_path / f"single/{name}-tracks.csv", event, every)
    return tmp_path


def test_tables_put_finders_side_by_side(place, capsys):
    code = main(["evaluate-tracks", "events", "truth", "some=*_some.csv", "single"])

    said = capsys.readouterr()
    assert (code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert lines[0].startswith("2 events, intervals of 68.3 %")
    assert [line.split()[0] for line in lines[2:5]] == ["truth", "some", "single"]
    assert "truth: TrackML score 1.000000" in lines
    assert "single: TrackML score 0.000000" in lines
    assert any(line.startswith("trackdnn: of charged particles") for line in lines)


def test_json_holds_all_presets(place, capsys):
    main(["evaluate-tracks", "events", "truth", "--preset", "all", "--json"])

    found = json.loads(capsys.readouterr().out)["truth"]
    presets = {row["preset"] for row in found["definitions"]}
    assert presets == {"trackdnn", "hypertrack", "exatrkx", "gnn_tracking"}
    assert found["definitions"][0]["efficiency"]["value"] == 1.0
    assert found["profiles"]["definition"] == "trackdnn: double majority > 0.5"
    assert found["trackml"]["score"] == pytest.approx(1.0)


def test_options_change_the_denominator_and_the_intervals(place, capsys):
    def judged(*options):
        main(["evaluate-tracks", "events", "truth", "--json", *options])
        return json.loads(capsys.readouterr().out)["truth"]

    usual, all_pt = judged(), judged("--min-pt", "0", "--confidence", "0.95")

    first, second = (one["definitions"][0]["efficiency"] for one in (usual, all_pt))
    assert second["total"] > first["total"] > 0
    assert (usual["confidence"], all_pt["confidence"]) == (0.683, 0.95)


def test_output_holds_figures_and_pictures(place, monkeypatch):
    monkeypatch.setattr(plots, "PARTICLE_AXES", plots.PARTICLE_AXES[:1])
    monkeypatch.setattr(plots, "TRACK_AXES", plots.TRACK_AXES[:1])

    assert main(["evaluate-tracks", "events", "truth", "-o", "out"]) == 0

    names = sorted(path.name for path in (place / "out").iterdir())
    assert names == [
        "efficiency_pt.pdf",
        "efficiency_pt.png",
        "tracks.json",
        "tracks_pt.pdf",
        "tracks_pt.png",
    ]
    assert "truth" in json.loads((place / "out/tracks.json").read_text())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["truth", "--preset", "hypertracks"], "Did you mean 'hypertrack'"),
        (["truth", "truth"], "name of its own. Received: 'truth' twice"),
        (["a=truth", "a=truth"], "'a' twice. Name them: FIRST=truth SECOND"),
        (["nowhere"], "'nowhere' must be a file, a folder or a pattern"),
        (["truth", "--min-pt", "-1"], "finding.judgement.min_pt"),
        (["truth", "--confidence", "2"], "finding.judgement.confidence"),
    ],
)
def test_wrong_words_are_one_line(place, capsys, words, message):
    assert main(["evaluate-tracks", "events", *words]) == 2

    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1


def test_events_without_truth_are_one_line(place, capsys):
    for part in ("truth", "particles"):
        (place / f"events/{NAMES[1]}-{part}.csv").unlink()

    assert main(["evaluate-tracks", "events", "truth"]) == 2

    assert f"Event {NAMES[1]} must have truth" in capsys.readouterr().err


def test_tracks_of_other_hits_are_one_line(place, capsys):
    path = place / f"truth/{NAMES[0]}-tracks.csv"
    path.write_text(path.read_text() + "0,123456\n")

    assert main(["evaluate-tracks", "events", "truth"]) == 2

    said = capsys.readouterr().err
    assert f"hits of {NAMES[0]}" in said
    assert "123456 in line" in said


@pytest.mark.parametrize("out", ["truth/event000000001-tracks.csv", "/proc/figures"])
def test_output_that_cannot_be_written_is_told_before_the_work(place, capsys, out):
    code = main(["evaluate-tracks", "nowhere", "truth", "-o", out])

    said = capsys.readouterr()
    assert (code, said.out, said.err.count("\n")) == (2, "", 1)
    assert f"'{out}' must be writable" in said.err


def test_table_is_printed_before_pictures_are_drawn(place, monkeypatch, capsys):
    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(plots, "draw_profiles", fail)
    code = main(["evaluate-tracks", "events", "truth", "-o", "out"])

    said = capsys.readouterr()
    assert code == 2
    assert "truth: TrackML score 1.000000" in said.out
    assert "must fit on its disk" in said.err
    assert "goes on" not in said.err
