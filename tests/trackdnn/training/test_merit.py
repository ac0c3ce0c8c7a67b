"""Which epoch is the best, and by which figure."""

import dataclasses
import math

import numpy as np
import pytest

from trackdnn.errors import TrainingError
from trackdnn.settings import EarlyStopping, GateSettings, Stage
from trackdnn.training.history import Epoch
from trackdnn.training.merit import best_of, mean_of, merit, monitor_of


def row(loss=0.5, auc=0.9):
    return Epoch(
        epoch=3,
        loss=1.0,
        val_loss=loss,
        val_auc=auc,
        learning_rate=1.0,
        seconds=1.0,
        tracks_per_second=1.0,
    )


@pytest.mark.parametrize(
    ("stopping", "auc", "monitor", "expected"),
    [
        (EarlyStopping(), 0.9, "val_auc", 0.9),
        (EarlyStopping(monitor="val_loss"), 0.9, "val_loss", -0.5),
        (None, 0.9, "val_auc", 0.9),
        (None, math.nan, "val_loss", -0.5),
    ],
)
def test_merit_is_that_of_the_monitor(stopping, auc, monitor, expected):
    stage = Stage(early_stopping=stopping)

    assert monitor_of(stage, row(auc=auc)) == monitor
    assert merit(stage, row(auc=auc)) == expected


def test_monitor_without_a_figure_is_named():
    with pytest.raises(TrainingError, match="Received: val_auc, which is NaN in epoch"):
        merit(Stage(), row(auc=math.nan))


@pytest.mark.parametrize(
    ("aucs", "best"),
    [
        ((0.5, 0.7, 0.6), 2),
        ((0.7, 0.7), 1),
        # It joins after the second epoch; what was before does not count.
        ((0.7, 0.95, 0.6, 0.65), 4),
        ((0.7, 0.95), 2),
    ],
)
def test_best_epoch_is_one_of_the_whole_network(aucs, best):
    gate = GateSettings(output="two", threshold=0.9)
    stage = Stage(gates=(gate,))
    rows = [
        dataclasses.replace(row(auc=auc), epoch=number)
        for number, auc in enumerate(aucs, start=1)
    ]

    assert best_of(stage, rows).epoch == best


def test_mean_weighs_batches_by_their_samples():
    losses, sizes = [0.1, 0.7, 0.3], [100.0, 50.0, 7.0]

    assert mean_of(losses, sizes) == pytest.approx(np.average(losses, weights=sizes))
