"""The epochs of a training, and what is kept between them.

An epoch visits every training track once, in an order that follows from the seed and
the epoch alone, in batches whose sizes differ by one track at most: there is no small
last batch, and none is dropped. After each epoch the whole validation part is scored,
and the area under its ROC is exact, not binned.
"""

from __future__ import annotations

import math
import time
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from network.losses import loss as loss_by_name
from network.metrics import roc_auc
from trackdnn.errors import TrainingError
from trackdnn.training import optimizers
from trackdnn.training.columns import columns_of
from trackdnn.training.history import Epoch
from trackdnn.training.prediction import predict
from trackdnn.training.result import TrainingResult

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from trackdnn.data.tracks import Tracks
    from trackdnn.settings import Stage
    from trackdnn.training.progress import TrainingProgress
    from trackdnn.training.steps import Pass, WeightAverage

# Steps per call into TensorFlow: a few tenths of a second on a CPU.
STEPS_PER_CALL = 32


class Judge:
    """Scores the validation part."""

    def __init__(self, tracks: Tracks, stage: Stage) -> None:
        self._tracks = tracks
        self._columns = columns_of("validation", tracks, stage)
        self._loss = loss_by_name(stage.loss)

    def __call__(self, model: Any) -> tuple[float, float]:
        """Weighted loss and exact AUC."""
        score = predict(model, self._tracks)
        label = self._columns.label
        if not np.isfinite(score).all():
            raise TrainingError(
                "The scores of the validation tracks must stay finite. Received: NaN. "
                "Lower training.learning_rate."
            )
        losses = self._loss(label, score[:, None]).numpy().astype(np.float64)
        loss = float(np.mean(self._columns.weight * losses))
        return loss, roc_auc(label[:, 0] > 0, score)


class EpochLoop:
    """The epochs, and what is kept between them."""

    def __init__(
        self,
        stage: Stage,
        seed: int,
        model: Any,
        inner: Pass,
        average: WeightAverage | None,
        judge: Judge,
        tracks: int,
    ) -> None:
        self._stage, self._seed, self._tracks = stage, seed, tracks
        self._model, self._pass, self._average = model, inner, average
        self._judge = judge
        steps = math.ceil(tracks / stage.batch_size)
        self._bounds = (np.arange(steps + 1) * tracks // steps).astype(np.int32)
        stopping = stage.early_stopping
        self._monitor = stopping.monitor if stopping else "val_auc"
        self._patience = stopping.patience if stopping else stage.epochs
        self._history: list[Epoch] = []
        self._best = 0
        self.best_weights: list[NDArray[Any]] = []

    def run(self, progress: TrainingProgress, write: Callable[[Epoch], None]) -> None:
        """Trains until the last epoch, or until patience is at its end."""
        for epoch in range(1, self._stage.epochs + 1):
            row = self._epoch(epoch, progress)
            progress.finish_epoch(row)
            write(row)
            if epoch - self._best >= self._patience:
                return

    def result(self, model: Any) -> TrainingResult:
        """What the training leaves."""
        return TrainingResult(
            model=model,
            history=tuple(self._history),
            best_epoch=self._best,
            monitor=self._monitor,
            stopped_early=len(self._history) < self._stage.epochs,
            seconds=sum(row.seconds for row in self._history),
        )

    def _epoch(self, epoch: int, progress: TrainingProgress) -> Epoch:
        start = time.perf_counter()
        loss, rate = self._train(epoch, progress)
        trained = time.perf_counter() - start
        if self._average is not None:
            self._average.swap()
        val_loss, val_auc = self._judge(self._model)
        row = Epoch(
            epoch=epoch,
            loss=loss,
            val_loss=val_loss,
            val_auc=val_auc,
            learning_rate=rate,
            seconds=time.perf_counter() - start,
            tracks_per_second=self._tracks / trained,
        )
        self._keep_best(row)
        if self._average is not None:
            self._average.swap()
        return row

    def _train(self, epoch: int, progress: TrainingProgress) -> tuple[float, float]:
        """Mean loss of an epoch, and its last learning rate."""
        order = _generator(self._seed, "order", epoch).permutation(self._tracks)
        rows, steps = order.astype(np.int32), len(self._bounds) - 1
        done, total = (epoch - 1) * steps, steps * self._stage.epochs
        rates = np.array(
            [
                optimizers.learning_rate(self._stage, done + step, total)
                for step in range(steps)
            ],
            np.float32,
        )
        losses = np.empty(steps)
        for first in range(0, steps, STEPS_PER_CALL):
            part = slice(first, min(first + STEPS_PER_CALL, steps))
            bounds = self._bounds[part.start : part.stop + 1]
            losses[part] = self._pass.run(rows, bounds, rates[part])
            _check_finite(losses[part], epoch, first, steps)
            progress.advance(int(bounds[-1] - bounds[0]), losses[part].mean())
        sizes = np.diff(self._bounds)
        return float(losses @ sizes / self._tracks), float(rates[-1])

    def _keep_best(self, row: Epoch) -> None:
        self._history.append(row)
        sign = 1 if self._monitor == "val_auc" else -1
        value = sign * getattr(row, self._monitor)
        if not self._best or value > sign * getattr(
            self._history[self._best - 1], self._monitor
        ):
            self._best = row.epoch
            self.best_weights = self._model.get_weights()


def _check_finite(
    losses: NDArray[np.float64], epoch: int, first: int, steps: int
) -> None:
    bad = np.flatnonzero(~np.isfinite(losses))
    if len(bad):
        raise TrainingError(
            f"The training loss must stay finite. Received: loss={losses[bad[0]]} in "
            f"epoch {epoch}, step {first + bad[0] + 1} of {steps}. "
            "Lower training.learning_rate, or lengthen training.warmup."
        )


def _generator(seed: int, purpose: str, epoch: int) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(purpose.encode()), epoch])
