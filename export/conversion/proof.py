"""Proof that what was converted scores as the original does, NaN for NaN.

A foreign graph owes nobody a finite score: where the original gives NaN, the converted
one has to, and nowhere else. Tracks are held to the tolerance, all of them. Odd rows,
such as one with 3.4e38 in it, can be beyond what single precision computes: where the
original itself is further than the tolerance from its own result in double precision,
its digits, or that it is NaN, mean nothing, and such a row is counted instead. An odd
row is also good if it is within the tolerance of double precision.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from export.conversion.batchings import batchings, in_batches, scores_of
from export.errors import ParityError

if TYPE_CHECKING:
    from export import parity

Floats = NDArray[np.float32]
Exact = Callable[[Floats, Floats], NDArray[np.float64]]
_CONVERTED = "converted graph"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Trial:
    """Rows to compare on.

    Args:
        name: What they are, for people and the report.
        probe: The rows.
        odd: Whether rows that single precision cannot compute are left out.
    """

    name: str
    probe: parity.Probe
    odd: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class Proof:
    """What the comparison on one trial found.

    Args:
        name: The trial.
        rows: Number of its rows.
        max_difference: Largest difference between scores that are compared, in whole
            batches, small ones, CMSSW's, and beside rows of garbage.
        nan: Rows where both scores are NaN.
        unstable: Odd rows that are left out.
        unstable_nan: Those of them where one score is NaN and the other is not.
        unstable_difference: Largest difference in them.
        original_error: Largest distance of the original from double precision; `None`
            where there is no arbiter.
        converted_error: The same of what was converted.
        original_rms: Root of the mean square of that distance, of the original.
        converted_rms: The same of what was converted.
    """

    name: str
    rows: int
    max_difference: float
    nan: int
    unstable: int = 0
    unstable_nan: int = 0
    unstable_difference: float = 0.0
    original_error: float | None = None
    converted_error: float | None = None
    original_rms: float | None = None
    converted_rms: float | None = None

    @property
    def nearer(self) -> str | None:
        """Which of the two is nearer to double precision, on average."""
        if self.original_rms is None or self.converted_rms is None:
            return None
        if self.original_rms == self.converted_rms:
            return "both"
        return "original" if self.original_rms < self.converted_rms else "converted"

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {**dataclasses.asdict(self), "nearer": self.nearer}


def prove(
    converted: parity.Runtime,
    original: parity.Runtime,
    trial: Trial,
    *,
    exact: Exact | None,
    tolerance: float,
    advice: str = "",
    nan_advice: str = "",
) -> Proof:
    """Compare a reloaded artifact with the original on one trial.

    Args:
        converted: From features `(rows, width)` and category `(rows, 1)` to scores
            `(rows, 1)`, float32.
        original: The same of the file that was converted.
        trial: What to evaluate.
        exact: The original in double precision, if there is such an arbiter.
        tolerance: Largest absolute difference that passes.
        advice: What to do about a larger one.
        nan_advice: What to do about a score that is NaN on one side alone.

    Raises:
        ParityError: If a score differs, is NaN on one side alone, or depends on the
            rows beside it.
    """
    probe = trial.probe
    reference = scores_of(original, probe, "original")
    truth = None if exact is None else in_batches(exact, probe)
    judge = _Judge(reference, truth, trial, tolerance, nan_advice)
    scores = scores_of(converted, probe, _CONVERTED)
    judge.look("whole", scores, len(probe))
    for batching, part, size in batchings(converted, probe, _CONVERTED):
        judge.look(batching, part, size)
    compared = judge.compared
    proof = Proof(
        name=trial.name,
        rows=len(probe),
        max_difference=max(judge.differences.values()),
        nan=int((np.isnan(reference) & np.isnan(scores)).sum()),
        **_unstable(scores, reference, ~compared),
        **({} if truth is None else _errors(scores, reference, truth, compared)),
    )
    if max(judge.excess.values()) > tolerance:
        text = _too_far(proof, judge.excess, tolerance)
        raise ParityError(f"{text} {advice}".rstrip())
    return proof


class _Judge:
    """Differences between scores of a trial, one batching after the other.

    Args:
        reference: Scores of the original.
        truth: The same in double precision, or `None`.
        trial: The rows.
        tolerance: Largest difference that passes.
        advice: What to do about a score that is NaN on one side alone.
    """

    def __init__(
        self,
        reference: Floats,
        truth: NDArray[np.float64] | None,
        trial: Trial,
        tolerance: float,
        advice: str,
    ) -> None:
        self._reference, self._trial, self._tolerance = reference, trial, tolerance
        self._advice = advice
        self._truth = truth if trial.odd else None
        self.compared = np.ones(len(reference), bool)
        if self._truth is not None:
            self.compared = _agree(reference, self._truth, tolerance)
        self.differences: dict[str, float] = {}
        self.excess: dict[str, float] = {}

    def look(self, batching: str, scores: Floats, size: int) -> None:
        """Compare the first `size` rows in one batching.

        Raises:
            ParityError: If one score is NaN and the other is not.
        """
        reference, rows = self._reference[:size], self.compared[:size]
        self._look_for_nan(scores[rows], reference[rows], rows)
        self.differences[batching] = _largest(scores[rows], reference[rows])
        if self._truth is not None:
            rows = rows & ~_agree(scores, self._truth[:size], self._tolerance)
        self.excess[batching] = _largest(scores[rows], reference[rows])

    def _look_for_nan(self, a: Floats, b: Floats, compared: NDArray[np.bool_]) -> None:
        torn = np.isnan(a) != np.isnan(b)
        if torn.any():
            first = np.flatnonzero(torn)[0]
            text = (
                "The converted graph must give NaN where the original does, and "
                f"nowhere else. Received: {a[first, 0]} instead of {b[first, 0]} in "
                f"row {np.flatnonzero(compared)[first]} of {self._trial.name} "
                f"({int(torn.sum())} such rows). Nothing was written."
            )
            raise ParityError(f"{text} {self._advice}".rstrip())


def _agree(a: NDArray[Any], b: NDArray[Any], tolerance: float) -> NDArray[np.bool_]:
    """Rows in which both are NaN, or neither is and they are close."""
    with np.errstate(invalid="ignore"):
        close = (np.abs(a - b) <= tolerance) | (a == b)
    return np.asarray((close | (np.isnan(a) & np.isnan(b))).reshape(-1))


def _largest(a: NDArray[Any], b: NDArray[Any]) -> float:
    """Largest difference of what is no NaN; equal infinities differ by nothing."""
    there = ~(np.isnan(a) | np.isnan(b)) & (a != b)
    return float(np.abs(a[there] - b[there]).max(initial=0.0))


def _unstable(
    scores: Floats, reference: Floats, rows: NDArray[np.bool_]
) -> dict[str, Any]:
    a, b = scores[rows], reference[rows]
    return {
        "unstable": int(rows.sum()),
        "unstable_nan": int((np.isnan(a) != np.isnan(b)).sum()),
        "unstable_difference": _largest(a, b),
    }


def _errors(
    scores: Floats,
    reference: Floats,
    truth: NDArray[np.float64],
    rows: NDArray[np.bool_],
) -> dict[str, Any]:
    """Distances from double precision, where all three are finite."""
    every = (scores[rows], reference[rows], truth[rows])
    finite = np.all([np.isfinite(values) for values in every], axis=0)
    converted, original, right = (values[finite] for values in every)
    found = {}
    for name, values in (("original", original), ("converted", converted)):
        off = np.abs(values - right)
        found[f"{name}_error"] = float(off.max(initial=0.0))
        found[f"{name}_rms"] = float(np.sqrt(np.mean(off**2))) if len(off) else 0.0
    return found


def _too_far(proof: Proof, excess: dict[str, float], tolerance: float) -> str:
    batching = max(excess, key=lambda name: excess[name])
    text = (
        f"The converted graph must reproduce the original to {tolerance:g}. Received: "
        f"max |difference|={excess[batching]:.3g} on {proof.name} "
        f"({batching}, {proof.rows:,} rows). Nothing was written."
    )
    if proof.original_error is not None and proof.converted_error is not None:
        text += (
            " From double precision the original is off by "
            f"{proof.original_error:.2g}, the converted graph by "
            f"{proof.converted_error:.2g}."
        )
    return text
