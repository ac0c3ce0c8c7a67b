"""Cuts per iteration, in the score that CMSSW compares with `qualityCuts`.

CMSSW turns the network's probability p into the score 2p - 1 and accepts a track
when `score > cut`, all in single precision (cms-sw/cmssw, RecoTracker/
FinalTrackSelectors: TrackTfClassifier.cc, TrackMVAClassifier.cc). The same is done
here. A cut lies halfway between the last score that passes and the next one that
does not, so that rounding in another runtime moves no track across it; it is a
single-precision number, and nine digits bring it back bit for bit.

Tracks of equal score pass together. So a target efficiency is met by the tightest
cut that reaches at least the target, a target fake rate by the loosest cut whose
fake rate (fakes among the passing tracks) is at most the target.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from trackdnn.data.features import algorithm_name
from trackdnn.evaluation import intervals, metrics

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trackdnn.evaluation.intervals import Fraction
    from trackdnn.settings import WorkingPoint

# Fewer tracks than this cannot place a cut at the per-cent level.
MINIMUM_TRACKS = 100


@dataclasses.dataclass(frozen=True, kw_only=True)
class Cut:
    """One cut and what it does to the tracks it applies to.

    Args:
        cut: A track passes when its score 2p - 1 is greater.
        efficiency: True tracks that pass, of the true tracks.
        fake_acceptance: Fake tracks that pass, of the fake tracks.
        fake_rate: Fake tracks, of the tracks that pass.
        fallback: Whether the cut of all tracks stands in for one of the iteration.
        remark: Why it falls back, or why it misses its target; empty if it does not.
    """

    cut: float
    efficiency: Fraction
    fake_acceptance: Fraction
    fake_rate: Fraction
    fallback: bool = False
    remark: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class WorkingPoints:
    """The cuts of every working point, for all tracks and per iteration.

    Args:
        points: The working points, in the order of the settings.
        overall: Cut of each working point over all tracks, by name.
        iterations: For each `originalAlgo` that occurs, its cuts by name.
    """

    points: tuple[WorkingPoint, ...]
    overall: dict[str, Cut]
    iterations: dict[int, dict[str, Cut]]

    def to_dict(self) -> dict[str, Any]:
        """The content of `working_points.json`."""
        return {
            "score": "2p - 1, single precision",
            "rule": "a track passes when score > cut",
            "points": [point.model_dump(mode="json") for point in self.points],
            "overall": _as_dicts(self.overall),
            "iterations": {
                algorithm_name(algo): {"originalAlgo": algo, "cuts": _as_dicts(cuts)}
                for algo, cuts in self.iterations.items()
            },
        }

    def remarks(self) -> list[str]:
        """One line for each cut that falls back or misses its target."""
        lines = [
            f"{name} over all tracks: {cut.remark}"
            for name, cut in self.overall.items()
            if cut.remark
        ]
        for algo, cuts in self.iterations.items():
            lines += [
                f"{name} of {algorithm_name(algo)}: {cut.remark}"
                for name, cut in cuts.items()
                if cut.remark
            ]
        return lines


def score_from_probability(probability: NDArray[np.floating]) -> NDArray[np.float32]:
    """The score 2p - 1 as CMSSW computes it, float32 of shape `(tracks,)`."""
    p = probability.astype(np.float32)
    return np.float32(2.0) * p - np.float32(1.0)


def find_working_points(
    score: NDArray[np.float32],
    label: NDArray[np.bool_],
    category: NDArray[np.int32],
    points: Sequence[WorkingPoint],
    confidence: float,
) -> WorkingPoints:
    """Cuts for all tracks and for each iteration.

    An iteration falls back to the cut of all tracks when it holds fewer than
    `MINIMUM_TRACKS` of the tracks that the target counts (true tracks for an
    efficiency, all tracks for a fake rate), or when no cut reaches its target.

    Args:
        score: Float32 array of shape `(tracks,)`, 2p - 1.
        label: Bool array of shape `(tracks,)`.
        category: Int32 array of shape `(tracks,)`, `originalAlgo`.
        points: What to aim at.
        confidence: Central probability of the intervals.
    """
    overall = {
        point.name: _overall(score, label, point, confidence) for point in points
    }
    iterations: dict[int, dict[str, Cut]] = {}
    for algo in np.unique(category).tolist():
        rows = category == algo
        iterations[algo] = {
            point.name: _of_iteration(
                score[rows], label[rows], point, overall[point.name].cut, confidence
            )
            for point in points
        }
    return WorkingPoints(points=tuple(points), overall=overall, iterations=iterations)


def apply_cut(score: NDArray[np.float32], cut: float) -> NDArray[np.bool_]:
    """Which tracks pass: `score > cut` in single precision, shape `(tracks,)`."""
    return score.astype(np.float32) > np.float32(cut)


def cut_between(kept: float, dropped: float | None) -> float:
    """A single-precision cut that passes `kept` and not the next lower score.

    Args:
        kept: Lowest score that passes.
        dropped: Highest score that does not; `None` if all pass.

    Returns:
        c with `dropped <= c < kept`, near the middle.
    """
    if dropped is None:
        return float(np.nextafter(np.float32(kept), np.float32(-np.inf)))
    middle = np.float32((float(kept) + float(dropped)) / 2)
    # Neighbouring floats have nothing between them, and rounding may reach `kept`.
    return float(middle) if middle < np.float32(kept) else float(np.float32(dropped))


def _overall(
    score: NDArray[np.float32],
    label: NDArray[np.bool_],
    point: WorkingPoint,
    confidence: float,
) -> Cut:
    curve = metrics.roc_curve(score, label)
    index, remark = _index(curve, point), ""
    if index is None:
        index = int(np.argmin(curve.fake_rate[1:])) + 1
        remark = (
            f"no cut has a fake rate of {point.value:g} or less; "
            f"this one has the lowest, {curve.fake_rate[index]:.3g}"
        )
    return _judge(score, label, _cut_at(curve, index), confidence, remark=remark)


def _of_iteration(
    score: NDArray[np.float32],
    label: NDArray[np.bool_],
    point: WorkingPoint,
    overall: float,
    confidence: float,
) -> Cut:
    """The iteration's own cut, or the cut of all tracks with the reason."""
    true = int(np.count_nonzero(label))
    kind, count = ("true tracks", true)
    if point.target == "fake_rate":
        kind, count = ("tracks", len(label))
    remark = f"only {count} {kind}, cut of all tracks taken"
    if count >= MINIMUM_TRACKS:
        curve = _curve_of_any(score, label)
        index = _index(curve, point)
        if index is not None:
            return _judge(score, label, _cut_at(curve, index), confidence)
        remark = f"no cut has a fake rate of {point.value:g} or less, " + (
            "cut of all tracks taken"
        )
    return _judge(score, label, overall, confidence, fallback=True, remark=remark)


def _curve_of_any(
    score: NDArray[np.float32], label: NDArray[np.bool_]
) -> metrics.RocCurve:
    """The curve of an iteration, which may lack one class."""
    order = np.argsort(-score, kind="stable")
    ends = metrics.group_ends(score[order])
    true, fake = metrics.passing(np.ones(len(score)), label[order], ends)
    thresholds = np.concatenate([[np.inf], score[order][ends].astype(np.float64)])
    return metrics.RocCurve(thresholds, true, fake)


def _index(curve: metrics.RocCurve, point: WorkingPoint) -> int | None:
    if point.target == "efficiency":
        return curve.at_efficiency(point.value)
    return curve.at_fake_rate(point.value)


def _cut_at(curve: metrics.RocCurve, index: int) -> float:
    last = index + 1 == len(curve.thresholds)
    dropped = None if last else float(curve.thresholds[index + 1])
    return cut_between(float(curve.thresholds[index]), dropped)


def _judge(
    score: NDArray[np.float32],
    label: NDArray[np.bool_],
    cut: float,
    confidence: float,
    *,
    fallback: bool = False,
    remark: str = "",
) -> Cut:
    passed = apply_cut(score, cut)
    true, fake = int(np.sum(passed & label)), int(np.sum(passed & ~label))
    all_true = int(np.count_nonzero(label))
    return Cut(
        cut=cut,
        efficiency=intervals.fraction(true, all_true, confidence),
        fake_acceptance=intervals.fraction(fake, len(label) - all_true, confidence),
        fake_rate=intervals.fraction(fake, true + fake, confidence),
        fallback=fallback,
        remark=remark,
    )


def _as_dicts(cuts: dict[str, Cut]) -> dict[str, Any]:
    return {name: dataclasses.asdict(cut) for name, cut in cuts.items()}
