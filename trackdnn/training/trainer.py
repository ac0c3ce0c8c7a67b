"""ModelTrainer: from a function that builds a network to a trained one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras

from network.losses import loss as loss_by_name
from trackdnn.training import devices, optimizers
from trackdnn.training.columns import columns_of
from trackdnn.training.loop import EpochLoop, Judge
from trackdnn.training.progress import training_progress
from trackdnn.training.steps import (
    MirroredPass,
    Pass,
    SingleDevicePass,
    WeightAverage,
)
from trackdnn.training.tensorboard import tensorboard_writer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from trackdnn.data.tracks import Tracks
    from trackdnn.settings import LocalSettings, Stage
    from trackdnn.training.result import TrainingResult


class ModelTrainer:
    """Trains a network through one stage.

    Args:
        stage: Epochs, batch size, optimizer, loss, weights, early stopping.
        local: Devices and progress of this machine.
        seed: Seed of the first weights and of the order of the tracks.
    """

    def __init__(self, stage: Stage, local: LocalSettings, seed: int) -> None:
        self.stage, self.local, self.seed = stage, local, seed

    def train(
        self,
        build: Callable[[], Any],
        train: Tracks,
        validation: Tracks,
        *,
        tensorboard: Path | None = None,
    ) -> TrainingResult:
        """Builds the network and trains it.

        Args:
            build: Builds the network; called once the seed and the devices stand.
            train: Labelled tracks to train on.
            validation: Labelled tracks to judge each epoch by.
            tensorboard: Folder for TensorBoard's event files, or `None`.

        Returns:
            The network with its best weights, and the history.

        Raises:
            TrainingError: If a part has one class only or its weights are unusable, or
                if the loss stops being finite.
            DeviceError: If the devices asked for are not there.
        """
        columns = columns_of("training", train, self.stage)
        judge = Judge(validation, self.stage)
        strategy = devices.choose_strategy(self.local)
        keras.utils.set_random_seed(self.seed)
        with devices.scope(strategy):
            model = build()
            optimizer = optimizers.optimizer(self.stage)
            optimizer.build(model.trainable_variables)
        average = WeightAverage(model, self.stage.ema) if self.stage.ema else None
        loss = loss_by_name(self.stage.loss)
        inner: Pass
        if strategy is None:
            inner = SingleDevicePass(model, optimizer, loss, columns, average)
        else:
            inner = MirroredPass(strategy, model, optimizer, loss, columns, average)
        loop = EpochLoop(
            self.stage, self.seed, model, inner, average, judge, len(train)
        )
        show = self.local.progress
        with (
            tensorboard_writer(tensorboard) as write,
            training_progress(self.stage.epochs, len(train), enabled=show) as progress,
        ):
            loop.run(progress, write)
        if strategy is not None:
            # Plain variables, so that what comes next needs no strategy.
            model = build()
        model.set_weights(loop.best_weights)
        return loop.result(model)
