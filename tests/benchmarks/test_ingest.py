from __future__ import annotations

import json

import pytest

from benchmarks import ingest, ingest_methods
from benchmarks.inputs import Layout, write_files


@pytest.fixture
def folder(ntuple_factory, tmp_path):
    source = ntuple_factory("source.root", events=20)
    layout = Layout(tracks=2000, per_event=20, basket=2000, files=2)
    return write_files(tmp_path / "files", layout, source, workers=1)


@pytest.mark.parametrize(
    "method", ["reference", "flattened", "ours", "limit", "inflating"]
)
def test_methods_read_the_same_tracks(folder, method):
    files = sorted(folder.glob("*.root"))

    seconds, tracks = ingest_methods.METHODS[method](files, 1)

    assert seconds > 0
    assert tracks == ingest_methods._total(files)


def test_limit_inflates_every_compressed_basket(folder):
    path = folder / "0.root"

    packed = list(ingest_methods._packed(path))

    # 29 inputs and the category, classifier and label, in two baskets each.
    assert len(packed) >= 64
    assert all(bytes(data[:2]) == b"ZL" and size > 0 for data, size in packed)


def test_methods_take_turns_and_print_results(folder, capsys):
    ingest_methods.main([str(folder), "2", "ours:2", "limit:1"])

    results = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["label"] for one in results] == 2 * ["ours:2", "limit:1"]
    assert all(one["tracks"] > 1000 and one["memory"] > 10 for one in results)
    assert all(
        one["rate"] == pytest.approx(one["tracks"] / one["seconds"] / 1e6)
        for one in results
    )


def fake_measure(inputs, rounds, labels):
    seconds = {"reference": 8.0, "flattened": 4.0, "ours": 1.5, "limit": 1.0}
    seconds["inflating"] = 0.8
    seconds["prepare"] = 3.0
    results = []
    for number in range(rounds):
        for label in labels:
            method, workers = label.split(":")
            # The first round is slow, and not to be counted.
            first = 10 if rounds > 1 and number == 0 else 1
            taken = first * seconds[method] / int(workers)
            result = {"label": label, "seconds": taken, "rate": 2 / taken}
            results.append(result | {"memory": 300.0, "worker_memory": 200.0})
    return results


def test_reading_shows_rates_and_goals(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(ingest, "_measure", fake_measure)
    monkeypatch.setattr(ingest, "write_files", lambda folder, layout, _: folder)

    assert ingest.main([str(tmp_path), "--parts", "reading", "--repeats", "3"]) == 0

    text = capsys.readouterr().out
    assert "| zlib | 0.25 (0.25-0.25) |" in text
    assert "| zlib | 0.25 / 300 |" in text
    assert "times the reference: 10.67; goal at least 8: reached." in text
    assert "share of the limit: 0.67; goal at least 0.6: reached." in text
    assert "median of 3" in text


def test_preparing_shows_times_memory_and_goals(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(ingest, "_measure", fake_measure)
    monkeypatch.setattr(ingest, "write_files", lambda folder, layout, _: folder)

    ingest.main([str(tmp_path), "--parts", "preparing", "--prepared", "8000000"])

    text = capsys.readouterr().out
    assert "| 2 M tracks | 3.00 (3.00-3.00) | 1.50 (1.50-1.50) | 2.00 | 300 |" in text
    assert "two workers to one: 2.00; goal at least 1.7: reached." in text
    assert "8 M tracks: MB per worker: 300.00; goal at most 1536: reached." in text


def test_goal_says_whether_it_is_reached():
    assert ingest.goal("x", 7.0, 8.0).endswith("goal at least 8: missed.")
    assert ingest.goal("x", 7.0, 8.0, most=True).endswith("goal at most 8: reached.")
