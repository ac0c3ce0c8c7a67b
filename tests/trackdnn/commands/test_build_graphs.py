"""`build-graphs`: its table and JSON on toy events, and wrong input."""

import json

import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn import cli
from trackdnn.events.event import without_truth
from trackdnn.events.writer import write_event
from trackdnn.graphs.constructor import constructor_class
from trackdnn.graphs.saving import save_constructor
from trackdnn.settings.finding import FindingSettings


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two events with truth, one without, a map and Voxel-Dynamics."""
    folder = tmp_path_factory.mktemp("graphs")
    train = [toy_event(80, seed=seed) for seed in range(4)]
    settings = FindingSettings().module_map
    made = constructor_class("module_map").train(
        settings, train, seed=1, progress=False
    )
    save_constructor(folder / "map", "module_map", settings, made)
    save_constructor(folder / "finder/constructor", "module_map", settings, made)
    (folder / "finder" / "finder.json").write_text("{}")
    for number in (1, 2):
        event = toy_event(60, noise=9, seed=number, name=f"event{number:09}")
        write_event(folder / "events", event, compress=False)
    event = without_truth(toy_event(20, name="event000000003"))
    write_event(folder / "bare", event, compress=False)
    return folder


def run(*words):
    return cli.main(["build-graphs", *map(str, words), "--quiet"])


def test_table_has_a_row_for_each_constructor(folder, capsys):
    code = run(
        folder / "events",
        *("--constructor", folder / "map"),
        *("--finder", folder / "finder"),
    )
    printed = capsys.readouterr()

    assert code == 0
    assert printed.err == ""
    assert "modulewise" in printed.out
    assert printed.out.count("module_map") == 2
    assert "finder/constructor" in printed.out


def test_json_has_counts_that_agree(folder, capsys):
    code = run(
        folder / "events", "--constructor", folder / "map", "--truth", "eom", "--json"
    )
    (row,) = json.loads(capsys.readouterr().out)

    assert code == 0
    assert row["constructor"] == "module_map"
    assert row["truth"] == "eom"
    assert row["events"] == row["events_with_truth"] == 2
    assert row["purity"]["total"] == row["edges"]
    assert row["efficiency_above_min_pt"]["value"] > 0.9
    assert row["efficiency"]["lower"] < row["efficiency"]["value"]
    assert row["peak_megabytes"] > 0


def test_without_a_constructor_it_is_the_one_that_needs_no_training(folder, capsys):
    code = run(folder / "events", "--set", "finding.neighbours.most=3", "--json")
    (row,) = json.loads(capsys.readouterr().out)

    assert code == 0
    assert row["constructor"] == "neighbours"
    assert 0 < row["edges"] <= 3 * row["hits"]


def test_events_without_truth_have_edges_only(folder, capsys, tmp_path):
    code = run(folder / "bare", "--plots", tmp_path / "plots", "--json")
    printed = capsys.readouterr()
    (row,) = json.loads(printed.out)

    assert code == 0
    assert "efficiency" not in row
    assert row["events_with_truth"] == 0
    assert "no event has truth" in printed.err
    run(folder / "bare")
    assert " - " in capsys.readouterr().out


def test_pictures_are_written(folder, capsys, tmp_path):
    code = run(folder / "events" / "event000000001", "--plots", tmp_path / "plots")

    assert code == 0
    assert f"pictures: {tmp_path / 'plots'}" in capsys.readouterr().err
    assert (tmp_path / "plots" / "edge_cuts.pdf").is_file()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--truth", "module"], "--truth must be one of hyper, eom"),
        (["--truth", "module"], "Did you mean 'modulewise'?"),
        (["--constructor", "events"], "constructor.json"),
        (["--constructor", "nowhere"], "constructor.json"),
        (["--finder", "map"], "must be a folder that train-finder has written"),
        (["--set", "finding.neighbours.most=0"], "finding.neighbours.most"),
        (["--set", "finding.view.noise=0"], "events are seen whole"),
        (["--set", "finding.builder=dbscan"], "may change neighbours, judgement"),
        (["--constructor=map", "--set=finding.neighbours.most=2"], "change judgement"),
        (["events/event000000001"], "must be named once"),
        (["--plots", "map/constructor.json/x"], "must be writable"),
    ],
)
def test_wrong_input_is_one_line(folder, capsys, monkeypatch, words, message):
    monkeypatch.chdir(folder)

    code = run("events", *words)

    printed = capsys.readouterr()
    assert (code, printed.out) == (2, "")
    assert message in printed.err
    assert printed.err.count("\n") == 1


def test_places_without_events(tmp_path, capsys):
    assert run(tmp_path / "nowhere") == 2
    assert "nowhere" in capsys.readouterr().err
