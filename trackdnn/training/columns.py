"""Tracks as the inner loop reads them."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import numpy as np

from trackdnn.data.weights import sample_weights
from trackdnn.errors import TrainingError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.data.tracks import Tracks
    from trackdnn.settings import Stage


@dataclasses.dataclass(frozen=True, kw_only=True)
class Columns:
    """What the inner loop reads, as float32 arrays of equal length.

    Args:
        features: Array of shape `(tracks, 29)`.
        category: Array of shape `(tracks, 1)`.
        label: Array of shape `(tracks, 1)`, 1 for a true track.
        weight: Array of shape `(tracks,)`, with mean 1.
    """

    features: NDArray[np.float32]
    category: NDArray[np.float32]
    label: NDArray[np.float32]
    weight: NDArray[np.float32]

    def arrays(self) -> tuple[NDArray[np.float32], ...]:
        """The four arrays, in the order of the fields."""
        return self.features, self.category, self.label, self.weight


def columns_of(part: str, tracks: Tracks, stage: Stage) -> Columns:
    """The columns of a part of the data.

    Args:
        part: `"training"` or `"validation"`, for messages.
        tracks: Labelled tracks.
        stage: Says which weights.

    Returns:
        Columns with weights of mean 1.

    Raises:
        TrainingError: If only one class is there, or the weights are unusable.
    """
    if tracks.label is None or not 0 < np.count_nonzero(tracks.label) < len(tracks):
        true = 0 if tracks.label is None else np.count_nonzero(tracks.label)
        raise TrainingError(
            f"The {part} part must hold true and fake tracks. "
            f"Received: {true} true tracks of {len(tracks)}"
        )
    weight = sample_weights(tracks, stage.weights).astype(np.float64)
    mean = float(weight.mean())
    if not (math.isfinite(mean) and mean > 0):
        raise TrainingError(
            f"The weights of the {part} part must have a finite, positive mean. "
            f"Received: mean={mean} with training.weights='{stage.weights}'"
        )
    return Columns(
        features=np.ascontiguousarray(tracks.features, np.float32),
        category=tracks.category[:, None].astype(np.float32),
        label=tracks.label[:, None].astype(np.float32),
        weight=(weight / mean).astype(np.float32),
    )
