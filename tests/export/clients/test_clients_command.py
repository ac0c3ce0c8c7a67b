from __future__ import annotations

import json

import pytest

from export.clients.run import FAILED, OK, SKIPPED, Outcome
from trackdnn.cli import main
from trackdnn.commands import clients as command

REPORT = {
    "runtime": "TensorFlow 2.21.0",
    "rows": 1093,
    "max_difference": 1.2e-7,
    "max_score_difference": 2.4e-7,
}


def outcome(status, threads=1, client="tf_session"):
    if status == OK:
        return Outcome(client=client, threads=threads, status=OK, report=REPORT)
    return Outcome(client=client, threads=threads, status=status, reason="no luck")


@pytest.fixture
def outcomes(monkeypatch):
    """A function that decides what the clients find."""

    def decide(*found):
        monkeypatch.setattr(command, "check_clients", lambda *_, **__: iter(found))

    return decide


def test_clients_print_a_table(bundle, outcomes, capsys):
    outcomes(outcome(OK), outcome(OK, 4), outcome(SKIPPED, client="onnx_node"))

    assert main(["clients", str(bundle.folder)]) == 0

    out, err = capsys.readouterr()
    words = [line.split() for line in out.splitlines()]
    row = ["TensorFlow", "2.21.0", "1,093", "1.2e-07", "2.4e-07"]
    assert words[1] == ["tf_session", "frozen_graph", "1", *row]
    assert words[2] == ["tf_session", "frozen_graph", "4", *row]
    assert words[3] == ["onnx_node", "onnx", "skipped:", "no", "luck"]
    assert words[4] == ["tolerance", "1e-06"]
    assert err == ""


def test_clients_print_json(bundle, outcomes, capsys):
    outcomes(outcome(OK))

    assert main(["clients", str(bundle.folder), "--json"]) == 0

    printed = json.loads(capsys.readouterr().out)
    assert printed["tolerance"] == 1e-6
    assert printed["clients"][0]["report"] == REPORT


def test_clients_that_fail_end_with_2(bundle, outcomes, capsys):
    outcomes(
        outcome(OK), outcome(FAILED, 1, "tf_c_api"), outcome(FAILED, 4, "tf_c_api")
    )

    assert main(["clients", str(bundle.folder), "-q"]) == 2

    out, err = capsys.readouterr()
    assert "failed: no luck" in out
    assert err == "error: tf_c_api: no luck\n"


def test_clients_that_are_all_skipped_end_with_2(bundle, outcomes, capsys):
    outcomes(outcome(SKIPPED))

    assert main(["clients", str(bundle.folder)]) == 2
    assert "at least one client must run" in capsys.readouterr().err


@pytest.mark.parametrize("threads", ["", "0", "1,x", "257", "1,,4", "-1", "²"])
def test_clients_refuse_threads(bundle, capsys, threads):
    assert main(["clients", str(bundle.folder), f"--threads={threads}"]) == 2
    assert capsys.readouterr().err == (
        "error: `--threads` must be numbers from 1 to 256, such as 1,4. "
        f"Received: {threads}".rstrip()
        + "\n"
    )


def test_clients_want_a_bundle(capsys, tmp_path):
    assert main(["clients"]) == 2
    assert "must be given a bundle or --sources" in capsys.readouterr().err

    assert main(["clients", str(tmp_path)]) == 2
    assert "must hold a manifest.json" in capsys.readouterr().err


def test_clients_write_their_sources(capsys, tmp_path):
    assert main(["clients", "--sources", str(tmp_path / "new")]) == 0

    assert (tmp_path / "new" / "tf_session.cc").is_file()
    assert capsys.readouterr().err.endswith(f"sources in {tmp_path / 'new'}\n")


def test_clients_need_a_folder_for_their_sources(capsys, tmp_path):
    (tmp_path / "file").touch()

    assert main(["clients", "--sources", str(tmp_path / "file")]) == 2
    assert f"{tmp_path / 'file'} must be writable" in capsys.readouterr().err
