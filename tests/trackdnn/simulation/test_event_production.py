import dataclasses
import json

import pytest

from trackdnn.data.prepared.locks import locked
from trackdnn.errors import (
    BadFileError,
    DatasetError,
    MissingExtraError,
    SettingsError,
)
from trackdnn.simulation import event_production
from trackdnn.simulation.event_production import simulate_events
from trackdnn.simulation.event_worker import EventBlock, Sample, Summary
from trackdnn.simulation.simulated_event import Response

SAMPLE = Sample("ttbar", 5.0, 3, Response(noise=0.15, hit_loss=0.01))


@pytest.fixture
def made(monkeypatch):
    """Numbers of the events that were made, in blocks of two, without ACTS."""
    numbers: list[int] = []

    def make_blocks(job, events, workers, progress):
        assert events == len(job.numbers)
        for first in range(0, events, 2):
            block = job.numbers[first : first + 2]
            for number in block:
                (job.folder / f"event{number:09d}-hits.csv.gz").touch()
            numbers.extend(block)
            yield EventBlock([summary(number, job.sample) for number in block])

    monkeypatch.setattr(event_production, "make_blocks", make_blocks)
    monkeypatch.setattr(event_production, "_write_detectors", lambda *_: None)
    monkeypatch.setattr(event_production.production, "check_packages", lambda: None)
    return numbers


def summary(number, sample):
    tracks = (10, 12, 0.5) if sample.ckf else (None, None, None)
    return Summary(number, 100 * number, 15, 9, 300, 0.1, *tracks)


def changed(**changes):
    response = {
        key: changes.pop(key) for key in ("noise", "hit_loss") if key in changes
    }
    return dataclasses.replace(
        SAMPLE, response=dataclasses.replace(SAMPLE.response, **response), **changes
    )


def test_simulate_events_makes_all(made, tmp_path):
    result = simulate_events(tmp_path / "a" / "b", SAMPLE, events=3)

    assert made == [1, 2, 3]
    assert result.made == 3
    assert [one.hits for one in result.events] == [100, 200, 300]


def test_simulate_events_goes_on_where_it_stopped(made, tmp_path):
    simulate_events(tmp_path, SAMPLE, events=2)
    (tmp_path / "event000000001-hits.csv.gz").unlink()
    made.clear()

    result = simulate_events(tmp_path, SAMPLE, events=4)

    assert made == [1, 3, 4]
    assert result.made == 3
    assert [one.number for one in result.events] == [1, 2, 3, 4]


def test_simulate_events_keeps_blocks_that_came_before_a_stop(
    made, tmp_path, monkeypatch
):
    whole = event_production.make_blocks

    def broken(*arguments):
        yield next(whole(*arguments))
        raise KeyboardInterrupt

    monkeypatch.setattr(event_production, "make_blocks", broken)
    with pytest.raises(KeyboardInterrupt):
        simulate_events(tmp_path, SAMPLE, events=6)
    made.clear()
    monkeypatch.setattr(event_production, "make_blocks", whole)

    simulate_events(tmp_path, SAMPLE, events=6)

    assert made == [3, 4, 5, 6]


def test_simulate_events_begins_with_any_number(made, tmp_path):
    result = simulate_events(tmp_path, SAMPLE, events=2, first=21)
    again = simulate_events(tmp_path, SAMPLE, events=3, first=21)

    assert made == [21, 22, 23]
    assert [one.number for one in result.events] == [21, 22]
    assert (again.made, len(again.events)) == (1, 3)
    content = json.loads((tmp_path / event_production.MANIFEST).read_text())
    assert content["settings"]["first"] == 21
    with pytest.raises(
        SettingsError, match=r"`first` must be that of .*: 21\. Received"
    ):
        simulate_events(tmp_path, SAMPLE, events=2)


def test_simulate_events_goes_on_with_a_folder_that_tells_no_first(made, tmp_path):
    simulate_events(tmp_path, SAMPLE, events=2)
    path = tmp_path / event_production.MANIFEST
    content = json.loads(path.read_text())
    del content["settings"]["first"]
    path.write_text(json.dumps(content))

    assert simulate_events(tmp_path, SAMPLE, events=3).made == 1


@pytest.mark.parametrize("first", [0, -5, 999_999_999, 10**30])
def test_simulate_events_refuses_impossible_first_numbers(tmp_path, first):
    with pytest.raises(SettingsError, match=f"`first` must be at least 1.*={first}"):
        simulate_events(tmp_path, SAMPLE, events=2, first=first)


def test_simulate_events_makes_nothing_twice(made, tmp_path):
    simulate_events(tmp_path, SAMPLE, events=3)
    made.clear()

    result = simulate_events(tmp_path, SAMPLE, events=2)

    assert made == []
    assert result.made == 0
    assert len(result.events) == 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mu": 6.0}, "`mu` must be that of the events in .*: 5.0. Received: mu=6.0"),
        ({"noise": 0.2}, "`noise` must be that of .*: 0.15. Received: noise=0.2"),
        ({"cells": False}, "`cells` must be that of .*: True. Received: cells=False"),
    ],
)
def test_simulate_events_does_not_mix_settings(made, tmp_path, changes, message):
    simulate_events(tmp_path, SAMPLE, events=1)

    with pytest.raises(SettingsError, match=message):
        simulate_events(tmp_path, changed(**changes), events=1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mu": -1.0}, "`mu` must be a finite number of at least 0. Received: mu=-1"),
        ({"mu": 5000.0}, "`mu` must be from 0 to 1500. Received: mu=5000"),
        ({"noise": 1.0}, "`noise` must be from 0 to 0.9. Received: noise=1.0"),
        ({"noise": float("nan")}, "`noise` must be from 0 to 0.9. Received: noise=nan"),
        ({"hit_loss": -0.1}, "`hit_loss` must be from 0 to 1. Received: hit_loss=-0.1"),
        ({"process": "top"}, "`process` must be one of"),
        ({"seed": -1}, "`seed` must be at least 0"),
    ],
)
def test_simulate_events_refuses_impossible_settings(tmp_path, changes, message):
    with pytest.raises(SettingsError, match=message):
        simulate_events(tmp_path, changed(**changes), events=1)


@pytest.mark.parametrize("name", ["events", "workers"])
def test_simulate_events_refuses_to_make_none(tmp_path, name):
    arguments = {"events": 1, "workers": 1} | {name: 0}

    with pytest.raises(SettingsError, match=f"`{name}` must be at least 1"):
        simulate_events(tmp_path, SAMPLE, **arguments)


def test_simulate_events_refuses_to_make_too_many(tmp_path):
    with pytest.raises(SettingsError, match="`events` must be at most 1000000"):
        simulate_events(tmp_path, SAMPLE, events=10**400)


def test_simulate_events_refuses_a_file(tmp_path):
    path = tmp_path / "events"
    path.touch()

    with pytest.raises(BadFileError, match="`output` must be a folder"):
        simulate_events(path, SAMPLE, events=1)


def test_simulate_events_keeps_two_jobs_apart(made, tmp_path):
    with (
        locked(tmp_path / ".lock", tmp_path),
        pytest.raises(DatasetError, match=r"Folder .* one job at a time"),
    ):
        simulate_events(tmp_path, SAMPLE, events=1)

    assert not made
    assert simulate_events(tmp_path, SAMPLE, events=1).made == 1
    assert not (tmp_path / ".lock").exists()


def test_simulate_events_refuses_a_folder_of_other_events(tmp_path):
    (tmp_path / "event000001000-hits.csv").touch()

    with pytest.raises(BadFileError, match="must be empty or hold events of this"):
        simulate_events(tmp_path, SAMPLE, events=1)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"settings": {}, "events": [{"a": 1}]}',
        '{"settings": [5.0], "events": []}',
    ],
)
def test_simulate_events_refuses_a_damaged_manifest(tmp_path, text):
    (tmp_path / event_production.MANIFEST).write_text(text)

    with pytest.raises(BadFileError, match="must be the manifest of simulated events"):
        simulate_events(tmp_path, SAMPLE, events=1)


def test_simulate_events_names_the_extra(tmp_path, monkeypatch):
    def missing():
        raise MissingExtraError("Simulation needs ACTS")

    monkeypatch.setattr(event_production.production, "check_packages", missing)

    with pytest.raises(MissingExtraError, match="needs ACTS"):
        simulate_events(tmp_path, SAMPLE, events=1)


def test_simulate_events_writes_the_price_of_ckf(made, tmp_path):
    simulate_events(tmp_path, changed(ckf=True), events=2)

    price = json.loads((tmp_path / event_production.CKF).read_text())
    assert price["cpu_seconds_per_event"] == 0.5
    assert price["events"]["event000000002"]["tracks"] == 10


def test_simulate_events_writes_no_price_without_ckf(made, tmp_path):
    simulate_events(tmp_path, SAMPLE, events=2)

    assert not (tmp_path / event_production.CKF).exists()


def test_simulate_events_writes_the_modules(made, tmp_path, monkeypatch):
    pytest.importorskip("acts")
    monkeypatch.undo()
    for compress, name in ((True, "detectors.csv.gz"), (False, "detectors.csv")):
        sample = dataclasses.replace(SAMPLE, compress=compress)

        event_production._write_detectors(tmp_path, sample)

        assert (tmp_path / name).stat().st_size > 100_000


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_simulate_events_does_not_depend_on_the_workers(tmp_path, event_chain):
    sample = Sample("ttbar", 2.0, 3, Response(0.15, 0.01), ckf=True)
    for workers in (1, 2):
        simulate_events(tmp_path / str(workers), sample, events=4, workers=workers)

    one, two = (
        {path.name: path.read_bytes() for path in (tmp_path / name).glob("event*")}
        for name in "12"
    )
    assert len(one) == 4 * 5
    assert one == two
