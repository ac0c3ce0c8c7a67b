"""Figures of merit that are exact on all tracks, rather than binned or averaged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def roc_auc(label: NDArray[np.bool_], score: NDArray[np.floating]) -> float:
    """Area under the receiver operating characteristic.

    It is the probability that a true track scores higher than a fake one, ties
    counting half (Mann-Whitney): with `R` the sum of the ranks of the true tracks among
    all, equal scores sharing their mean rank,
    `area = (R - T (T + 1) / 2) / (T F)` for `T` true and `F` fake tracks.

    Args:
        label: Bool array of shape `(tracks,)`, true for a true track.
        score: Float array of shape `(tracks,)`, without NaN.

    Returns:
        Area from 0 to 1.

    Raises:
        ValueError: If only one class is there, or a score is NaN.
    """
    true = int(np.count_nonzero(label))
    fake = len(label) - true
    if true == 0 or fake == 0:
        raise ValueError(
            "`label` must hold true and fake tracks. "
            f"Received: {true} true and {fake} fake tracks"
        )
    if np.isnan(score).any():
        raise ValueError("`score` must not hold NaN. Received: NaN")
    _, inverse, counts = np.unique(score, return_inverse=True, return_counts=True)
    mean_rank = np.cumsum(counts) - (counts - 1) / 2
    rank_sum = mean_rank[inverse][label].sum()
    return float((rank_sum - true * (true + 1) / 2) / (true * fake))
