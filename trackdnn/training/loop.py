"""The epochs of a stage, and what is kept between them.

The batches of an epoch come from a thread that works ahead; an epoch counts how long
its steps waited for them. After each epoch the whole validation part is scored, and the
area under its ROC is exact, not binned.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from trackdnn.data.batches.prefetch import Prefetch
from trackdnn.data.memory import peak_memory
from trackdnn.errors import TrainingError
from trackdnn.training.history import Epoch
from trackdnn.training.merit import best_of, mean_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from trackdnn.data.batches.buffers import Chunk
    from trackdnn.settings import Stage
    from trackdnn.training.averaging import WeightAverage
    from trackdnn.training.gating import Gates
    from trackdnn.training.judge import Verdict
    from trackdnn.training.optimization.stage_optimizer import StageOptimizer
    from trackdnn.training.progress import TrainingProgress
    from trackdnn.training.schedules.schedule import Schedule
    from trackdnn.training.steps import Pass
    from trackdnn.training.task import Source

log = logging.getLogger(__name__)

# Chunks that wait for the steps: 4 MB each with batches of 1024 tracks.
AHEAD = 2
# What callbacks are told of an epoch.
LOGGED = ("loss", "val_loss", "val_auc", "learning_rate")


class Halted(Exception):
    """A network is not judged to the end, since the training must stop."""


@dataclasses.dataclass(kw_only=True)
class StageState:
    """How far a stage has come: with the weights, all that it takes to go on.

    Args:
        epoch: Epochs that are done.
        step: Steps of the next epoch that are done.
        losses: Their losses.
        sizes: Samples of their batches.
        seconds: Time that the next epoch has taken so far.
        history: Rows of the stage's epochs.
        best: Number of the best epoch, 0 before the first.
        best_weights: The weights after it.
        schedule: What the schedule remembers.
    """

    epoch: int = 0
    step: int = 0
    losses: list[float] = dataclasses.field(default_factory=list)
    sizes: list[float] = dataclasses.field(default_factory=list)
    seconds: float = 0.0
    history: list[Epoch] = dataclasses.field(default_factory=list)
    best: int = 0
    best_weights: list[NDArray[Any]] = dataclasses.field(default_factory=list)
    schedule: dict[str, Any] | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class StageParts:
    """What the epochs of a stage work with.

    Args:
        model: The network.
        inner: Its compiled steps.
        average: The average of its weights, if any.
        judge: Scores the validation part; calls its second argument now and then.
        source: The batches.
        schedule: Gives the learning rate of each step.
        optimizer: Takes the steps; `None` if it has no average of its own to show.
        callbacks: Keras' callbacks, which hear of epochs, and of every few batches.
        gates: Parts of the network that wait for a figure, if any.
        number: Number of the stage, from 1.
        shift: Epochs of the stages before, so that no order of tracks occurs twice.
    """

    model: Any
    inner: Pass
    average: WeightAverage | None
    judge: Callable[[Any, Callable[[], None]], Verdict]
    source: Source
    schedule: Schedule
    optimizer: StageOptimizer | None = None
    callbacks: Any = None
    gates: Gates | None = None
    number: int = 1
    shift: int = 0


class StageLoop:
    """The epochs of one stage.

    Args:
        stage: How many, and when to stop.
        parts: What they work with.
        state: How far the stage has come.
    """

    def __init__(
        self, stage: Stage, parts: StageParts, state: StageState | None = None
    ) -> None:
        self._stage, self._parts = stage, parts
        self.state = state or StageState()
        if self.state.schedule is not None:
            parts.schedule.restore(self.state.schedule)
        if parts.gates is not None:
            parts.gates.restore(self.state.history)
        stopping = stage.early_stopping
        self._patience = stopping.patience if stopping else stage.epochs

    @property
    def done(self) -> bool:
        """Whether the last epoch has been, or patience is at its end."""
        state = self.state
        return (
            state.epoch >= self._stage.epochs
            or state.epoch - state.best >= self._patience
            or bool(getattr(self._parts.model, "stop_training", False))
        )

    def run(
        self,
        progress: TrainingProgress,
        pause: Callable[[StageState], None] = lambda state: None,
        asked: Callable[[], bool] = lambda: False,
    ) -> None:
        """Trains until the last epoch, or until patience is at its end.

        Args:
            progress: Is told of each chunk and each epoch.
            pause: Is called between steps and between epochs; it may save the state,
                and end the training by an exception.
            asked: Says, while the network is judged, whether `pause` would end the
                training.
        """
        if self.done:
            return
        # Epochs in a row, so that the next one is prepared while one is judged.
        with Prefetch(self._chunks(), AHEAD) as chunks:
            while not self.done:
                row = self._epoch(chunks, progress, pause, asked)
                progress.finish_epoch(row)
                if not self.done:
                    pause(self.state)

    def _chunks(self) -> Iterator[Chunk]:
        shift, state = self._parts.shift, self.state
        return self._parts.source.epochs(
            shift + self._stage.epochs, first=shift + state.epoch + 1, skip=state.step
        )

    def _epoch(
        self,
        chunks: Prefetch[Chunk],
        progress: TrainingProgress,
        pause: Callable[[StageState], None],
        asked: Callable[[], bool],
    ) -> Epoch:
        state, source = self.state, self._parts.source
        start, waited, before = time.perf_counter(), chunks.waited, state.seconds
        self._tell("on_epoch_begin", self._parts.shift + state.epoch)
        rates = self._rates(state.epoch, source.steps)
        while state.step < source.steps:
            self._train(next(chunks), rates, progress)
            state.seconds = before + time.perf_counter() - start
            pause(state)
        trained, waited = state.seconds, chunks.waited - waited
        judged = time.perf_counter()
        while (found := self._judge(asked)) is None:
            pause(state)
        verdict, weights = found
        row = Epoch(
            stage=self._parts.number,
            epoch=state.epoch + 1,
            loss=mean_of(state.losses, state.sizes),
            val_loss=verdict.loss,
            val_auc=verdict.auc,
            learning_rate=float(rates[-1]),
            seconds=trained + time.perf_counter() - judged,
            tracks_per_second=source.tracks / trained,
            stall=waited,
            memory_mb=peak_memory(),
            rates=self._group_rates(float(rates[-1])),
            metrics=verdict.metrics,
        )
        self._finish(row, weights)
        logs = {name: getattr(row, name) for name in LOGGED}
        self._tell("on_epoch_end", self._parts.shift + row.epoch - 1, logs)
        return row

    def _group_rates(self, rate: float) -> dict[str, float]:
        """The last learning rate of each group of weights that has its own."""
        optimizer = self._parts.optimizer
        found = {} if optimizer is None else optimizer.group_rates(rate)
        return found if len(found) > 1 else {}

    def _tell(
        self, what: str, number: int, logs: dict[str, float] | None = None
    ) -> None:
        if self._parts.callbacks is not None:
            getattr(self._parts.callbacks, what)(number, logs)

    def _train(
        self, chunk: Chunk, rates: NDArray[np.float32], progress: TrainingProgress
    ) -> None:
        state = self.state
        part = slice(state.step, state.step + chunk.steps)
        losses = self._parts.inner.run(chunk, rates[part])
        self._check_finite(losses)
        state.losses += [float(loss) for loss in losses]
        state.sizes += [float(size) for size in chunk.sizes]
        state.step += chunk.steps
        loss = float(losses.mean())
        progress.advance(chunk.tracks, loss)
        self._tell("on_train_batch_end", state.step - 1, {"loss": loss})

    def _rates(self, epoch: int, steps: int) -> NDArray[np.float32]:
        """The learning rate of each step of an epoch."""
        return self._parts.schedule.rates(epoch * steps, steps).astype(np.float32)

    def _judge(
        self, asked: Callable[[], bool]
    ) -> tuple[Verdict, list[NDArray[Any]]] | None:
        """What the network is worth, with which weights; `None` if it must stop."""
        model = self._parts.model

        def pulse() -> None:
            if asked():
                raise Halted

        try:
            with self._averaged():
                return self._parts.judge(model, pulse), model.get_weights()
        except Halted:
            return None

    @contextlib.contextmanager
    def _averaged(self) -> Iterator[None]:
        """Within it the network has the weights that count: an average, if any."""
        average, optimizer = self._parts.average, self._parts.optimizer
        variables = self._parts.model.trainable_variables
        own = optimizer if hasattr(optimizer, "to_average") else None
        if average is not None:
            average.swap()
        if own is not None:
            own.to_average(variables)
        try:
            yield
        finally:
            if average is not None:
                average.swap()
            if own is not None:
                own.to_training(variables)

    def _finish(self, row: Epoch, weights: list[NDArray[Any]]) -> None:
        """Ends an epoch, and keeps it if it is the best."""
        state = self.state
        state.history.append(row)
        joined = [] if self._parts.gates is None else self._parts.gates.observe(row)
        if joined:
            log.info("after epoch %d these join: %s", row.epoch, ", ".join(joined))
        if best_of(self._stage, state.history) is row:
            state.best, state.best_weights = row.epoch, weights
        schedule = self._parts.schedule
        monitored = getattr(row, self._stage.schedule.monitor or "val_loss")
        schedule.observe(row.epoch, monitored)
        state.schedule = schedule.state()
        state.epoch, state.step = row.epoch, 0
        state.losses, state.sizes, state.seconds = [], [], 0.0

    def _check_finite(self, losses: NDArray[np.float32]) -> None:
        bad = np.flatnonzero(~np.isfinite(losses))
        if len(bad):
            state, steps = self.state, self._parts.source.steps
            raise TrainingError(
                f"The training loss must stay finite. Received: loss={losses[bad[0]]} "
                f"in epoch {state.epoch + 1}, step {state.step + bad[0] + 1} of "
                f"{steps}. Lower training.learning_rate, or lengthen training.warmup."
            )
