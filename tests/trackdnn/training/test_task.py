"""The engine trains what is no track: graphs, in stages, and goes on exactly."""

import math

import numpy as np
import pytest

from trackdnn.errors import Stopped, TrainingError
from trackdnn.settings import EarlyStopping, LocalSettings, Stage
from trackdnn.training.checkpoints.store import CheckpointStore
from trackdnn.training.keeper import Keeper
from trackdnn.training.task import TrackTask
from trackdnn.training.trainer import ModelTrainer
from trackdnn.training.watch import Watch

STAGE = {
    "batch_size": 2,
    "learning_rate": 1e-2,
    "early_stopping": EarlyStopping(monitor="val_loss", patience=50),
}
STAGES = (
    Stage(epochs=6, ema=0.5, **STAGE),
    Stage(epochs=2, freeze=("nodes",), **STAGE),
)


class StopAt(Watch):
    """Stops at the `count`-th question."""

    def __init__(self, count):
        super().__init__()
        self._left = count

    def must_stop(self, *, between_epochs):
        self._left -= 1
        return Stopped("enough", 85) if self._left <= 0 else None


def trained(edges, keeper=None):
    build, task = edges
    return ModelTrainer(STAGES, LocalSettings(), 1).train(build, task, keeper=keeper)


def test_graphs_are_trained_on(edges):
    result = trained(edges)

    losses = [row.val_loss for row in result.history]
    assert losses[-1] < losses[0]
    assert [row.metrics["edges"] > 0 for row in result.history] == 8 * [True]
    assert math.isnan(result.history[0].val_auc)


@pytest.mark.parametrize("count", [1, 5])
def test_training_on_graphs_goes_on_bit_for_bit(edges, tmp_path, count):
    whole = trained(edges)
    store = CheckpointStore(tmp_path)
    with pytest.raises(Stopped):
        trained(edges, Keeper(store, StopAt(count), every=0.0))

    found = trained(edges, Keeper(store))

    for one, other in zip(
        found.model.get_weights(), whole.model.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(one, other)
    assert [row.loss for row in found.history] == [row.loss for row in whole.history]


def test_monitor_that_is_not_there_is_named(edges):
    build, task = edges
    stage = Stage(epochs=1, batch_size=2)

    with pytest.raises(TrainingError, match="Received: val_auc, which is NaN in epoch"):
        ModelTrainer(stage, LocalSettings(), 1).train(build, task)


def test_loss_decides_where_nobody_asked_for_more(edges):
    build, task = edges
    stage = Stage(epochs=2, batch_size=2, early_stopping=None)

    result = ModelTrainer(stage, LocalSettings(), 1).train(build, task)

    assert result.monitor == "val_loss"


def test_later_stages_sample_the_tracks_anew(parts):
    task = TrackTask(*parts)
    plain = Stage(batch_size=100)

    first = task.batches(1, plain, 1)
    weighted = task.batches(2, plain.model_copy(update={"weights": "log_pt"}), 1)

    assert first.steps == weighted.steps == math.ceil(len(parts[0]) / 100)
    assert {float(w) for w in next(first.epochs(1)).columns()["weight"]} == {1.0}
    assert len(set(next(weighted.epochs(1)).columns()["weight"].tolist())) > 10
