"""Fractions of counted tracks with their Clopper-Pearson intervals.

With k of n tracks passing and central probability c, the interval is

    lower: Beta quantile (1 - c)/2 of (k, n - k + 1), 0 for k = 0
    upper: Beta quantile (1 + c)/2 of (k + 1, n - k), 1 for k = n

It covers the true fraction with a probability of at least c for every n.
Source: C. J. Clopper, E. S. Pearson, Biometrika 26 (1934) 404.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclasses.dataclass(frozen=True, kw_only=True)
class Fractions:
    """Fractions `passed / total` with intervals; NaN where `total` is 0.

    Args:
        passed: Int64 array of shape `(bins,)`.
        total: Int64 array of shape `(bins,)`.
        value: Float64 array of shape `(bins,)`.
        lower: Float64 array of shape `(bins,)`, lower end of the interval.
        upper: Float64 array of shape `(bins,)`, upper end of the interval.
    """

    passed: NDArray[np.int64]
    total: NDArray[np.int64]
    value: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]

    def __getitem__(self, index: int) -> Fraction:
        if not self.total[index]:
            return Fraction(passed=0, total=0, value=None, lower=None, upper=None)
        return Fraction(
            passed=int(self.passed[index]),
            total=int(self.total[index]),
            value=float(self.value[index]),
            lower=float(self.lower[index]),
            upper=float(self.upper[index]),
        )

    def to_list(self) -> list[dict[str, Any]]:
        """One dict per bin, `None` where there is no value."""
        return [self[index].to_dict() for index in range(len(self.total))]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Fraction:
    """One fraction with its interval; `None` when there is nothing to divide by."""

    passed: int
    total: int
    value: float | None
    lower: float | None
    upper: float | None

    def to_dict(self) -> dict[str, Any]:
        """The fraction as plain numbers."""
        return dataclasses.asdict(self)


def clopper_pearson(
    passed: ArrayLike, total: ArrayLike, confidence: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Central Clopper-Pearson interval of a binomial fraction.

    Args:
        passed: Counts of shape `(bins,)`, 0 to `total`.
        total: Counts of shape `(bins,)`.
        confidence: Central probability, such as 0.683.

    Returns:
        Lower and upper ends, float64 of shape `(bins,)`; NaN where `total` is 0.

    Raises:
        ValueError: If a count is negative or `passed` exceeds `total`.
    """
    k, n = np.broadcast_arrays(
        np.asarray(passed, np.float64), np.asarray(total, np.float64)
    )
    if np.any(k < 0) or np.any(k > n):
        raise ValueError(
            "`passed` must lie between 0 and `total`. "
            f"Received: passed={k.tolist()}, total={n.tolist()}"
        )
    # The quantiles of the two excluded ends are not defined; they are set below.
    below = stats.beta.ppf((1 - confidence) / 2, np.maximum(k, 1), n - k + 1)
    above = stats.beta.ppf((1 + confidence) / 2, k + 1, np.maximum(n - k, 1))
    lower = np.where(k == 0, 0.0, below)
    upper = np.where(k == n, 1.0, above)
    empty = n == 0
    return np.where(empty, np.nan, lower), np.where(empty, np.nan, upper)


def fractions(passed: ArrayLike, total: ArrayLike, confidence: float) -> Fractions:
    """Fractions of shape `(bins,)` with Clopper-Pearson intervals."""
    k, n = np.asarray(passed, np.int64), np.asarray(total, np.int64)
    lower, upper = clopper_pearson(k, n, confidence)
    value = np.where(n > 0, k / np.maximum(n, 1), np.nan)
    return Fractions(passed=k, total=n, value=value, lower=lower, upper=upper)


def fraction(passed: int, total: int, confidence: float) -> Fraction:
    """One fraction with its Clopper-Pearson interval."""
    return fractions([passed], [total], confidence)[0]
