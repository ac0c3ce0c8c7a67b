"""The history as text."""

import csv
import dataclasses
import json
import math

import numpy as np
import pytest

from trackdnn.errors import OutputError, RunError
from trackdnn.training.history import (
    COLUMNS,
    Epoch,
    append_history,
    read_history,
    to_csv,
    write_history,
)

ROW = Epoch(
    epoch=1,
    loss=0.123456789,
    val_loss=0.2,
    val_auc=0.98765432,
    learning_rate=2e-5,
    seconds=3.25,
    tracks_per_second=123456.7,
)


def row(epoch, stage=1, **more):
    return dataclasses.replace(ROW, epoch=epoch, stage=stage, **more)


def places(rows):
    return [(one.stage, one.epoch) for one in rows]


def test_csv_reads_back():
    rows = list(csv.DictReader(to_csv([ROW, ROW]).splitlines()))

    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == 2
    values = {name: float(text) for name, text in rows[0].items()}
    assert values == ROW.scalars()


def test_csv_has_scalar_columns_only():
    text = to_csv([row(1, rates={"bias": 1e-3}, memory_mb=812.5)])

    assert "rates" not in text
    assert text.splitlines()[0].endswith("stall,stage,memory_mb")
    assert text.splitlines()[1].endswith(",0,1,812.5")


def test_line_says_what_people_watch():
    assert ROW.line(5) == (
        "epoch 1/5: loss 0.1235, val_loss 0.2000, val_auc 0.98765, "
        "123,457 tracks/s, 3.2 s, 0.00 s of it waiting for tracks"
    )


def test_appended_rows_read_back(tmp_path):
    first = row(1, rates={"kernel": 1e-3, "bias": 2e-3}, metrics={"val_gap": 0.1})
    second = row(2, loss=math.inf, memory_mb=900.0)

    append_history(tmp_path, first)
    append_history(tmp_path, second)

    assert read_history(tmp_path) == (first, second)


def test_each_line_is_one_object_that_begins_with_its_place(tmp_path):
    append_history(tmp_path, row(3, stage=2))

    lines = (tmp_path / "history.jsonl").read_text().splitlines()
    assert len(lines) == 1
    assert list(json.loads(lines[0]))[:3] == ["stage", "epoch", "loss"]


def test_written_history_replaces_what_was_there(tmp_path):
    for epoch in (1, 2, 3):
        append_history(tmp_path, row(epoch))

    write_history(tmp_path, [row(1)])

    assert places(read_history(tmp_path)) == [(1, 1)]
    assert [path.name for path in tmp_path.iterdir()] == ["history.jsonl"]


def test_half_a_last_line_is_no_row_and_goes_at_the_next(tmp_path):
    write_history(tmp_path, [row(1), row(2)])
    path = tmp_path / "history.jsonl"
    whole = path.read_bytes()

    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert len(read_history(tmp_path)) == whole[:length].count(b"\n")
        append_history(tmp_path, row(9))
        assert read_history(tmp_path)[-1] == row(9)


def test_row_replaces_those_that_it_goes_back_over(tmp_path):
    for epoch, loss in ((1, 0.5), (2, 0.4), (3, 0.3), (2, 0.4), (3, 0.31)):
        append_history(tmp_path, row(epoch, loss=loss))
    append_history(tmp_path, row(1, stage=2))

    found = read_history(tmp_path)

    assert places(found) == [(1, 1), (1, 2), (1, 3), (2, 1)]
    assert found[2].loss == 0.31


def test_reading_agrees_with_a_dictionary_by_place(tmp_path):
    random = np.random.default_rng(5)
    place, known = 0, {}
    for loss in random.random(40):
        place = int(random.integers(1, place + 2))
        append_history(tmp_path, row(place, loss=loss))
        known = {one: value for one, value in known.items() if one < place}
        known[place] = loss

    assert {one.epoch: one.loss for one in read_history(tmp_path)} == known


def test_csv_is_read_where_there_are_no_json_lines(tmp_path):
    (tmp_path / "history.csv").write_text(to_csv([row(1), row(2, stage=2)])[:-1])

    assert places(read_history(tmp_path)) == [(1, 1)]


def test_rows_of_an_older_version_take_defaults(tmp_path):
    header = ",".join(COLUMNS[:7])
    (tmp_path / "history.csv").write_text(f"{header},auc\n1,0.5,0.4,0.9,1e-3,2,100,3\n")

    (found,) = read_history(tmp_path)

    assert (found.stage, found.stall, found.memory_mb, found.rates) == (1, 0.0, 0.0, {})


def test_unknown_numbers_of_a_row_are_metrics(tmp_path):
    content = {**ROW.scalars(), "val_purity": 0.75, "note": "text"}
    (tmp_path / "history.jsonl").write_text(json.dumps(content) + "\n")

    assert read_history(tmp_path)[0].metrics == {"val_purity": 0.75}


def test_run_without_history_has_no_rows(tmp_path):
    assert read_history(tmp_path) == ()


@pytest.mark.parametrize(
    "line", ["{", "[]", "{}", '{"epoch": "x"}', "null", "[" * 5000]
)
def test_damaged_line_is_named(tmp_path, line):
    write_history(tmp_path, [row(1)])
    path = tmp_path / "history.jsonl"
    path.write_text(path.read_text() + line + "\n")

    with pytest.raises(RunError, match=r"must hold one epoch per line.*line 2"):
        read_history(tmp_path)


@pytest.mark.parametrize("text", ["epoch,loss\n1,2\n", "epoch,loss\nx,1\n"])
def test_damaged_csv_is_named(tmp_path, text):
    (tmp_path / "history.csv").write_text(text)

    with pytest.raises(RunError, match=r"history\.csv must hold.*line 2"):
        read_history(tmp_path)


def test_bytes_that_are_no_text_are_named(tmp_path):
    (tmp_path / "history.jsonl").write_bytes(b"\xff\xfe")

    with pytest.raises(RunError, match="must hold one epoch per line"):
        read_history(tmp_path)


def test_history_that_cannot_be_written_is_one_error(tmp_path):
    (tmp_path / "history.jsonl").mkdir()

    with pytest.raises(OutputError, match="must be writable"):
        append_history(tmp_path, ROW)
