"""The epochs, seen from the steps they ask for."""

import itertools

import numpy as np
import pytest

from trackdnn.settings import Stage
from trackdnn.training.loop import EpochLoop


class Recorder:
    """Stands for a pass, a network, a judge and a progress bar."""

    def __init__(self, aucs=(0.5,), loss=1.0):
        self.calls, self.aucs, self.loss, self.tracks = [], list(aucs), loss, 0

    def run(self, rows, bounds, rates):
        self.calls.append((rows, bounds, rates))
        return np.full(len(rates), self.loss, np.float32)

    def __call__(self, model):
        return 1.0, self.aucs[min(len(self.aucs) - 1, self.epoch - 1)]

    @property
    def epoch(self):
        return len({call[0].tobytes() for call in self.calls})

    def get_weights(self):
        return [np.array(self.epoch)]

    def advance(self, tracks, loss):
        self.tracks += tracks

    def finish_epoch(self, row):
        pass


def run(tracks=1000, aucs=(0.5,), loss=1.0, seed=1, **stage):
    spy = Recorder(aucs, loss)
    stage = Stage(**{"epochs": 3, "batch_size": 64, **stage})
    loop = EpochLoop(stage, seed, spy, spy, None, spy, tracks)
    loop.run(spy, lambda row: None)
    return spy, loop.result(None), loop


def batches(spy, epoch_rows):
    calls = [call for call in spy.calls if call[0] is epoch_rows]
    return [
        rows[start:stop]
        for rows, bounds, _ in calls
        for start, stop in itertools.pairwise(bounds)
    ]


@pytest.mark.parametrize("tracks", [1, 63, 64, 65, 1000, 5000])
def test_epoch_visits_each_track_once_in_batches_of_one_size(tracks):
    spy, *_ = run(tracks, epochs=1)

    found = batches(spy, spy.calls[0][0])
    sizes = [len(batch) for batch in found]

    assert sorted(np.concatenate(found)) == list(range(tracks))
    assert max(sizes) <= 64
    assert max(sizes) - min(sizes) <= 1


def test_epochs_have_orders_of_their_own_that_follow_from_the_seed():
    orders = [run(seed=seed)[0].calls for seed in (1, 1, 2)]

    first, again, other = ([call[0].tolist() for call in calls] for calls in orders)
    assert first == again
    assert len({tuple(order) for order in first}) == 3
    assert first != other


def test_learning_rate_falls_over_all_epochs():
    spy, result, _ = run(warmup=0.0)

    rates = np.concatenate([call[2] for call in spy.calls])

    assert len(rates) == 3 * 16
    assert np.all(np.diff(rates) < 0)
    assert result.history[-1].learning_rate == rates[-1]


def test_loop_stops_when_patience_is_at_its_end():
    aucs = (0.5, 0.6, 0.6, 0.55, 0.7)

    spy, result, loop = run(
        aucs=aucs, epochs=9, early_stopping={"monitor": "val_auc", "patience": 2}
    )

    assert (result.best_epoch, result.epochs, result.stopped_early) == (2, 4, True)
    assert loop.best_weights == [np.array(2)]
    assert spy.tracks == 4 * 1000


def test_loop_without_early_stopping_keeps_the_best_auc():
    _, result, _ = run(aucs=(0.5, 0.6, 0.4), early_stopping=None)

    assert (result.best_epoch, result.epochs, result.stopped_early) == (2, 3, False)
    assert result.best.val_auc == 0.6
    assert result.monitor == "val_auc"
