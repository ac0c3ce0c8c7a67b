"""From prepared data to a run folder: what the `train` command does."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from network.builder import ModelBuilder
from trackdnn.data.ranges import check_spread
from trackdnn.errors import SettingsError
from trackdnn.training.begin import CHECKPOINTS
from trackdnn.training.checkpoints.store import CheckpointStore
from trackdnn.training.completion import run_on_finish
from trackdnn.training.devices import make_team
from trackdnn.training.history import append_history, write_history
from trackdnn.training.keeper import Keeper
from trackdnn.training.lanes import lanes_of
from trackdnn.training.limits import Limits
from trackdnn.training.opening import opened
from trackdnn.training.precision import build_in, in_float32
from trackdnn.training.run import Run, load_run, save_run
from trackdnn.training.sampled import sample_part
from trackdnn.training.signals import Interruption
from trackdnn.training.summary import fingerprint, summarize
from trackdnn.training.task import TrackTask
from trackdnn.training.threads import set_threads
from trackdnn.training.trackers.make import check_tracker, make_tracker
from trackdnn.training.trackers.tracker import reporting
from trackdnn.training.trainer import ModelTrainer
from trackdnn.training.transfer import starting_from
from trackdnn.training.watch import Watch
from trackdnn.training.workers import read_workers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from trackdnn.data.dataset import Dataset
    from trackdnn.settings import LocalSettings, Settings
    from trackdnn.training.history import Epoch
    from trackdnn.training.opening import Opened
    from trackdnn.training.result import TrainingResult
    from trackdnn.training.sampled import Sampled
    from trackdnn.training.team import Team
    from trackdnn.training.trackers.tracker import Reporter

    Say = Callable[[Iterable[str]], None]


def train(
    settings: Settings,
    dataset: Dataset,
    folder: Path,
    *,
    progress: bool = True,
    say: Say = lambda lines: None,
    on_epoch: Callable[[Epoch], None] = lambda row: None,
) -> Run:
    """Trains the network that the settings ask for, and saves the run.

    A training that was begun in the folder goes on where its last checkpoint was
    written, and gives the same network as if it had never stopped.

    Args:
        settings: The resolved settings.
        dataset: Training and validation tracks; the test part is not looked at.
        folder: Where the run goes: new, or with the same training.
        progress: Whether to show a progress bar on a terminal.
        say: Is told which tracks an epoch visits, before the training starts.
        on_epoch: Is told of each epoch once it is saved; it may end the training by an
            exception.

    Returns:
        The run, with its network in memory.

    Raises:
        RunError: If the folder holds another run, or another process trains in it.
        SettingsError: If an option of the network is unknown or impossible.
        TrainingError: If the data cannot be trained on, or the training diverges.
        DeviceError: If the devices asked for are not there.
        MissingExtraError: If the tracker needs what is not installed.
        Stopped: If a signal or a limit stops the training; a checkpoint is written.
    """
    check_tracker(settings.local)
    try:
        builder = ModelBuilder(settings.model)
    except ValueError as error:
        raise SettingsError(f"model.options: {error}") from error
    _divide_cores(settings, coupled=builder.coupled)
    team = make_team(settings.local)
    team.agree("settings and tracks", fingerprint(settings, dataset))
    with opened(folder, settings, dataset, builder.preset, team) as found:
        training = _Training(
            settings=settings,
            local=_local_of(settings.local, team, progress),
            dataset=dataset,
            folder=folder,
            builder=builder,
            opened=found,
            team=team,
            say=say,
            on_epoch=on_epoch,
        )
        if found.complete:
            say([f"the training in {folder} is complete"])
            return training.load()
        trained = training.run()
    # Not before the folder is free: the command may train in it.
    finish = settings.local
    if team.is_chief:
        run_on_finish(finish.on_finish, folder, finish.on_finish_seconds, say)
    return trained


def _local_of(local: LocalSettings, team: Team, progress: bool) -> LocalSettings:
    """What of the settings holds for this worker: the chief alone shows and reports."""
    shown = progress and local.progress and team.is_chief
    tracker = local.tracker if team.is_chief else "none"
    return local.model_copy(update={"progress": shown, "tracker": tracker})


def _divide_cores(settings: Settings, *, coupled: bool) -> None:
    """Gives each lane its threads, before TensorFlow's first operation."""
    local = settings.local
    alone = local.gpus == 0 and local.logical_cpus == 1 and read_workers() is None
    stages = settings.training
    lanes = [lanes_of(stage, alone=alone, coupled=coupled) for stage in stages]
    set_threads(lanes, local.cpu_threads)


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Training:
    """A training whose folder is ready and locked."""

    settings: Settings
    local: LocalSettings
    dataset: Dataset
    folder: Path
    builder: ModelBuilder
    opened: Opened
    team: Team
    say: Say
    on_epoch: Callable[[Epoch], None]

    def run(self) -> Run:
        """Trains what is left, and saves the run."""
        settings, dataset, folder = self.settings, self.dataset, self.folder
        sampled = sample_part("training", dataset.train, settings.training[0])
        self.say(sampled.lines())
        store = CheckpointStore(folder / CHECKPOINTS, keep=self.local.checkpoints)
        trainer = ModelTrainer(settings.training, self.local, settings.seed)
        tracker = make_tracker(self.local, folder)
        # Signals wait until the run is saved, too: nothing that is trained is lost.
        with Interruption() as interruption, reporting(tracker) as reporter:
            result = trainer.train(
                self._builder(),
                TrackTask(sampled, dataset.validation),
                keeper=self._keeper(store, interruption, reporter),
                team=self.team,
            )
            return self._kept(sampled, result, store)

    def load(self) -> Run:
        """The run, whose training is complete."""
        loaded: list[Run] = []

        def load() -> dict[str, Any]:
            loaded.append(load_run(self.folder))
            return loaded[0].summary

        summary = self.team.by_chief(load)
        run = loaded[0] if loaded else self._of(self._plain(), summary)
        self.team.level(run.model.variables)
        return run

    def _kept(
        self, sampled: Sampled, result: TrainingResult, store: CheckpointStore
    ) -> Run:
        """Saves what was trained; the others wait until it is safe."""
        settings, dataset = self.settings, self.dataset
        model = in_float32(result.model, self._plain)

        def save() -> dict[str, Any]:
            squeezed = check_spread(self.opened.spec, dataset.statistics)
            summary = summarize(settings, dataset, sampled, result, squeezed)
            save_run(
                self.folder,
                settings=settings,
                spec=self.opened.spec,
                model=model,
                history=result.history,
                summary=summary,
            )
            ends = [name for name in store.names() if name.endswith("-end")]
            store.remove_all_but(ends)
            return summary

        return self._of(model, self.team.by_chief(save))

    def _of(self, model: Any, summary: dict[str, Any]) -> Run:
        return Run(
            folder=self.folder,
            settings=self.settings,
            spec=self.opened.spec,
            model=model,
            summary=summary,
        )

    def _keeper(
        self, store: CheckpointStore, interruption: Interruption, reporter: Reporter
    ) -> Keeper:
        def start(rows: tuple[Epoch, ...]) -> None:
            write_history(self.folder, rows)
            reporter.start(rows)

        def note(row: Epoch) -> None:
            append_history(self.folder, row)
            reporter.epoch(row)
            self.on_epoch(row)

        limits = Limits(self.local.max_seconds, self.local.max_epochs)
        return Keeper(
            store,
            Watch(interruption, limits),
            every=self.local.checkpoint_seconds,
            facts={"fingerprint": fingerprint(self.settings, self.dataset)},
            on_epoch=note,
            on_start=start,
        )

    def _plain(self) -> Any:
        """The network in float32, with fresh weights."""
        try:
            return self.builder.build(self.opened.spec)
        except ValueError as error:
            raise SettingsError(f"The network cannot be built: {error}") from error

    def _builder(self) -> Callable[[], Any]:
        """What builds the network in its precision, with the weights it starts from."""
        model = self.settings.model

        def build() -> Any:
            return build_in(model.precision, self._plain)

        source = self.opened.source
        if model.transfer is None or source is None:
            return build
        told = self.say
        return starting_from(
            build, source, model.transfer, lambda found: told(found.lines())
        )
