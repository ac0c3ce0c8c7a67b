"""What is left to do; the whole of it is in test_prepare.py."""

import pytest

from tests.trackdnn.events.store.conftest import write_toy
from trackdnn.errors import BadFileError
from trackdnn.events.store.preparation import Preparation


def planned(store, toys, **options):
    job = Preparation(store.folder, toys, skip_damaged=False)
    job.plan(**({"fresh": False} | options))
    return job


def test_finished_store_leaves_nothing(store, toys):
    job = planned(store, toys)

    assert job.is_finished()
    assert (job.events_left, job.bytes_left) == (0, 0)


def test_plan_counts_what_changed(store, toys):
    write_toy(toys[0].path, 1, 1)

    job = planned(store, toys)

    assert not job.is_finished()
    assert job.events_left == 1
    assert job.bytes_left == toys[0].path.stat().st_size


def test_fresh_plan_keeps_nothing(store, toys):
    assert planned(store, toys, fresh=True).events_left == 5


def test_other_order_is_another_store(store, toys):
    job = planned(store, toys[::-1])

    assert job.events_left == 0
    assert not job.is_finished()


def test_plan_tells_of_files_that_are_gone(store, toys):
    toys[0].path.unlink()

    with pytest.raises(BadFileError, match="must be readable"):
        planned(store, toys)
