"""What makes an epoch better than another one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from trackdnn.errors import TrainingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trackdnn.settings import Stage
    from trackdnn.training.history import Epoch


def monitor_of(stage: Stage, row: Epoch) -> str:
    """The figure that says which epoch is the best."""
    if stage.early_stopping is not None:
        return stage.early_stopping.monitor
    return "val_loss" if math.isnan(row.val_auc) else "val_auc"


def merit(stage: Stage, row: Epoch) -> float:
    """How good an epoch is, the more the better.

    Raises:
        TrainingError: If the figure that the stage names is not there.
    """
    monitor = monitor_of(stage, row)
    value = float(getattr(row, monitor))
    if math.isnan(value):
        raise TrainingError(
            "early_stopping.monitor must name a figure that this training has. "
            f"Received: {monitor}, which is NaN in epoch {row.epoch}"
        )
    return value if monitor == "val_auc" else -value


def best_of(stage: Stage, rows: Sequence[Epoch]) -> Epoch:
    """The best epoch of a stage so far.

    Epochs before a part of the network has joined are those of another network, and do
    not count once it has.

    Args:
        stage: Its monitor, and its gates.
        rows: Its epochs, at least one.
    """
    waiting, since = list(stage.gates), 0
    for row in rows:
        left = [gate for gate in waiting if not gate.passes(getattr(row, gate.monitor))]
        since = since if len(left) == len(waiting) else row.epoch
        waiting = left
    counted = [row for row in rows if row.epoch > since] or rows[-1:]
    return max(counted, key=lambda row: (merit(stage, row), -row.epoch))


def mean_of(losses: list[float], sizes: list[float]) -> float:
    """Mean over the samples, the same on every kind of processor."""
    total = math.fsum(loss * size for loss, size in zip(losses, sizes, strict=True))
    return total / math.fsum(sizes)
