"""From prepared data to a run folder: what the `train` command does."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from network.builder import ModelBuilder
from trackdnn.data.ranges import check_spread
from trackdnn.errors import SettingsError
from trackdnn.training.begin import (
    CHECKPOINTS,
    EVENTS,
    begin,
    is_begun,
    is_complete,
    stages_begun,
)
from trackdnn.training.checkpoints.lock import run_lock
from trackdnn.training.checkpoints.store import CheckpointStore
from trackdnn.training.fitting import fit_inputs
from trackdnn.training.history import append_history, write_history
from trackdnn.training.keeper import Keeper
from trackdnn.training.limits import Limits
from trackdnn.training.precision import build_in, in_float32
from trackdnn.training.run import Run, check_new, load_run, save_run
from trackdnn.training.sampled import sample_part
from trackdnn.training.signals import Interruption
from trackdnn.training.summary import fingerprint, summarize
from trackdnn.training.trainer import ModelTrainer
from trackdnn.training.transfer import starting_from
from trackdnn.training.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from network.inputs import InputSpec
    from trackdnn.data.dataset import Dataset
    from trackdnn.settings import LocalSettings, Settings
    from trackdnn.training.history import Epoch
    from trackdnn.training.source import Source

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
        Stopped: If a signal or a limit stops the training; a checkpoint is written.
    """
    new = not is_begun(folder)
    if new:
        check_new(folder)
    try:
        builder = ModelBuilder(settings.model)
    except ValueError as error:
        raise SettingsError(f"model.options: {error}") from error
    spec = source = None
    if new:
        # Before anything is written: this is where data that cannot be used show.
        spec, source = fit_inputs(settings.model, builder.preset, dataset.statistics)
    shown = progress and settings.local.progress
    local = settings.local.model_copy(update={"progress": shown})
    with run_lock(folder):
        identity = None if dataset.identity is None else dataset.identity.tracks
        complete = is_complete(folder)
        spec = begin(folder, settings, identity, spec)
        if complete and stages_begun(folder) >= len(settings.training):
            say([f"the training in {folder} is complete"])
            return load_run(folder)
        training = _Training(
            settings=settings,
            local=local,
            dataset=dataset,
            folder=folder,
            builder=builder,
            spec=spec,
            source=source,
            say=say,
            on_epoch=on_epoch,
        )
        return training.run()


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Training:
    """A training whose folder is ready and locked."""

    settings: Settings
    local: LocalSettings
    dataset: Dataset
    folder: Path
    builder: ModelBuilder
    spec: InputSpec
    source: Source | None
    say: Say
    on_epoch: Callable[[Epoch], None]

    def run(self) -> Run:
        """Trains what is left, and saves the run."""
        settings, dataset, folder = self.settings, self.dataset, self.folder
        sampled = sample_part("training", dataset.train, settings.training[0])
        self.say(sampled.lines())
        store = CheckpointStore(folder / CHECKPOINTS, keep=self.local.checkpoints)
        trainer = ModelTrainer(settings.training, self.local, settings.seed)
        # Signals wait until the run is saved, too: nothing that is trained is lost.
        with Interruption() as interruption:
            result = trainer.train(
                self._builder(),
                sampled,
                dataset.validation,
                keeper=self._keeper(store, interruption),
                tensorboard=folder / EVENTS if self.local.tensorboard else None,
            )
            squeezed = check_spread(self.spec, dataset.statistics)
            run = save_run(
                folder,
                settings=settings,
                spec=self.spec,
                model=in_float32(result.model, self._plain),
                history=result.history,
                summary=summarize(settings, dataset, sampled, result, squeezed),
            )
            ends = [name for name in store.names() if name.endswith("-end")]
            store.remove_all_but(ends)
        return run

    def _keeper(self, store: CheckpointStore, interruption: Interruption) -> Keeper:
        limits = Limits(self.local.max_seconds, self.local.max_epochs)
        return Keeper(
            store,
            Watch(interruption, limits),
            every=self.local.checkpoint_seconds,
            facts={"fingerprint": fingerprint(self.settings, self.dataset)},
            on_epoch=self._note,
            on_start=lambda rows: write_history(self.folder, rows),
        )

    def _note(self, row: Epoch) -> None:
        append_history(self.folder, row)
        self.on_epoch(row)

    def _plain(self) -> Any:
        """The network in float32, with fresh weights."""
        try:
            return self.builder.build(self.spec)
        except ValueError as error:
            raise SettingsError(f"The network cannot be built: {error}") from error

    def _builder(self) -> Callable[[], Any]:
        """What builds the network in its precision, with the weights it starts from."""
        model = self.settings.model

        def build() -> Any:
            return build_in(model.precision, self._plain)

        if model.transfer is None or self.source is None:
            return build
        told = self.say
        return starting_from(
            build, self.source, model.transfer, lambda found: told(found.lines())
        )
