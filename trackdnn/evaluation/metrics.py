"""The curve of a classifier over all cuts, and its area.

A track passes a threshold t when its score is at least t. Over the true tracks and
the fake tracks of a sample,

    efficiency(t)      = true tracks that pass / true tracks
    fake acceptance(t) = fake tracks that pass / fake tracks
    fake rate(t)       = fake tracks that pass / tracks that pass
    AUC                = P(score of a true track > that of a fake one)
                         + P(the two are equal) / 2

The fake acceptance does not depend on how many fakes a sample holds; the fake rate
does, and it is what CMS calls the fake rate of a track collection.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING

import numpy as np

from trackdnn.errors import InputError, NoTracksError

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Sums of weights carry rounding errors; a target met to this relative precision
# counts as met.
_ROUNDING = 1e-12


@dataclasses.dataclass(frozen=True)
class RocCurve:
    """What passes at each distinct score, from none to all.

    Args:
        thresholds: Float64 array of shape `(points,)`: infinity, then the distinct
            scores from the largest to the smallest.
        true_passing: Float64 array of shape `(points,)`: true tracks (or their
            weights) with a score of at least the threshold; starts at 0.
        fake_passing: Float64 array of shape `(points,)`: the same for fake tracks.
    """

    thresholds: NDArray[np.float64]
    true_passing: NDArray[np.float64]
    fake_passing: NDArray[np.float64]

    @functools.cached_property
    def efficiency(self) -> NDArray[np.float64]:
        """True tracks that pass, of the true tracks, shape `(points,)`."""
        share: NDArray[np.float64] = self.true_passing / self.true_passing[-1]
        return share

    @functools.cached_property
    def fake_acceptance(self) -> NDArray[np.float64]:
        """Fake tracks that pass, of the fake tracks, shape `(points,)`."""
        share: NDArray[np.float64] = self.fake_passing / self.fake_passing[-1]
        return share

    @functools.cached_property
    def fake_rate(self) -> NDArray[np.float64]:
        """Fake tracks, of the tracks that pass, shape `(points,)`; 0 for none."""
        passing = self.true_passing + self.fake_passing
        return np.divide(
            self.fake_passing, passing, out=np.zeros_like(passing), where=passing > 0
        )

    @property
    def auc(self) -> float:
        """Area under efficiency against fake acceptance; exact, ties count half."""
        # The trapezoid over a group of equal scores is the half of its pairs.
        area = np.trapezoid(self.true_passing, self.fake_passing)
        return float(area / (self.true_passing[-1] * self.fake_passing[-1]))

    def at_efficiency(self, efficiency: float) -> int:
        """Index of the tightest threshold with at least this efficiency."""
        needed = efficiency * self.true_passing[-1] * (1 - _ROUNDING)
        return int(np.searchsorted(self.true_passing, needed, side="left"))

    def at_fake_rate(self, fake_rate: float) -> int | None:
        """Index of the loosest threshold with at most this fake rate.

        Returns:
            `None` if every cut that lets a track pass has a larger fake rate.
        """
        allowed = np.flatnonzero(self.fake_rate[1:] <= fake_rate * (1 + _ROUNDING))
        return int(allowed[-1]) + 1 if len(allowed) else None


def roc_curve(
    scores: NDArray[np.floating],
    label: NDArray[np.bool_],
    weights: NDArray[np.floating] | None = None,
) -> RocCurve:
    """The curve over all distinct scores; equal scores pass together.

    Args:
        scores: Float array of shape `(tracks,)`; larger means more likely true.
        label: Bool array of shape `(tracks,)`, true for a true track.
        weights: Non-negative array of shape `(tracks,)`, 1 when not given.

    Raises:
        NoTracksError: If there are no tracks.
        InputError: If a score is not a number, or only one class is there.
    """
    check_scores(scores, label)
    order = np.argsort(-scores, kind="stable")
    ends = group_ends(scores[order])
    w = np.ones(len(scores)) if weights is None else weights[order].astype(np.float64)
    is_true = label[order]
    true_passing, fake_passing = passing(w, is_true, ends)
    if not (true_passing[-1] > 0 and fake_passing[-1] > 0):
        raise InputError(
            "The weights of true and of fake tracks must both have a positive sum. "
            f"Received: true={true_passing[-1]:g}, fake={fake_passing[-1]:g}"
        )
    thresholds = np.concatenate([[np.inf], scores[order][ends].astype(np.float64)])
    return RocCurve(thresholds, true_passing, fake_passing)


def auc(
    scores: NDArray[np.floating],
    label: NDArray[np.bool_],
    weights: NDArray[np.floating] | None = None,
) -> float:
    """Area under the curve of true efficiency against fake acceptance."""
    return roc_curve(scores, label, weights).auc


def group_ends(ordered: NDArray[np.floating]) -> NDArray[np.int64]:
    """Index of the last entry of each group of equal neighbours."""
    changes = np.flatnonzero(ordered[1:] != ordered[:-1])
    return np.append(changes, len(ordered) - 1)


def passing(
    weights: NDArray[np.float64], is_true: NDArray[np.bool_], ends: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Summed weights of true and of fake tracks up to each group of equal scores.

    Args:
        weights: Float64 array of shape `(tracks,)`, in falling order of the score.
        is_true: Bool array of shape `(tracks,)`, in the same order.
        ends: Last index of each group, as `group_ends` gives them.

    Returns:
        Two float64 arrays of shape `(groups + 1,)` that start at 0.
    """
    true_sum = np.cumsum(np.where(is_true, weights, 0.0))[ends]
    fake_sum = np.cumsum(np.where(is_true, 0.0, weights))[ends]
    return np.concatenate([[0.0], true_sum]), np.concatenate([[0.0], fake_sum])


def check_scores(scores: NDArray[np.floating], label: NDArray[np.bool_]) -> None:
    """Make sure that there are numbers, and tracks of both classes."""
    if not len(scores):
        raise NoTracksError("An evaluation must have tracks. Received: tracks=0")
    bad = int(np.count_nonzero(np.isnan(scores)))
    if bad:
        raise InputError(
            "Every score must be a number, as a NaN fails every cut in silence. "
            f"Received: {bad} NaN among {len(scores)} scores. "
            "Look at the inputs of these tracks and at the weights of the network"
        )
    true = int(np.count_nonzero(label))
    if true in (0, len(label)):
        raise InputError(
            "An evaluation must have true and fake tracks. "
            f"Received: true={true}, fake={len(label) - true}. "
            "Take other files, or another label branch (data.label)"
        )
