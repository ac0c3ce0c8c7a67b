"""The loop that all C and C++ clients share, with a runtime whose sums are known."""

from __future__ import annotations

import dataclasses
import json
import subprocess

import numpy as np
import pytest

from export.clients.probe_file import write_probe_file


@pytest.fixture
def serve(arithmetic, probe, tmp_path):
    """A function that runs the client on a probe."""

    def run(*options, offset="0", given=probe):
        write_probe_file(tmp_path / "probe.bin", given)
        (tmp_path / "model").write_text(offset)
        paths = [str(tmp_path / "model"), str(tmp_path / "probe.bin")]
        return subprocess.run(
            [*arithmetic.command, *paths, *options], capture_output=True, text=True
        )

    return run


def counted(done):
    return [int(word) for word in done.stderr.split()]


def test_client_calls_as_cmssw_does(serve):
    done = serve("--batch", "16")

    # 5 tracks: 5 // 16 + 1 calls; 34: 34 // 16 + 1. Garbage beside the five.
    assert done.returncode == 0
    assert counted(done) == [1 + 3, 11, 0]


def test_client_keeps_stale_rows_in_an_empty_last_call(serve, probe):
    some = slice(0, 37)
    whole = dataclasses.replace(
        probe,
        features=probe.features[some],
        category=probe.category[some],
        reference=probe.reference[some],
    )

    done = serve("--batch", "16", given=whole)

    # 32 tracks: two full calls and one without tracks, whose rows are stale.
    assert counted(done) == [1 + 3, 11, 0]


def test_client_without_batch_scores_all_rows_at_once_too(serve):
    assert counted(serve()) == [1 + 3 + 2, 11, 0]


@pytest.mark.parametrize("batch", [1, 7, 39, 64])
def test_client_scores_every_row_in_any_batch(serve, batch):
    done = serve("--batch", str(batch))

    report = json.loads(done.stdout)
    assert done.returncode == 0
    assert report["max_difference"] == 0
    calls = 5 // batch + 1 + 34 // batch + 1
    assert counted(done)[0] == calls


def test_client_scores_every_row_in_every_thread(serve):
    done = serve("--batch", "16", "--threads", "4")

    assert json.loads(done.stdout)["threads"] == 4
    assert counted(done) == [4 * 4, 4 * 11, 0]


def test_client_reports_difference_and_memory(serve):
    done = serve("--batch", "16", offset="5e-7")

    report = json.loads(done.stdout)
    assert done.returncode == 0
    assert (report["client"], report["runtime"]) == ("arithmetic", "Arithmetic 1")
    assert (report["rows"], report["batch"]) == (39, 16)
    assert 0 < report["max_difference"] <= 1e-6
    assert report["max_score_difference"] == pytest.approx(
        2 * report["max_difference"], abs=3e-7
    )
    assert 0 < report["memory_before"] <= report["memory_after"] < 100
    assert report["microseconds_per_track"] is None


def test_client_finds_a_difference(serve):
    done = serve("--threads", "2", offset="0.001")

    assert done.returncode == 2
    assert json.loads(done.stdout)["max_difference"] == pytest.approx(1e-3, rel=1e-3)
    assert "must give the scores of the probe to 1e-06. Received:" in done.stderr


def test_client_finds_a_difference_in_one_row(serve, probe):
    other = probe.reference.copy()
    other[38] += 0.25

    done = serve(given=dataclasses.replace(probe, reference=other))

    assert done.returncode == 2
    assert "max |difference|=0.25" in done.stderr


def test_client_refuses_scores_that_are_not_finite(serve):
    done = serve(offset="nan")

    assert done.returncode == 2
    assert done.stderr == (
        "error: Every score must be finite. Received: nan in row 0\n"
    )


def test_client_compares_nothing_without_reference(serve, probe):
    done = serve(offset="nan", given=dataclasses.replace(probe, reference=None))

    assert done.returncode == 0
    assert json.loads(done.stdout)["max_difference"] is None


@pytest.mark.parametrize(("batch", "calls"), [(16, 2), (39, 1), (64, 1)])
def test_client_times_whole_batches_of_real_rows(serve, batch, calls):
    plain = counted(serve("--batch", str(batch)))

    done = serve("--batch", str(batch), "--repeat", "3")

    assert json.loads(done.stdout)["microseconds_per_track"] > 0
    # Three passes and one to warm up; none has a row of garbage.
    assert counted(done) == [plain[0] + 4 * calls, plain[1], 0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ("--threads", "0"),
            "--threads must be a number from 1 to 1048576. Received: 0",
        ),
        (("--batch", "x"), "--batch must be a number from 1 to 1048576. Received: x"),
        (("--repeat", "-1"), "--repeat must be a number from 0"),
        (
            ("--repeat",),
            "--repeat must be a number from 0 to 1048576. Received: nothing",
        ),
        (("more",), "Arguments must be MODEL PROBE and options. Received: more"),
    ],
)
def test_client_refuses_arguments_in_a_line(serve, options, message):
    done = serve(*options)

    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_client_tells_its_usage(arithmetic):
    done = subprocess.run(arithmetic.command, capture_output=True, text=True)

    assert done.returncode == 2
    assert done.stderr.startswith("error: Usage: arithmetic MODEL PROBE")


def test_client_tells_errors_of_a_runtime_in_one_line(arithmetic, probe, tmp_path):
    write_probe_file(tmp_path / "probe.bin", probe)
    words = [*arithmetic.command, str(tmp_path / "none"), str(tmp_path / "probe.bin")]

    done = subprocess.run(words, capture_output=True, text=True)

    assert done.returncode == 2
    assert done.stderr == f"error: no model in {tmp_path / 'none'}\n"


def test_client_refuses_a_damaged_probe(arithmetic, tmp_path):
    (tmp_path / "probe.bin").write_bytes(b"TRKPROBE" + bytes(600))
    words = [*arithmetic.command, "model", str(tmp_path / "probe.bin")]

    done = subprocess.run(words, capture_output=True, text=True)

    assert done.returncode == 2
    assert done.stderr == (
        f"error: {tmp_path / 'probe.bin'} must be a probe for clients. "
        "Received: another version\n"
    )


def test_reference_is_what_a_loop_gives(probe):
    for row in range(39):
        total = sum(float(value) for value in probe.features[row])

        assert probe.reference[row, 0] == np.float32(total + probe.category[row, 0])
