"""A training goes on whatever its tracker does."""

import logging

import pytest

from tests.trackdnn.training.test_history import row
from trackdnn.errors import Stopped
from trackdnn.training.trackers.tracker import (
    Reporter,
    Steps,
    named_values,
    reporting,
)


class Spy:
    """Notes what it is told, and fails where it is asked to."""

    def __init__(self, fails=()):
        self.told, self.fails = [], fails

    def start(self, rows):
        self.note("start", len(rows))

    def epoch(self, row):
        self.note("epoch", row.epoch)

    def finish(self, status):
        self.note("finish", status)

    def note(self, what, value):
        self.told.append((what, value))
        if what in self.fails:
            raise ConnectionError("nobody is there")


@pytest.mark.parametrize("fault", ["start", "epoch", "finish"])
def test_tracker_that_fails_is_told_of_nothing_more(fault, caplog):
    spy = Spy([fault])

    with caplog.at_level(logging.WARNING), reporting(spy) as reporter:
        reporter.start([])
        reporter.epoch(row(1))
        reporter.epoch(row(2))

    assert [what for what, _ in spy.told].count(fault) == 1
    assert spy.told[-1][0] == fault
    (record,) = caplog.records
    assert "the training goes on without it: ConnectionError: nobody" in record.message


@pytest.mark.parametrize(
    ("error", "status"), [(Stopped("", 85), "stopped"), (ValueError(), "failed")]
)
def test_tracker_hears_how_a_training_ends(error, status):
    spy = Spy()

    with pytest.raises(type(error)), reporting(spy):
        raise error

    assert spy.told == [("finish", status)]


def test_nobody_may_be_told():
    reporter = Reporter(None)
    reporter.start([])
    reporter.epoch(row(1))
    reporter.finish("complete")


def test_steps_count_over_stages_and_go_back():
    steps = Steps([row(1), row(2)])

    found = [
        steps.of(one) for one in (row(3), row(2), row(3), row(1, stage=2), row(1, 2))
    ]

    # Epoch 3 of stage 1, again from epoch 2 on, and the first of stage 2 twice.
    assert found == [3, 2, 3, 4, 4]


def test_named_values_are_flat():
    found = named_values(row(1, rates={"bias": 0.5}, metrics={"purity": 2.0}))

    assert found["rates/bias"] == 0.5
    assert found["purity"] == 2.0
    assert found["seconds"] == 3.25
