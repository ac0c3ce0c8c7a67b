"""Tracks as a pandas table, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from trackdnn.data.features import CATEGORY_BRANCH, FEATURE_NAMES, algorithm_name

if TYPE_CHECKING:
    from trackdnn.data.tracks import Tracks


def to_frame(tracks: Tracks) -> pd.DataFrame:
    """One row per track.

    Args:
        tracks: The tracks.

    Returns:
        The 29 inputs by name, `trk_originalAlgo`, `iteration` (its name), `true` (if
        labelled), `event`, `sample` (by name), and the extra columns.
    """
    frame = pd.DataFrame(tracks.features, columns=list(FEATURE_NAMES))
    frame[CATEGORY_BRANCH] = tracks.category
    frame["iteration"] = pd.Categorical(frame[CATEGORY_BRANCH].map(algorithm_name))
    if tracks.label is not None:
        frame["true"] = tracks.label
    frame["event"] = tracks.event
    frame["sample"] = pd.Categorical.from_codes(
        tracks.sample, categories=list(tracks.sample_names)
    )
    for name, column in tracks.extras.items():
        frame[name] = column
    return frame
