"""Weights of tracks in the loss, as the two CMS trainings use them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from trackdnn.data.features import FEATURE_NAMES
from trackdnn.errors import TrainingError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.data.tracks import Tracks

WeightKind = Literal["none", "log_pt", "algorithm_class"]

MAX_PT = 50.0
_PT = FEATURE_NAMES.index("trk_pt")


def sample_weights(tracks: Tracks, kind: WeightKind) -> NDArray[np.float32]:
    """The weight of each track.

    `"none"`: 1. `"log_pt"`: log(1 + pT) with pT in GeV, clipped to [0, 50]; a pT that
    is not a number counts as 0. `"algorithm_class"`: 0.1 N / N(algorithm, class), so
    that each class of each iteration carries the same total weight; the mean weight is
    then a tenth of the number of such groups, and is not normalised.

    Args:
        tracks: The tracks.
        kind: One of the three.

    Returns:
        Float32 array of shape `(tracks,)`, all finite, none negative.

    Raises:
        TrainingError: If `kind` needs labels and there are none.
        ValueError: If `kind` is unknown.

    Source:
        hajohajo/TrainingFrameworkTrackDNN main.py; leonardogiannini's branch dev-run3
        of the same, root2tfrecord_run3.py.
    """
    if kind == "none":
        return np.ones(len(tracks), dtype=np.float32)
    if kind == "log_pt":
        pt = np.nan_to_num(tracks.features[:, _PT], nan=0.0)
        return np.log1p(np.clip(pt, 0.0, MAX_PT)).astype(np.float32)
    if kind == "algorithm_class":
        return _algorithm_class(tracks)
    raise ValueError(
        f"`kind` must be 'none', 'log_pt' or 'algorithm_class'. Received: kind={kind!r}"
    )


def _algorithm_class(tracks: Tracks) -> NDArray[np.float32]:
    if tracks.label is None:
        raise TrainingError(
            "Weights 'algorithm_class' need labelled tracks. Received: label=None"
        )
    groups = 2 * tracks.category.astype(np.int64) + tracks.label
    _, member, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    return (0.1 * len(tracks) / sizes[member]).astype(np.float32)
