"""Intervals from the bootstrap by event.

Tracks of one event share its pile-up and each other's hits, so they are not
independent; events are. Each replica draws as many events as there are, with
replacement, and every track counts as often as its event was drawn.
Source: B. Efron, R. Tibshirani, An Introduction to the Bootstrap (1993), chapters
8 (units of resampling) and 13 (percentile interval).
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from trackdnn.evaluation import metrics

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Interval = tuple[float, float]


@dataclasses.dataclass(frozen=True, kw_only=True)
class BootstrapIntervals:
    """Percentile intervals of the AUC and of the fake acceptances.

    Args:
        auc: Lower and upper end; `None` where replicas cannot tell.
        fake_acceptance: The same for each requested efficiency, in their order.
    """

    auc: Interval | None
    fake_acceptance: tuple[Interval | None, ...]


def bootstrap_intervals(
    scores: NDArray[np.floating],
    label: NDArray[np.bool_],
    event: NDArray[np.uint64],
    *,
    efficiencies: Sequence[float],
    replicas: int,
    confidence: float,
    random: np.random.Generator,
) -> BootstrapIntervals:
    """Percentile intervals over replicas of the events.

    Args:
        scores: Float array of shape `(tracks,)`.
        label: Bool array of shape `(tracks,)`.
        event: Key of each track's event, shape `(tracks,)`.
        efficiencies: True-track efficiencies at which the fake acceptance is taken.
        replicas: Number of replicas; 0 for no intervals.
        confidence: Central probability of the intervals.
        random: Where the events are drawn from.

    Returns:
        The intervals; `None` throughout when there are no replicas or fewer than two
        events. Replicas without a true or without a fake track are left out.
    """
    nothing = BootstrapIntervals(auc=None, fake_acceptance=(None,) * len(efficiencies))
    events, code = np.unique(event, return_inverse=True)
    if not replicas or len(events) < 2:
        return nothing
    order = np.argsort(-scores, kind="stable")
    ends = metrics.group_ends(scores[order])
    is_true, code = label[order], code[order]
    rows = []
    for _ in range(replicas):
        drawn = random.integers(0, len(events), len(events))
        counts = np.bincount(drawn, minlength=len(events)).astype(np.float64)
        row = _measure(counts[code], is_true, ends, efficiencies)
        if row is not None:
            rows.append(row)
    if not rows:
        return nothing
    tail = (1 - confidence) / 2
    lower, upper = np.quantile(np.array(rows), [tail, 1 - tail], axis=0)
    both = [(float(low), float(high)) for low, high in zip(lower, upper, strict=True)]
    return BootstrapIntervals(auc=both[0], fake_acceptance=tuple(both[1:]))


def _measure(
    weights: NDArray[np.float64],
    is_true: NDArray[np.bool_],
    ends: NDArray[np.int64],
    efficiencies: Sequence[float],
) -> list[float] | None:
    """AUC and fake acceptances of one replica, `None` if a class is missing."""
    true_passing, fake_passing = metrics.passing(weights, is_true, ends)
    if not (true_passing[-1] > 0 and fake_passing[-1] > 0):
        return None
    curve = metrics.RocCurve(np.empty(0), true_passing, fake_passing)
    at = [curve.at_efficiency(efficiency) for efficiency in efficiencies]
    return [curve.auc, *(float(fake_passing[i] / fake_passing[-1]) for i in at)]
