"""Whether a probability of 0.9 is right for nine tracks in ten.

Tracks are binned by the predicted probability, in bins of equal width. With n_b
tracks, mean prediction p_b and true fraction t_b in bin b,

    expected calibration error = sum over b of n_b |t_b - p_b| / sum over b of n_b

Source: C. Guo et al., On calibration of modern neural networks (ICML 2017), eq. 3.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from trackdnn.evaluation import intervals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.evaluation.intervals import Fractions

BINS = 20


@dataclasses.dataclass(frozen=True, kw_only=True)
class Calibration:
    """Reliability curve of one classifier.

    Args:
        edges: Float64 array of shape `(bins + 1,)`, from 0 to 1.
        predicted: Float64 array of shape `(bins,)`, mean probability; NaN if empty.
        observed: True tracks of all tracks in each bin, with intervals.
        error: Expected calibration error.
    """

    edges: NDArray[np.float64]
    predicted: NDArray[np.float64]
    observed: Fractions
    error: float

    def to_dict(self) -> dict[str, Any]:
        """The curve as plain lists and numbers."""
        return {
            "expected_calibration_error": self.error,
            "edges": self.edges.tolist(),
            "predicted": [
                None if np.isnan(value) else value for value in self.predicted.tolist()
            ],
            "observed": self.observed.to_list(),
        }


def calibrate(
    probability: NDArray[np.floating],
    label: NDArray[np.bool_],
    confidence: float,
    bins: int = BINS,
) -> Calibration:
    """The reliability curve; the last bin holds probability 1.

    Args:
        probability: Float array of shape `(tracks,)` in [0, 1].
        label: Bool array of shape `(tracks,)`.
        confidence: Central probability of the intervals.
        bins: Number of bins.
    """
    p = probability.astype(np.float64)
    which = np.clip((p * bins).astype(np.int64), 0, bins - 1)
    total = np.bincount(which, minlength=bins)
    true = np.bincount(which[label], minlength=bins)
    summed = np.bincount(which, weights=p, minlength=bins)
    # n_b |t_b - p_b| is the difference of the two sums.
    error = float(np.sum(np.abs(true - summed)) / max(len(p), 1))
    predicted = np.where(total > 0, summed / np.maximum(total, 1), np.nan)
    return Calibration(
        edges=np.linspace(0.0, 1.0, bins + 1),
        predicted=predicted,
        observed=intervals.fractions(true, total, confidence),
        error=error,
    )
