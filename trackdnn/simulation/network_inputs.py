"""What a network is fed for the tracks of an event in the making.

The columns are those that `collector.reconstruct` gives for the file as well, and they
take the types of its branches on the way: a network in the job and one that reads the
file see the same numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trackdnn.data.features import CATEGORY_BRANCH, FEATURES
from trackdnn.simulation.ntuple import BRANCHES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.simulation.arrays import Columns


def network_inputs(tracks: Columns) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Inputs of the track classifier.

    Args:
        tracks: Columns of shape `(tracks,)`, named as the branches without `trk_`.

    Returns:
        Features of shape `(tracks, 29)` in the order and units of
        `trackdnn.data.features.FEATURES`, and `originalAlgo` of shape `(tracks,)`.
    """
    category = _as_written(tracks, CATEGORY_BRANCH).astype(np.int32)
    features = np.empty((len(category), len(FEATURES)), dtype=np.float32)
    for column, feature in enumerate(FEATURES):
        features[:, column] = _as_written(tracks, feature.branch)
    return features, category


def _as_written(tracks: Columns, branch: str) -> NDArray[np.generic]:
    """One column in the type of its branch."""
    return tracks[branch.removeprefix("trk_")].astype(BRANCHES[branch])
