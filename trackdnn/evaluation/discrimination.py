"""How well scores tell true from fake tracks: over all tracks, and per iteration."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from trackdnn.evaluation import bootstrap, intervals, metrics

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.evaluation.bootstrap import Interval
    from trackdnn.evaluation.intervals import Fraction
    from trackdnn.settings import EvaluationSettings


@dataclasses.dataclass(frozen=True, kw_only=True)
class PointOnCurve:
    """The tightest cut that keeps at least `target` of the true tracks.

    Args:
        target: Asked true-track efficiency.
        threshold: Lowest score that passes, in the units of the classifier.
        efficiency: Reached efficiency; above the target only by what equal scores
            and whole tracks demand.
        fake_acceptance: Fake tracks that pass, of the fake tracks, with the
            Clopper-Pearson interval at this fixed threshold.
        fake_rate: Fake tracks, of the tracks that pass, likewise.
        bootstrap: Interval of the fake acceptance over replicas of the events, in
            which the threshold moves too; `None` if not made.
    """

    target: float
    threshold: float
    efficiency: Fraction
    fake_acceptance: Fraction
    fake_rate: Fraction
    bootstrap: Interval | None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Discrimination:
    """Area and points of one classifier on one set of tracks.

    Args:
        true: Number of true tracks.
        fake: Number of fake tracks.
        auc: Area under the curve; `None` if a class is missing.
        auc_interval: Bootstrap interval of the area, `None` if not made.
        points: One entry per efficiency of the settings; empty if a class is missing.
    """

    true: int
    fake: int
    auc: float | None
    auc_interval: Interval | None
    points: tuple[PointOnCurve, ...]

    def to_dict(self) -> dict[str, Any]:
        """The figures as plain lists, dicts and numbers."""
        return dataclasses.asdict(self)


def discriminate(
    scores: NDArray[np.floating],
    label: NDArray[np.bool_],
    event: NDArray[np.uint64],
    settings: EvaluationSettings,
    random: np.random.Generator,
) -> Discrimination:
    """AUC with its bootstrap interval, and fake figures at fixed efficiencies.

    Args:
        scores: Float array of shape `(tracks,)`; larger means more likely true.
        label: Bool array of shape `(tracks,)`.
        event: Key of each track's event, shape `(tracks,)`.
        settings: Efficiencies, number of replicas and confidence.
        random: Where the replicas come from.
    """
    true = int(np.count_nonzero(label))
    fake = len(label) - true
    if not true or not fake:
        return Discrimination(
            true=true, fake=fake, auc=None, auc_interval=None, points=()
        )
    curve = metrics.roc_curve(scores, label)
    ends = bootstrap.bootstrap_intervals(
        scores,
        label,
        event,
        efficiencies=settings.efficiencies,
        replicas=settings.bootstrap,
        confidence=settings.confidence,
        random=random,
    )
    points = tuple(
        _point(curve, target, settings.confidence, interval)
        for target, interval in zip(
            settings.efficiencies, ends.fake_acceptance, strict=True
        )
    )
    return Discrimination(
        true=true, fake=fake, auc=curve.auc, auc_interval=ends.auc, points=points
    )


def _point(
    curve: metrics.RocCurve, target: float, confidence: float, ends: Interval | None
) -> PointOnCurve:
    index = curve.at_efficiency(target)
    true, fake = int(curve.true_passing[index]), int(curve.fake_passing[index])
    return PointOnCurve(
        target=target,
        threshold=float(curve.thresholds[index]),
        efficiency=intervals.fraction(true, int(curve.true_passing[-1]), confidence),
        fake_acceptance=intervals.fraction(
            fake, int(curve.fake_passing[-1]), confidence
        ),
        fake_rate=intervals.fraction(fake, true + fake, confidence),
        bootstrap=ends,
    )
