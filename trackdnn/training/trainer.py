"""ModelTrainer: from a function that builds a network to a trained one."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import keras

from trackdnn.errors import RunError
from trackdnn.settings import Stage
from trackdnn.training import devices
from trackdnn.training.averaging import WeightAverage
from trackdnn.training.freezing import Freezer
from trackdnn.training.gating import Gates
from trackdnn.training.keeper import Keeper
from trackdnn.training.lanes import is_coupled, lanes_of
from trackdnn.training.loop import StageLoop, StageParts, StageState
from trackdnn.training.merit import best_of, monitor_of
from trackdnn.training.objective import Objective
from trackdnn.training.optimization.make import make_optimizer
from trackdnn.training.precision import loss_scale_of
from trackdnn.training.progress import training_progress
from trackdnn.training.replicas import MirroredPass
from trackdnn.training.result import TrainingResult
from trackdnn.training.schedules.schedule import make_schedule
from trackdnn.training.seeds import spread_seeds
from trackdnn.training.snapshot import Holders
from trackdnn.training.steps import Pass, SingleDevicePass, Step
from trackdnn.training.together import SharedJudge, StopTogether

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trackdnn.settings import LocalSettings
    from trackdnn.training.history import Epoch
    from trackdnn.training.keeper import Kept
    from trackdnn.training.task import Task
    from trackdnn.training.team import Team

log = logging.getLogger(__name__)


class ModelTrainer:
    """Trains a network through one stage after the other.

    Args:
        stages: Epochs, batch size, optimizer, loss, weights, early stopping of each.
        local: Devices and progress of this machine.
        seed: Seed of the first weights and of the order of the tracks.
    """

    def __init__(
        self, stages: Stage | Sequence[Stage], local: LocalSettings, seed: int
    ) -> None:
        self.stages = (stages,) if isinstance(stages, Stage) else tuple(stages)
        self.local, self.seed = local, seed

    def train(
        self,
        build: Callable[[], Any],
        task: Task,
        *,
        keeper: Keeper | None = None,
        callbacks: Sequence[Any] = (),
        team: Team | None = None,
    ) -> TrainingResult:
        """Builds the network and trains it; goes on where the keeper has left it.

        Args:
            build: Builds the network; called once the seed and the devices stand.
            task: What to train on, to judge by and to minimise, such as a `TrackTask`.
            keeper: Saves the training and says when to stop; by default nobody does.
            callbacks: `keras.callbacks.Callback`s. They hear of the begin and the end
                of the training and of each epoch, counted over all stages, and of the
                last one of every few batches; one that sets `model.stop_training` ends
                the stage. Of several workers, only the chief has them.
            team: Workers and devices, if they are known already.

        Returns:
            The network with the best weights of the last stage, and the history.

        Raises:
            TrainingError: If a part has one class only or its weights are unusable, or
                if the loss stops being finite.
            SettingsError: If a stage freezes what is not there.
            DeviceError: If the devices asked for are not there, or a worker is lost.
            RunError: If the checkpoint does not fit the settings.
            Stopped: If the keeper stops the training.
        """
        team = team or devices.make_team(self.local)
        with team.watched():
            return self._train(team, build, task, keeper, callbacks)

    def _train(
        self,
        team: Team,
        build: Callable[[], Any],
        task: Task,
        keeper: Keeper | None,
        callbacks: Sequence[Any],
    ) -> TrainingResult:
        keras.utils.set_random_seed(self.seed)
        with devices.scope(team.strategy):
            model = build()
        team.level(model.variables)
        mine = list(callbacks) if team.is_chief else []
        mine += [StopTogether(team)] if team.count > 1 else []
        heard = keras.callbacks.CallbackList(mine, model=model)
        kept = (keeper or Keeper()).shared(team)
        course = _Course(self, task, model, team, kept, heard)
        heard.on_train_begin()
        result = course.run()
        heard.on_train_end()
        if team.strategy is None:
            return result
        # Plain variables, so that what comes next needs no strategy.
        plain = build()
        plain.set_weights(model.get_weights())
        return result.with_model(plain)


class _Course:
    """One training, from its first or any later step to its end."""

    def __init__(
        self,
        trainer: ModelTrainer,
        task: Task,
        model: Any,
        team: Team,
        keeper: Keeper,
        callbacks: Any,
    ) -> None:
        self._task, self._callbacks = task, callbacks
        self._stages, self._local = trainer.stages, trainer.local
        self._seed, self._keeper = trainer.seed, keeper
        self._model, self._team, self._strategy = model, team, team.strategy
        self._freezer = Freezer(model)
        self._history: list[Epoch] = []

    def run(self) -> TrainingResult:
        """All stages that are left."""
        kept = self._keeper.resume()
        if kept is not None:
            self._go_on(kept)
        for number, stage in enumerate(self._stages, start=1):
            if kept is None or number >= kept.stage:
                mine = kept if kept is not None and number == kept.stage else None
                self._run_stage(number, stage, mine)
        return self._result()

    def _go_on(self, kept: Kept) -> None:
        for one in kept.damaged:
            log.warning("a damaged checkpoint is left out: %s", one)
        if kept.stage > len(self._stages) + 1:
            raise RunError(
                f"The settings must have the {kept.stage - 1} stages that are trained. "
                f"Received: {len(self._stages)}. Restore them, or start anew with "
                "--fresh."
            )
        log.info("going on from the checkpoint %s", kept.name)
        self._history = list(kept.history)
        if kept.stage > len(self._stages):
            Holders(model=self._model).restore(kept.arrays)

    def _run_stage(self, number: int, stage: Stage, kept: Kept | None) -> None:
        self._keeper.begin_stage()
        holders, inner, gates = self._build(stage)
        state = StageState() if kept is None else kept.state
        if kept is not None:
            state.best_weights = self._restore(kept, holders)
        spread_seeds(self._team, self._model)
        source = self._task.batches(number, stage, self._seed)
        parts = StageParts(
            model=self._model,
            inner=inner,
            average=holders.average,
            judge=SharedJudge(self._task.judge(stage), self._team),
            source=source,
            schedule=make_schedule(
                stage.schedule, stage.rate, stage.warmup, source.steps, stage.epochs
            ),
            optimizer=holders.optimizer,
            callbacks=self._callbacks,
            gates=gates,
            number=number,
            shift=sum(earlier.epochs for earlier in self._stages[: number - 1]),
        )
        self._model.stop_training = False
        loop = StageLoop(stage, parts, state)
        self._show(loop, stage, parts, self._keeper.pauser(number, holders))
        self._model.set_weights(loop.state.best_weights)
        # What each replica has counted for itself, as batch normalisation does.
        self._team.level(self._model.variables)
        self._history += loop.state.history
        self._keeper.finish_stage(number, Holders(model=self._model), loop.state)

    def _show(
        self,
        loop: StageLoop,
        stage: Stage,
        parts: StageParts,
        pause: Callable[[StageState], None],
    ) -> None:
        tracks, show = parts.source.tracks, self._local.progress
        with training_progress(stage.epochs, tracks, enabled=show) as progress:
            loop.run(progress, pause, self._keeper.asked)

    def _build(self, stage: Stage) -> tuple[Holders, Pass, Gates | None]:
        """The compiled steps of a stage, and what changes in memory with them."""
        frozen = self._freezer.freeze(stage.freeze)
        if frozen:
            log.info("frozen: %s", ", ".join(frozen))
        model = self._model
        with devices.scope(self._strategy):
            optimizer = self._optimizer(stage)
            scale = loss_scale_of(model)
            terms = list(self._task.terms(stage))
            gates = Gates(model, stage.gates, terms) if stage.gates else None
        if gates is not None:
            variables = model.trainable_variables
            gates.attach(optimizer, variables, lambda: self._optimizer(stage))
        average = WeightAverage(model, stage.ema) if stage.ema else None
        step = Step(
            objective=Objective(model, terms if gates is None else gates.terms),
            optimizer=optimizer,
            variables=model.trainable_variables,
            parts=stage.accumulate,
            lanes=lanes_of(
                stage,
                alone=devices.is_alone(self._strategy),
                coupled=is_coupled(model),
            ),
            clip=stage.clip,
            scale=scale,
            gates=gates,
        )
        holders = Holders(
            model=model, optimizer=optimizer, average=average, scale=scale
        )
        if self._strategy is None:
            return holders, SingleDevicePass(step, average), gates
        return holders, MirroredPass(self._strategy, step, average), gates

    def _optimizer(self, stage: Stage) -> Any:
        with devices.scope(self._strategy):
            optimizer = make_optimizer(stage.optimizer)
            optimizer.build(self._model.trainable_variables)
        return optimizer

    @staticmethod
    def _restore(kept: Kept, holders: Holders) -> list[Any]:
        """What was in memory; between two stages there is no optimizer."""
        if kept.state.epoch or kept.state.step:
            return holders.restore(kept.arrays)
        return Holders(model=holders.model).restore(kept.arrays)

    def _result(self) -> TrainingResult:
        stage = self._stages[-1]
        rows = [row for row in self._history if row.stage == len(self._stages)]
        best = best_of(stage, rows)
        return TrainingResult(
            model=self._model,
            history=tuple(self._history),
            best_epoch=best.epoch,
            monitor=monitor_of(stage, best),
            stopped_early=len(rows) < stage.epochs,
            seconds=sum(row.seconds for row in self._history),
        )
