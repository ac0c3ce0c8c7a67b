"""The cores are divided between the lanes."""

import pytest

from trackdnn.training import threads
from trackdnn.training.threads import set_threads, threads_of


@pytest.mark.parametrize(
    ("lanes", "most", "cores", "expected"),
    [
        # Two cores: each computes lanes of its own.
        ([2], 0, 2, (1, 2)),
        ([8], 0, 2, (1, 2)),
        # More cores than lanes: each lane has several.
        ([4], 0, 16, (4, 4)),
        ([4], 8, 16, (2, 4)),
        # The stage with the fewest lanes must fill the cores, too.
        ([2, 8], 0, 16, (8, 8)),
        ([1, 8], 0, 16, (0, 0)),
        ([1], 3, 16, (3, 3)),
    ],
)
def test_cores_are_divided_between_lanes(lanes, most, cores, expected):
    assert threads_of(lanes, most, cores) == expected


def test_threads_that_come_too_late_are_told(monkeypatch, caplog):
    def refuse(count):
        raise RuntimeError("started")

    fake = threads.tf.config.threading
    monkeypatch.setattr(fake, "set_intra_op_parallelism_threads", refuse)
    monkeypatch.setattr(fake, "get_intra_op_parallelism_threads", lambda: 5)

    set_threads([1], most=5)
    assert not caplog.records

    set_threads([1], most=3)
    assert "local.cpu_threads=3 comes too late" in caplog.text
