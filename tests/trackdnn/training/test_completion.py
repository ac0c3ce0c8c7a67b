"""What runs after a training, and how little it can spoil."""

import json
import logging
import sys
import time

import pytest

from trackdnn.training.completion import OUTPUT, run_on_finish


def python(text):
    return (sys.executable, "-S", "-c", text)


def test_command_runs_in_the_run_and_knows_of_it(tmp_path):
    said = []
    code = (
        "import json, os; print('one\\ntwo'); json.dump([os.getcwd(), "
        "{k: v for k, v in os.environ.items() if 'TRACKDNN' in k}], open('x', 'w'))"
    )

    assert run_on_finish(python(code), tmp_path, 60.0, said.extend) == 0

    where, environment = json.loads((tmp_path / "x").read_text())
    assert where == str(tmp_path)
    assert environment == {
        "TRACKDNN_RUN": str(tmp_path),
        "TRACKDNN_STATUS": "complete",
        "TRACKDNN_MANIFEST": str(tmp_path / "run.json"),
        "TRACKDNN_SUMMARY": str(tmp_path / "summary.json"),
        "TRACKDNN_PYTHON": sys.executable,
    }
    assert said == ["on_finish: exit code 0", "| one", "| two"]
    assert (tmp_path / OUTPUT).read_text() == "one\ntwo\n"


def test_command_that_fails_is_a_warning(tmp_path, caplog):
    text = "import sys\nfor n in range(9): print(n)\nsys.exit(3)"

    with caplog.at_level(logging.WARNING):
        assert run_on_finish(python(text), tmp_path, 60.0) == 3

    assert caplog.messages == [
        "local.on_finish ended with exit code 3; the training is complete. "
        "| 4 | 5 | 6 | 7 | 8"
    ]


@pytest.mark.parametrize("program", ["no-such-program", "./file"])
def test_command_that_is_none_is_a_warning(tmp_path, caplog, program):
    (tmp_path / "file").touch()

    with caplog.at_level(logging.WARNING):
        assert run_on_finish((program,), tmp_path, 60.0) is None

    assert "local.on_finish cannot be run; the training is complete" in caplog.text
    assert program in caplog.text


def test_command_that_hangs_is_killed_with_all_it_started(tmp_path, caplog):
    text = (
        "import subprocess, sys, time; print('begun', flush=True); "
        "subprocess.Popen(['sh', '-c', 'sleep 1; touch survived']); time.sleep(60)"
    )
    start = time.monotonic()

    with caplog.at_level(logging.WARNING):
        assert run_on_finish(python(text), tmp_path, 0.5) is None

    assert time.monotonic() - start < 10
    assert "must end within 0.5 s (local.on_finish_seconds)" in caplog.text
    assert "| begun" in caplog.text
    time.sleep(1.2)
    assert not (tmp_path / "survived").exists()


def test_what_a_command_leaves_running_keeps_nobody_waiting(tmp_path):
    start = time.monotonic()

    assert run_on_finish(("sh", "-c", "sleep 3 &"), tmp_path, 60.0) == 0

    assert time.monotonic() - start < 2


def test_nothing_to_run_leaves_nothing(tmp_path):
    assert run_on_finish((), tmp_path, 60.0) is None
    assert list(tmp_path.iterdir()) == []
