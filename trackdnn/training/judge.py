"""Scores the validation part after each epoch, in bounded memory."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from network.losses import loss as loss_by_name
from network.metrics import roc_auc
from trackdnn.data.batches.parts import BLOCK, as_part, blocks
from trackdnn.errors import TrainingError
from trackdnn.training.prediction import predict
from trackdnn.training.sampled import sample_part

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from trackdnn.data.batches.parts import Part
    from trackdnn.data.tracks import Tracks
    from trackdnn.settings import Stage
    from trackdnn.training.sampled import Sampled


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What a network is worth.

    Args:
        loss: Mean weighted loss of the validation part.
        auc: Area under the ROC, NaN where there is none.
        metrics: Further figures by name.
    """

    loss: float
    auc: float = math.nan
    metrics: dict[str, float] = dataclasses.field(default_factory=dict)


class Judgement(Protocol):
    """Scores a network."""

    def __call__(self, model: Any, pulse: Callable[[], None], /) -> Verdict:
        """What it is worth.

        Args:
            model: The network.
            pulse: To be called every few seconds; it may end the judgement by an
                exception, where the training must stop.
        """


class Judge:
    """Scores the validation part.

    Labels and weights stay in memory. The inputs do so where the part is no larger
    than the buffer of the training; else they are read anew each time.

    Args:
        data: Labelled tracks, in memory or on disk.
        stage: Says which loss and which weights.

    Raises:
        TrainingError: If only one class is there, or the weights are unusable.
    """

    def __init__(self, data: Tracks | Part, stage: Stage) -> None:
        sampled = sample_part("validation", data, stage)
        part = sampled.part
        if len(part) <= stage.shuffle.buffer:
            part = as_part(part.tracks())
        self._part: Part = part
        self._label = part.column("label").astype(np.float32)[:, None]
        self._weight = _weights(sampled)
        self._loss = loss_by_name(stage.loss)

    def __call__(self, model: Any, pulse: Callable[[], None] = lambda: None) -> Verdict:
        """Weighted loss and exact AUC."""
        score = self._score(model, pulse)
        if not np.isfinite(score).all():
            raise TrainingError(
                "The scores of the validation tracks must stay finite. Received: NaN. "
                "Lower training.learning_rate."
            )
        total = sum(
            self._total(score[start : start + BLOCK], start)
            for start in range(0, len(score), BLOCK)
        )
        return Verdict(total / len(score), roc_auc(self._label[:, 0] > 0, score))

    def _score(self, model: Any, pulse: Callable[[], None]) -> NDArray[np.float32]:
        found = []
        for block in blocks(self._part):
            pulse()
            found.append(predict(model, block))
        return np.concatenate(found)

    def _total(self, score: NDArray[np.float32], start: int) -> float:
        """Sum of the weighted losses of some tracks."""
        rows = slice(start, start + len(score))
        losses = self._loss(self._label[rows], score[:, None]).numpy()
        return float(self._weight[rows].astype(np.float64) @ losses.astype(np.float64))


def _weights(sampled: Sampled) -> NDArray[np.float32]:
    if sampled.rule.is_one:
        return np.ones(len(sampled.part), np.float32)
    found = [
        sampled.rule(block.features, block.category, block.label, block.sample)
        for block in blocks(sampled.part)
        if block.label is not None
    ]
    return np.concatenate(found)
