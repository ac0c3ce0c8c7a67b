import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from trackdnn.simulation import worker

PRINTING = """
import os, sys
from pathlib import Path
from trackdnn.simulation.worker import prepare
prepare(Path(sys.argv[1]))
os.write(1, b"to stdout ")
os.write(2, b"to stderr ")
"""
PARENT = """
import os, sys, time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from trackdnn.simulation.worker import prepare
if __name__ == "__main__":
    pool = ProcessPoolExecutor(1, get_context("spawn"), prepare, (Path(sys.argv[1]),))
    print(pool.submit(os.getpid).result(), flush=True)
    time.sleep(60)
"""


def test_prepare_sends_all_output_to_the_log(tmp_path):
    log = tmp_path / "workers.log"

    done = subprocess.run(
        [sys.executable, "-c", PRINTING, str(log)], capture_output=True, check=True
    )

    assert (done.stdout, done.stderr) == (b"", b"")
    assert log.read_text() == "to stdout to stderr "


def test_prepare_ignores_the_keyboard(tmp_path):
    script = PRINTING + "import signal; os.kill(os.getpid(), signal.SIGINT)"

    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "log")], check=False
    )

    assert done.returncode == 0
    assert signal.getsignal(signal.SIGINT) is not signal.SIG_IGN
    assert os.getpid()


def test_prepare_lets_no_worker_outlive_its_parent(tmp_path):
    command = [sys.executable, "-c", PARENT, str(tmp_path / "log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        worker_id = int(parent.stdout.readline())
        parent.kill()
        parent.wait()
    for _ in range(200):
        if not is_running(worker_id):
            return
        time.sleep(0.05)

    pytest.fail("the worker goes on")


def is_running(pid):
    """Whether a process is there, and no zombie that nobody asks for."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rsplit(")", 1)[1].split()[0] != "Z"


def test_simulate_block_makes_the_events_of_the_chain(acts_run):
    block = worker.simulate_block(worker.Job("ttbar", 5.0, 3, "default"), 10, 1)

    assert block.cpu_seconds > 0
    for name, column in block.events[0].items():
        np.testing.assert_array_equal(column, acts_run.events[0][name], err_msg=name)
