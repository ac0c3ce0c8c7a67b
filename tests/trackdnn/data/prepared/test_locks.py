"""One job at a time; a lock dies with its process."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import subprocess
import sys
import threading

import pytest

from trackdnn.data.prepared.locks import locked
from trackdnn.errors import DatasetError, OutputError

HOLD = """
import sys, time
from pathlib import Path
from trackdnn.data.prepared.locks import locked
with locked(Path(sys.argv[1]), Path("x")):
    print("held", flush=True)
    time.sleep(60)
"""


def test_locked_keeps_others_out(tmp_path):
    path = tmp_path / "deep" / ".lock"

    with locked(path, tmp_path):
        with (
            pytest.raises(DatasetError, match=f"one job at a time.*{os.getpid()} on "),
            locked(path, tmp_path),
        ):
            pass
        assert path.exists()

    assert not path.exists()
    with locked(path, tmp_path):
        pass


def test_locked_waits_if_asked_to(tmp_path):
    path, order = tmp_path / ".lock", []

    def second():
        def told():
            order.append("waiting")

        with locked(path, tmp_path, wait=True, on_wait=told):
            order.append("second")

    with locked(path, tmp_path):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.3)
        order.append("first")
    thread.join(5)

    assert order == ["waiting", "first", "second"]


def test_locked_breaks_the_lock_of_a_dead_process(tmp_path):
    path = tmp_path / ".lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE
    ) as other:
        other.stdout.readline()
        with pytest.raises(DatasetError, match=f"process {other.pid}"):
            locked(path, tmp_path).__enter__()
        other.send_signal(signal.SIGKILL)
        other.wait()
        assert path.exists()

        with locked(path, tmp_path):
            assert path.read_text().split()[0] == str(os.getpid())


def test_locked_ignores_a_file_that_its_owner_has_removed(tmp_path, monkeypatch):
    path, original = tmp_path / ".lock", fcntl.flock
    removed = []

    def flock(descriptor, how):
        original(descriptor, how)
        if not removed:
            removed.append(path.unlink())

    monkeypatch.setattr(fcntl, "flock", flock)
    with locked(path, tmp_path):
        assert path.exists()


def test_locked_goes_without_where_there_are_no_locks(tmp_path, monkeypatch):
    def flock(descriptor, how):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", flock)
    with locked(tmp_path / ".lock", tmp_path), locked(tmp_path / ".lock", tmp_path):
        pass


def test_locked_needs_a_folder_to_write_to(tmp_path):
    (tmp_path / "file").write_text("")

    with (
        pytest.raises(OutputError, match="must be writable"),
        locked(tmp_path / "file" / ".lock", tmp_path),
    ):
        pass
