"""From prepared data to a run folder: what the `train` command does."""

from __future__ import annotations

import datetime
import logging
import platform
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf

from network.builder import ModelBuilder
from trackdnn.data.ranges import check_spread, fit_input_spec
from trackdnn.errors import SettingsError, TrainingError
from trackdnn.training.run import Run, check_new, save_run
from trackdnn.training.trainer import ModelTrainer
from trackdnn.version import __version__

if TYPE_CHECKING:
    from pathlib import Path

    from network.inputs import InputSpec
    from network.presets import Preset
    from trackdnn.data.dataset import Dataset
    from trackdnn.data.tracks import Tracks
    from trackdnn.settings import ModelSettings, Settings
    from trackdnn.training.result import TrainingResult

log = logging.getLogger(__name__)


def train(
    settings: Settings, dataset: Dataset, folder: Path, *, progress: bool = True
) -> Run:
    """Trains the network that the settings ask for, and saves the run.

    Args:
        settings: The resolved settings.
        dataset: Training and validation tracks; the test part is not looked at.
        folder: Where the run goes; must not hold one.
        progress: Whether to show a progress bar on a terminal.

    Returns:
        The run, with its network in memory.

    Raises:
        RunError: If the folder holds a run already.
        SettingsError: If an option of the network is unknown or impossible.
        TrainingError: If the data cannot be trained on, or the training diverges.
        DeviceError: If the devices asked for are not there.
    """
    check_new(folder)
    try:
        builder = ModelBuilder(settings.model)
    except ValueError as error:
        raise SettingsError(f"model.options: {error}") from error
    spec = fit_spec(settings.model, builder.preset, dataset.train)
    squeezed = _check_ranges(settings, builder.preset, spec, dataset.train)
    local = settings.local.model_copy(
        update={"progress": progress and settings.local.progress}
    )
    trainer = ModelTrainer(settings.training[0], local, settings.seed)

    def build() -> Any:
        try:
            return builder.build(spec)
        except ValueError as error:
            raise SettingsError(f"The network cannot be built: {error}") from error

    result = trainer.train(
        build,
        dataset.train,
        dataset.validation,
        tensorboard=folder / "tensorboard" if local.tensorboard else None,
    )
    return save_run(
        folder,
        settings=settings,
        spec=spec,
        model=result.model,
        history=result.history,
        summary=summarize(settings, dataset, result, squeezed),
    )


def _check_ranges(
    settings: Settings, preset: Preset, spec: InputSpec, tracks: Tracks
) -> list[str]:
    """Inputs that their ranges squeeze to a point: an error, if we chose the ranges.

    The references' ranges are reproduced with their faults, which are told.
    """
    squeezed = check_spread(spec, tracks)
    chosen = settings.model.sanitizer.ranges
    if not squeezed:
        return []
    message = (
        "The ranges of these inputs squeeze their tracks to a point, so that the "
        f"network cannot use them: {', '.join(squeezed)}"
    )
    if (preset.ranges if chosen == "preset" else chosen) == "quantile":
        raise TrainingError(
            f"{message}. Bring model.sanitizer.lower_quantile and upper_quantile "
            "closer together, or look at these branches: they may be constant."
        )
    log.warning("%s", message)
    return squeezed


def fit_spec(model: ModelSettings, preset: Preset, tracks: Tracks) -> InputSpec:
    """The inputs of the network, fitted to training tracks.

    Args:
        model: Settings of the network; what they leave to the preset is taken from it.
        preset: What the architecture asks for.
        tracks: The training part.

    Returns:
        The spec.
    """
    sanitizer, vocabulary = model.sanitizer, model.vocabulary
    return fit_input_spec(
        tracks,
        transforms=preset.transforms,
        ranges=preset.ranges if sanitizer.ranges == "preset" else sanitizer.ranges,
        lower_quantile=sanitizer.lower_quantile,
        upper_quantile=sanitizer.upper_quantile,
        vocabulary=preset.vocabulary if vocabulary == "preset" else vocabulary,
        scales=preset.scales,
    )


def summarize(
    settings: Settings, dataset: Dataset, result: TrainingResult, squeezed: list[str]
) -> dict[str, Any]:
    """What a run's `summary.json` holds: plain values for people and programs."""
    best, last = result.best, result.history[-1]
    return {
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "architecture": settings.model.architecture,
        "parameters": int(result.model.count_params()),
        "seed": settings.seed,
        "fingerprint": settings.fingerprint(),
        "tracks": {
            part: _count(tracks)
            for part, tracks in (
                ("training", dataset.train),
                ("validation", dataset.validation),
                ("test", dataset.test),
            )
            if tracks is not None
        },
        "epochs": result.epochs,
        "best_epoch": result.best_epoch,
        "monitor": result.monitor,
        "stopped_early": result.stopped_early,
        "loss": best.loss,
        "val_loss": best.val_loss,
        "val_auc": best.val_auc,
        "seconds": round(result.seconds, 2),
        # The first epoch holds the compilation.
        "tracks_per_second": round(last.tracks_per_second),
        "squeezed_inputs": squeezed,
        "data": dataset.report.to_dict(),
        "versions": {
            "trackdnn": __version__,
            "tensorflow": tf.__version__,
            "keras": keras.__version__,
            "numpy": np.__version__,
            "python": platform.python_version(),
        },
    }


def _count(tracks: Tracks) -> dict[str, int]:
    true = 0 if tracks.label is None else int(np.count_nonzero(tracks.label))
    return {"tracks": len(tracks), "true": true, "fake": len(tracks) - true}
