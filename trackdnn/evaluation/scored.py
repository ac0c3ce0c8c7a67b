"""One classifier's answer on the tracks of an evaluation."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from trackdnn.evaluation.working_points import score_from_probability

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.data.tracks import Tracks

# What CMSSW gives to a track without a classifier value; every cut lies above it.
NO_VALUE = np.float32(-99.0)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Scored:
    """Scores of one classifier; larger means more likely true.

    Args:
        name: Short name: `"network"`, `"boosting"` or `"trk_mva"`.
        title: Name in tables and legends.
        ranking: Float array of shape `(tracks,)` that orders the tracks: the
            probability where there is one, as 2p - 1 rounds small ones together.
        score: Float32 array of shape `(tracks,)`, 2p - 1 or the value itself.
        probability: Whether `ranking` is a probability.
    """

    name: str
    title: str
    ranking: NDArray[np.floating]
    score: NDArray[np.float32]
    probability: bool


def from_probability(name: str, title: str, p: NDArray[np.floating]) -> Scored:
    """Scores of a classifier that gives probabilities of shape `(tracks,)`."""
    return Scored(
        name=name,
        title=title,
        ranking=p,
        score=score_from_probability(p),
        probability=True,
    )


def from_ntuple(tracks: Tracks, branch: str = "trk_mva") -> tuple[Scored | None, str]:
    """Scores that the ntuple already holds.

    Args:
        tracks: Tracks, with `branch` among the extras if the files have it.
        branch: Name of the branch.

    Returns:
        The scores, or `None` if they are absent or all equal; and a remark, empty if
        there is nothing to say. NaN becomes `NO_VALUE`, which fails every cut as NaN
        does.
    """
    if branch not in tracks.extras:
        return None, ""
    values = tracks.extras[branch].astype(np.float32)
    bad = int(np.count_nonzero(np.isnan(values)))
    values = np.where(np.isnan(values), NO_VALUE, values)
    if values.min() == values.max():
        return None, f"{branch} is the same for all tracks and left out"
    remark = f"{branch} is NaN for {bad} tracks, which fail every cut" if bad else ""
    scored = Scored(
        name=branch, title=branch, ranking=values, score=values, probability=False
    )
    return scored, remark
