import multiprocessing
from concurrent.futures import Future

import pytest

from trackdnn.simulation import pool, worker

BROKEN = worker.Job("ttbar", 1.0, 1, "a working point that nobody checked")


class Recorder:
    """An executor that answers at once and remembers what is in flight."""

    def __init__(self):
        self.jobs = []

    def submit(self, function, job, first, count):
        self.jobs.append((first, count))
        future = Future()
        future.set_result(first)
        return future


def test_submit_covers_every_event_once_in_order():
    recorder = Recorder()

    firsts = [f.result() for f in pool._submit(recorder, BROKEN, 7, workers=2)]

    assert recorder.jobs == [(0, 2), (2, 2), (4, 2), (6, 1)]
    assert firsts == [0, 2, 4, 6]


def test_submit_holds_few_blocks():
    recorder = Recorder()

    next(pool._submit(recorder, BROKEN, 1000, workers=2))

    assert len(recorder.jobs) == 5


def test_make_blocks_reports_a_failing_worker():
    with pytest.raises(pool.SimulationError, match=r"one failed. Received: KeyError"):
        list(pool.make_blocks(BROKEN, 2, 1, progress=False))

    assert not multiprocessing.active_children()


def test_wait_reports_the_last_output(tmp_path):
    (tmp_path / "workers.log").write_text("one\ntwo\nthree")
    future = Future()
    future.set_exception(RuntimeError("no"))

    with pytest.raises(pool.SimulationError, match=r"Its last output: one two three"):
        pool._wait(future, tmp_path)
