"""What a training leaves, read by name."""

from trackdnn.training.history import Epoch
from trackdnn.training.result import TrainingResult


def test_result_knows_its_best_epoch():
    rows = [
        Epoch(
            epoch=number,
            loss=0.5,
            val_loss=0.4,
            val_auc=auc,
            learning_rate=1e-3,
            seconds=1.0,
            tracks_per_second=10.0,
        )
        for number, auc in enumerate((0.7, 0.9, 0.8), start=1)
    ]

    result = TrainingResult(
        model=None,
        history=tuple(rows),
        best_epoch=2,
        monitor="val_auc",
        stopped_early=False,
        seconds=3.0,
    )

    assert result.best is rows[1]
    assert result.epochs == 3
