from __future__ import annotations

import json
import sys

import pytest

from export.clients import run as running
from export.clients.build import CLIENTS, Program
from export.clients.probe_file import write_probe_file
from export.clients.run import FAILED, OK, SKIPPED, check_clients, run_client
from export.errors import ClientError, MissingToolError, UnsafeGraphError


@pytest.fixture
def python():
    """A function that makes a client of a few words of Python."""

    def make(code):
        return Program((sys.executable, "-c", f"import os, sys\n{code}"), {"OWN": "1"})

    return make


@pytest.fixture
def paths(arithmetic, probe, tmp_path):
    write_probe_file(tmp_path / "probe.bin", probe)
    (tmp_path / "model").write_text("0")
    return arithmetic, tmp_path / "model", tmp_path / "probe.bin"


def test_client_is_run_with_its_options(paths):
    report = run_client(*paths, threads=2, batch=7, repeat=2)

    assert (report["threads"], report["batch"], report["rows"]) == (2, 7, 39)
    assert report["microseconds_per_track"] > 0


def test_difference_of_a_client_is_an_error(paths):
    paths[1].write_text("0.5")

    with pytest.raises(ClientError, match=r"Received: max \|difference\|=0.5$"):
        run_client(*paths)


def test_client_gets_its_environment(paths, python):
    program = python("print('{\"a\":', os.environ['OWN'], '}')")

    assert run_client(program, *paths[1:]) == {"a": 1}


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("print('x')", "must print JSON. Received: 'x"),
        ("sys.exit('error: a\\nnoise')", "^a$"),
        ("sys.exit('noise')", "must end with 0. Received: 1, noise"),
        ("sys.exit(3)", "Received: 3, no message"),
        ("os.abort()", "Received: -6"),
    ],
)
def test_client_that_breaks_is_told_in_a_line(paths, python, code, message):
    with pytest.raises(ClientError, match=message):
        run_client(python(code), *paths[1:])


def test_client_that_is_not_there_is_told(paths):
    with pytest.raises(ClientError, match="A client must run"):
        run_client(Program(("/no/such/client",)), *paths[1:])


def test_client_that_hangs_is_stopped(paths, python, monkeypatch):
    monkeypatch.setattr(running, "SECONDS", 0.5)

    with pytest.raises(ClientError, match="timed out"):
        run_client(python("import time; time.sleep(60)"), *paths[1:])


def test_clients_are_tried_on_their_artifacts(bundle, python, tmp_path, monkeypatch):
    code = (
        "from pathlib import Path\nimport json\n"
        "assert Path(sys.argv[2]).read_bytes()[:8] == b'TRKPROBE'\n"
        "print(json.dumps({'model': sys.argv[1], 'threads': sys.argv[4]}))"
    )
    monkeypatch.setattr(running, "build", lambda *_, **__: python(code))

    found = list(check_clients(bundle, tmp_path, threads=[1, 4]))

    assert [(one.client, one.threads, one.status) for one in found] == [
        (name, threads, OK) for name in CLIENTS for threads in (1, 4)
    ]
    models = [one.report["model"].rpartition("/")[2] for one in found]
    assert models[::2] == [
        *("frozen_graph.pb", "frozen_graph.pb", "saved_model"),
        *("model.onnx", "model.onnx"),
    ]
    assert [one.report["threads"] for one in found[:2]] == ["1", "4"]
    assert json.dumps(found[0].to_dict())


def test_clients_are_skipped_or_fail_with_the_reason(
    bundle, python, tmp_path, monkeypatch
):
    def build(name, cache, *, fetch):
        if name == "tf_session":
            raise MissingToolError("no compiler")
        if name == "tf_c_api":
            raise ClientError("no sense")
        return python("sys.exit('error: no luck')")

    monkeypatch.setattr(running, "build", build)
    names = ("tf_session", "tf_c_api", "saved_model")

    found = list(check_clients(bundle, tmp_path, threads=[2], clients=names))

    assert [(one.status, one.reason) for one in found] == [
        (SKIPPED, "no compiler"),
        (FAILED, "no sense"),
        (FAILED, "no luck"),
    ]


def test_clients_run_no_graph_that_breaks_the_rules(bundle, tmp_path, monkeypatch):
    def refuse(folder):
        raise UnsafeGraphError("no")

    monkeypatch.setattr(running, "check_bundle", refuse)

    with pytest.raises(UnsafeGraphError):
        list(check_clients(bundle, tmp_path))
