"""What a new training finds out of its tracks before the first step: its inputs."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from trackdnn.data.ranges import check_spread, fit_input_spec
from trackdnn.errors import TrainingError
from trackdnn.training.precision import check_ranges
from trackdnn.training.source import Source, check_inputs, read_source

if TYPE_CHECKING:
    from network.inputs import InputSpec
    from network.presets import Preset
    from trackdnn.data.statistics import InputStatistics
    from trackdnn.data.tracks import Tracks
    from trackdnn.settings import ModelSettings

log = logging.getLogger(__name__)


def fit_inputs(
    model: ModelSettings, preset: Preset, found: InputStatistics
) -> tuple[InputSpec, Source | None]:
    """The inputs of a new training, and the weights that it starts from, if any.

    Args:
        model: Settings of the network.
        preset: What the architecture asks for.
        found: Statistics of the training part before any resampling.

    Raises:
        TrainingError: If ranges that were fitted squeeze an input to a point.
        RunError: If the run to start from cannot be used.
        SettingsError: If the inputs do not fit the precision.
    """
    spec = fit_spec(model, preset, found)
    source = None
    if model.transfer is not None:
        source = read_source(Path(model.transfer.run))
        differ = check_inputs(source, spec)
        if model.transfer.inputs == "source":
            spec = source.spec
        elif differ:
            log.warning(
                "the inputs differ from those of %s in their %s",
                source.path,
                ", ".join(differ),
            )
    check_ranges(model.precision, spec)
    _check_spread(model, preset, spec, found)
    return spec, source


def fit_spec(
    model: ModelSettings, preset: Preset, tracks: Tracks | InputStatistics
) -> InputSpec:
    """The inputs of the network, fitted to training tracks.

    Args:
        model: Settings of the network; what they leave to the preset is taken from it.
        preset: What the architecture asks for.
        tracks: The training part before any resampling, or its statistics.

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


def _check_spread(
    model: ModelSettings, preset: Preset, spec: InputSpec, found: InputStatistics
) -> None:
    """Ranges that squeeze inputs to a point: an error, if we chose them.

    The references' ranges are reproduced with their faults, which are told.
    """
    squeezed = check_spread(spec, found)
    chosen = model.sanitizer.ranges
    if not squeezed:
        return
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
