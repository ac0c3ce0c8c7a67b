"""Another process tells Weights & Biases; whatever it does, it does no harm."""

import json
import logging
import sys
import time

import pytest

from tests.trackdnn.training.test_history import row
from trackdnn.settings.tracking import WandbSettings
from trackdnn.training.history import write_history
from trackdnn.training.trackers import wandb as tested
from trackdnn.training.trackers.record import LOG, read_record
from trackdnn.training.trackers.tracker import reporting
from trackdnn.training.trackers.wandb import WandbTracker

QUIET = WandbSettings(mode="offline", tags=("a", "b"))


def scripted(folder, text):
    """A tracker whose process does as it is told here."""
    script = folder / "process.py"
    script.write_text(f"import json, sys, time\n{text}\n")
    return WandbTracker(folder, QUIET, (sys.executable, "-S", str(script)))


def test_process_hears_when_to_look_and_how_it_ended(tmp_path):
    keep = "json.dump([sys.argv[1:], sys.stdin.read()], open('heard.json', 'w'))"
    tracker = scripted(tmp_path, f"import os; os.chdir(sys.argv[1]); {keep}")

    tracker.start([])
    tracker.epoch(row(1))
    tracker.finish("stopped")

    arguments, orders = json.loads((tmp_path / "heard.json").read_text())
    assert orders.split() == ["epoch", "epoch", "stopped"]
    assert arguments[0] == str(tmp_path)
    options = json.loads(arguments[1])
    assert options == {"project": "trackdnn", "mode": "offline", "tags": ["a", "b"]}


def test_process_that_dies_is_one_warning(tmp_path, caplog):
    tracker = scripted(tmp_path, "sys.exit('UsageError: no API key')")

    with caplog.at_level(logging.WARNING), reporting(tracker) as reporter:
        reporter.start([])
        tracker._process.wait(10)
        reporter.epoch(row(1))
        reporter.epoch(row(2))

    (record,) = caplog.records
    assert "exit code 1" in record.message
    assert record.message.endswith(f"{LOG} ends with: UsageError: no API key")


def test_process_that_hangs_keeps_nobody_waiting(tmp_path, caplog, monkeypatch):
    monkeypatch.setitem(tested.PATIENCE, "complete", 0.2)
    tracker = scripted(tmp_path, "time.sleep(30)")
    start = time.monotonic()

    with caplog.at_level(logging.WARNING), reporting(tracker) as reporter:
        reporter.start([])
        process = tracker._process
        # More orders than a pipe holds.
        for _ in range(20_000):
            reporter.epoch(row(1))

    assert time.monotonic() - start < 5
    assert [one.message for one in caplog.records] == [
        f"Weights & Biases are still being told of {tmp_path}; that goes on in process "
        f"{process.pid}, see {LOG} there"
    ]
    process.returncode = None
    process.kill()
    process.wait()


def test_process_that_cannot_start_is_one_warning(tmp_path, caplog):
    tracker = WandbTracker(tmp_path, QUIET, (str(tmp_path / "nothing"),))

    with caplog.at_level(logging.WARNING), reporting(tracker) as reporter:
        reporter.start([])
        reporter.epoch(row(1))

    assert len(caplog.records) == 1
    assert "the training goes on" in caplog.text


def sent(path):
    """Id and rows that an offline run of Weights & Biases holds."""
    from wandb.proto.wandb_internal_pb2 import Record
    from wandb.sdk.internal.datastore import DataStore

    store, found, rows = DataStore(), "", []
    store.open_for_scan(str(path))
    try:
        while (data := store.scan_data()) is not None:
            record = Record.FromString(data)
            found = record.run.run_id or found
            if record.WhichOneof("record_type") == "history":
                rows.append(
                    {
                        item.key or "/".join(item.nested_key): json.loads(
                            item.value_json
                        )
                        for item in record.history.item
                    }
                )
    finally:
        store._fp.close()
    return found, [(one["_step"], one["stage"], one["epoch"]) for one in rows]


def test_run_offline_has_one_id_and_each_epoch_once(tmp_path, monkeypatch):
    pytest.importorskip("wandb")
    run, home = tmp_path / "run", tmp_path / "home"
    run.mkdir()
    home.mkdir()
    for name, value in {"HOME": str(home), "WANDB_MODE": "offline"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setitem(tested.PATIENCE, "stopped", 60.0)
    monkeypatch.setitem(tested.PATIENCE, "complete", 60.0)
    (run / "settings.yaml").write_text("seed: 1\ndata: {prepared: /secret}\n")
    (run / "summary.json").write_text('{"val_auc": 0.9, "tracks": {}}')
    history = [row(1), row(2), row(1, stage=2)]
    # Killed after two epochs; then on from the first one to the end.
    for known, last, status in ((0, 2, "stopped"), (1, 3, "complete")):
        tracker = WandbTracker(run, WandbSettings())
        write_history(run, history[:known])
        tracker.start(history[:known])
        for number in range(known, last):
            write_history(run, history[: number + 1])
            tracker.epoch(history[number])
        tracker.finish(status)

    found = [sent(path) for path in sorted(run.glob("wandb/offline-run-*/*.wandb"))]
    record = read_record(run)
    assert [one[0] for one in found] == [record.id, record.id]
    assert [one[1] for one in found] == [[(1, 1, 1), (2, 1, 2)], [(3, 2, 1)]]
    assert record.rows == 3
    assert list(home.iterdir()) == []
