"""`train-finder` and `find-tracks` as users type them, on toy events."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn import cli
from trackdnn.events.event import without_truth
from trackdnn.events.writer import write_event

FEW = ("--set", "finding.filter.trees=8", "--set", "local.cpu_threads=1")
TRAINED = (*FEW, "--set", "finding.constructor=neighbours")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Events to learn from, events to find, and a finder."""
    folder = tmp_path_factory.mktemp("find")
    for number in range(1, 7):
        event = toy_event(60, noise=30, seed=number, name=f"event{number:09}")
        place = folder / ("train" if number < 5 else "events")
        write_event(place, event, compress=False)
    bare = without_truth(toy_event(20, name="event000000009"))
    write_event(folder / "bare", bare, compress=False)
    words = [folder / "train", "-o", folder / "finder", "--quiet", *TRAINED]
    assert cli.main(["train-finder", *map(str, words)]) == 0
    return folder


def find(made, *words):
    finder = ["--finder", made / "finder", "--set", "local.cpu_threads=1", "--quiet"]
    return cli.main(["find-tracks", *map(str, [*words, *finder])])


def test_find_tracks_prints_a_row_per_event_and_the_sum(made, capsys):
    code = find(made, made / "events")
    printed = capsys.readouterr()

    assert code == 0
    rows = [line for line in printed.out.splitlines() if "event0" in line]
    assert ["event000000005" in rows[0], "event000000006" in rows[1]] == [True, True]
    assert "│ all" in printed.out
    assert "eff., pT > 0.9" in printed.out
    assert "peak memory" in printed.err


def test_find_tracks_gives_json_that_agrees(made, capsys):
    code = find(made, made / "events", "--json")
    content = json.loads(capsys.readouterr().out)

    assert code == 0
    assert [one["name"] for one in content["events"]] == [
        "event000000005",
        "event000000006",
    ]
    particles = [
        one["judgement"]["definitions"][0]["efficiency"]["total"]
        for one in content["events"]
    ]
    whole = content["all"]["definitions"][0]["efficiency"]
    assert whole["total"] == sum(particles) > 0
    assert whole["value"] > 0.5
    assert content["peak_megabytes"] > 50


def test_find_tracks_writes_what_evaluate_tracks_reads(made, tmp_path, capsys):
    assert find(made, made / "events", "-o", tmp_path / "out", "--display") == 0
    table = capsys.readouterr()
    code = cli.main(
        ["evaluate-tracks", str(made / "events"), str(tmp_path / "out"), "--json"]
    )
    judged = json.loads(capsys.readouterr().out)

    assert code == 0
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {
        "event000000005-tracks.csv",
        "event000000006-tracks.csv",
        "event000000005.html",
    }
    assert "page: " in table.err
    score = judged["finders"][0]["trackml"]["mean"] if "finders" in judged else None
    assert score is None or f"{score:.4f}" in table.out


def test_find_tracks_of_an_event_without_truth_has_no_figures(made, capsys):
    assert find(made, made / "bare") == 0

    printed = capsys.readouterr()
    assert "eff." not in printed.out
    assert "event000000009" in printed.out


def test_find_tracks_names_the_event_that_cannot_be_read(made, tmp_path, capsys):
    for number in (1, 2):
        event = toy_event(20, seed=number, name=f"event{number:09}")
        write_event(tmp_path / "events", event, compress=False)
    path = tmp_path / "events" / "event000000001-hits.csv"
    path.write_text(path.read_text().replace("hit_id", "hat_id"))

    code = find(made, tmp_path / "events", "-o", tmp_path / "out")
    printed = capsys.readouterr()

    assert code == 2
    assert printed.err.count("error: ") == 1
    assert "event000000001-hits.csv" in printed.err
    assert [path.name for path in (tmp_path / "out").iterdir()] == [
        "event000000002-tracks.csv"
    ]


def test_find_tracks_says_how_many_events_cannot_be_read(made, tmp_path, capsys):
    for number in (1, 2):
        event = toy_event(5, seed=number, name=f"event{number:09}")
        write_event(tmp_path, event, compress=False)
        (tmp_path / f"event{number:09}-hits.csv").write_text("nothing\n")

    code = find(made, tmp_path)
    printed = capsys.readouterr()

    assert code == 2
    assert printed.out == ""
    assert printed.err.count("error: ") == 3
    assert "Received: 2 of 2 that are not" in printed.err


def test_find_tracks_names_a_damaged_finder(made, tmp_path, capsys):
    code = cli.main(["find-tracks", str(made / "events"), "--finder", str(tmp_path)])

    assert code == 2
    assert "must be the folder of a finder" in capsys.readouterr().err


def test_find_tracks_builds_as_it_is_told(made, capsys):
    strict = ("--set", "finding.builder=components")
    strict += ("--set", "finding.components.cut=0.999")

    tracks = []
    for words in ([], strict):
        assert find(made, made / "events", "--json", *words) == 0
        content = json.loads(capsys.readouterr().out)
        tracks.append(sum(one["tracks"] for one in content["events"]))

    assert tracks[0] > tracks[1]


@pytest.mark.parametrize(
    "text", ["view.particles=0.5", "constructor=neighbours", "filter.enabled=false"]
)
def test_find_tracks_changes_nothing_that_was_learnt(made, capsys, text):
    code = find(made, made / "events", "--set", f"finding.{text}")
    printed = capsys.readouterr()

    assert (code, printed.out) == (2, "")
    assert f"Received: finding.{text}" in printed.err
    assert printed.err.count("\n") == 1


def test_find_tracks_counts_no_event_twice(made, capsys):
    code = find(made, made / "events", made / "events" / "event000000006")
    printed = capsys.readouterr()

    assert (code, printed.out) == (2, "")
    assert "Received: 'event000000006', of '" in printed.err


def test_find_tracks_looks_first_whether_it_can_write(made, capsys):
    code = find(made, made / "events", "-o", made / "finder" / "finder.json")
    printed = capsys.readouterr()

    assert (code, printed.out) == (2, "")
    assert "finder.json' must be writable" in printed.err


@pytest.mark.slow
def test_find_tracks_in_processes_ends_quietly_on_ctrl_c(made, tmp_path):
    for number in range(1, 151):
        event = toy_event(60, seed=number, name=f"event{number:09}")
        write_event(tmp_path / "events", event, compress=False)
    start = "import sys; from trackdnn.cli import main; sys.exit(main())"
    words = [sys.executable, "-c", start, "find-tracks", tmp_path / "events"]
    words += ["--finder", made / "finder", "-o", tmp_path / "out", "--workers", "2"]

    with subprocess.Popen(
        list(map(str, words)), stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        while not list(tmp_path.glob("out/*.csv")) and process.poll() is None:
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)
        said = process.communicate(timeout=60)[1]

    assert process.returncode == 130
    assert "Traceback" not in said
    assert len(list(tmp_path.glob("out/*"))) < 150


def test_find_tracks_by_default_looks_for_samples(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    assert cli.main(["find-tracks"]) == 2
    assert "samples/events" in capsys.readouterr().err


def test_train_finder_is_two_words_too_and_needs_a_new_folder(made, capsys):
    words = ["train", "finder", str(made / "train"), "-o", str(made / "finder")]

    assert cli.main(words) == 2
    assert "must be new" in capsys.readouterr().err


def test_train_finder_wants_a_constructor_of_the_kind_of_the_settings(made, capsys):
    words = [made / "train", "-o", made / "other", "--set"]
    words += ["finding.constructor=module_map", "--constructor"]
    words += [made / "finder" / "constructor"]

    assert cli.main(["train-finder", *map(str, words)]) == 2
    assert "--set finding.constructor=neighbours" in capsys.readouterr().err
    assert not (made / "other").exists()


def test_train_finder_prints_the_folder_and_how_good_it_is(made, tmp_path, capsys):
    words = [made / "train", "-o", tmp_path / "new", "--quiet", *TRAINED]
    words += ["--set", "finding.filter.enabled=false", "--constructor"]
    words += [made / "finder" / "constructor"]

    assert cli.main(["train-finder", *map(str, words)]) == 0
    printed = capsys.readouterr()

    assert printed.out == f"{tmp_path / 'new'}\n"
    for word in ("neighbours", "efficiency", "fake rate", "3 to learn from"):
        assert word in printed.err
