"""The epochs, seen from the steps they ask for."""

import itertools
import time

import numpy as np
import pytest

from tests.conftest import make_tracks
from trackdnn.data.batches.source import BatchSource
from trackdnn.errors import BadFileError
from trackdnn.settings import Stage
from trackdnn.training.judge import Verdict
from trackdnn.training.loop import StageLoop, StageParts
from trackdnn.training.schedules.schedule import make_schedule


class Recorder:
    """Stands for a pass, a network, a judge and a progress bar."""

    def __init__(self, aucs=(0.5,), loss=1.0):
        self.aucs, self.loss, self.tracks = list(aucs), loss, 0
        self.batches, self.rates = [], []

    def run(self, chunk, rates):
        rows = chunk.features[:, 0].astype(int)
        self.batches += [
            rows[start:stop].tolist()
            for start, stop in itertools.pairwise(chunk.bounds)
        ]
        self.rates += rates.tolist()
        return np.full(len(rates), self.loss, np.float32)

    def __call__(self, model, pulse):
        pulse()
        return Verdict(1.0, self.aucs[min(len(self.aucs) - 1, self.epoch - 1)])

    @property
    def epoch(self):
        return len(self.batches) // self.steps

    trainable_variables = ()

    def get_weights(self):
        return [np.array(self.epoch)]

    def advance(self, tracks, loss):
        self.tracks += tracks

    def finish_epoch(self, row):
        pass


def numbered(count):
    tracks = make_tracks(count)
    tracks.features[:, 0] = np.arange(count)
    return tracks


def run(tracks=1000, aucs=(0.5,), loss=1.0, seed=1, source=None, **stage):
    spy = Recorder(aucs, loss)
    stage = Stage(**{"epochs": 3, "batch_size": 64, **stage})
    if source is None:
        size = stage.batch_size
        source = BatchSource(numbered(tracks), batch_size=size, seed=seed)
    spy.steps = source.steps
    schedule = make_schedule(
        stage.schedule, stage.rate, stage.warmup, source.steps, stage.epochs
    )
    parts = StageParts(
        model=spy,
        inner=spy,
        average=None,
        judge=spy,
        source=source,
        schedule=schedule,
    )
    loop = StageLoop(stage, parts)
    loop.run(spy)
    return spy, loop


def orders(spy):
    """The rows of each epoch."""
    steps = spy.steps
    return [
        list(itertools.chain(*spy.batches[first : first + steps]))
        for first in range(0, len(spy.batches), steps)
    ]


@pytest.mark.parametrize("tracks", [1, 63, 64, 65, 1000, 5000])
def test_epoch_visits_each_track_once_in_batches_of_one_size(tracks):
    spy, *_ = run(tracks, epochs=1)

    sizes = [len(batch) for batch in spy.batches]

    assert sorted(itertools.chain(*spy.batches)) == list(range(tracks))
    assert max(sizes) <= 64
    assert max(sizes) - min(sizes) <= 1


def test_epochs_have_orders_of_their_own_that_follow_from_the_seed():
    first, again, other = (orders(run(seed=seed)[0]) for seed in (1, 1, 2))

    assert first == again
    assert len({tuple(order) for order in first}) == 3
    assert first != other


def test_learning_rate_falls_over_all_epochs():
    spy, loop = run(warmup=0.0)

    assert len(spy.rates) == 3 * 16
    assert np.all(np.diff(spy.rates) < 0)
    assert loop.state.history[-1].learning_rate == spy.rates[-1]


class Slow:
    """A source whose disk is slow, or breaks."""

    def __init__(self, error=None):
        self._real = BatchSource(numbered(1000), batch_size=64, seed=1)
        self._error = error
        self.steps, self.tracks, self.sizes = 16, 1000, self._real.sizes

    def epochs(self, last, **place):
        time.sleep(0.05)
        if self._error:
            raise self._error
        yield from self._real.epochs(last, **place)


def test_epoch_counts_what_its_steps_wait():
    _, slow = run(source=Slow(), epochs=2)
    _, quick = run(epochs=2)

    assert slow.state.history[0].stall > 0.03
    assert quick.state.history[0].stall < slow.state.history[0].stall


def test_error_of_reading_ends_the_training():
    with pytest.raises(BadFileError, match="damaged"):
        run(source=Slow(BadFileError("damaged")))


def test_loop_stops_when_patience_is_at_its_end():
    aucs = (0.5, 0.6, 0.6, 0.55, 0.7)

    spy, loop = run(
        aucs=aucs, epochs=9, early_stopping={"monitor": "val_auc", "patience": 2}
    )

    assert (loop.state.best, loop.state.epoch, loop.done) == (2, 4, True)
    assert loop.state.best_weights == [np.array(2)]
    assert spy.tracks == 4 * 1000


def test_loop_without_early_stopping_keeps_the_best_auc():
    _, loop = run(aucs=(0.5, 0.6, 0.4), early_stopping=None)

    assert (loop.state.best, loop.state.epoch) == (2, 3)


def test_plateau_lowers_the_rate_of_the_next_epoch():
    schedule = {"kind": "plateau", "patience": 1, "monitor": "val_auc", "factor": 0.5}

    _, loop = run(
        aucs=(0.6, 0.5, 0.7), schedule=schedule, warmup=0.0, early_stopping=None
    )

    rates = [row.learning_rate for row in loop.state.history]
    assert rates == pytest.approx([2e-3, 2e-3, 1e-3])
    assert loop.state.schedule["epoch"] == 3
