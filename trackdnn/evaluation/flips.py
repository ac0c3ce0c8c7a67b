"""What changes at the working points when a network is served in another form.

The same tracks are scored twice, so most of the statistical error of a rate is shared.
Two errors are told for a rate r before and r' after:

    error   distance from r to the end of its Clopper-Pearson interval on the side of
            r': how well this sample knows the rate at all
    paired  sqrt(sum over tracks d_i^2), how well it knows the change r' - r, with
            d_i = a'_i (e_i - r') / N' - a_i (e_i - r) / N

For the efficiency, N counts true tracks, a_i is 1 for them, and e_i is 1 if the track
passes. For the fake rate, N counts tracks that pass, a_i is 1 for them, and e_i is 1
for a fake one. d_i is zero but for tracks whose decision flips, to first order in the
change.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from trackdnn.evaluation.intervals import Fraction, fraction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Change:
    """A rate before and after.

    Args:
        before: With its interval.
        after: With its interval.
        paired: Error of the change on these tracks.
    """

    before: Fraction
    after: Fraction
    paired: float

    @property
    def shift(self) -> float | None:
        """After less before; `None` if one of them has nothing to divide by."""
        if self.before.value is None or self.after.value is None:
            return None
        return self.after.value - self.before.value

    @property
    def error(self) -> float | None:
        """Statistical error of the rate before, on the side to which it moved."""
        value, low, high = self.before.value, self.before.lower, self.before.upper
        if value is None or low is None or high is None:
            return None
        return high - value if (self.shift or 0.0) > 0 else value - low

    @property
    def within(self) -> bool:
        """Whether the rate did not move, or by less than its error."""
        if self.shift is None or self.error is None:
            return False
        return self.shift == 0 or abs(self.shift) < self.error

    def to_dict(self) -> dict[str, Any]:
        """The change as plain values."""
        return {
            "before": self.before.to_dict(),
            "after": self.after.to_dict(),
            "shift": self.shift,
            "error": self.error,
            "paired_error": self.paired,
            "within_error": self.within,
        }


@dataclasses.dataclass(frozen=True, kw_only=True)
class PointChange:
    """What changes at one working point.

    Args:
        name: Of the working point.
        flips: Tracks that pass before or after, but not both.
        efficiency: True tracks that pass, of the true tracks.
        fake_rate: Fake tracks, of the tracks that pass.
    """

    name: str
    flips: int
    efficiency: Change
    fake_rate: Change

    @property
    def within(self) -> bool:
        """Whether both rates moved by less than their errors."""
        return self.efficiency.within and self.fake_rate.within

    def to_dict(self) -> dict[str, Any]:
        """The change as plain values."""
        return {
            "name": self.name,
            "flips": self.flips,
            "efficiency": self.efficiency.to_dict(),
            "fake_rate": self.fake_rate.to_dict(),
        }


def compare_points(
    label: Flags,
    before: Mapping[str, Flags],
    after: Mapping[str, Flags],
    *,
    confidence: float = 0.683,
) -> list[PointChange]:
    """What changes at each working point.

    Args:
        label: Bool array of shape `(tracks,)`, true for a true track.
        before: Which tracks pass, bool arrays of shape `(tracks,)` by working point.
        after: The same with the network in its other form.
        confidence: Central probability of the intervals.
    """
    return [
        PointChange(
            name=name,
            flips=int(np.count_nonzero(flags != after[name])),
            efficiency=_change((label, flags), (label, after[name]), confidence),
            fake_rate=_change((flags, ~label), (after[name], ~label), confidence),
        )
        for name, flags in before.items()
    ]


def _change(
    before: tuple[Flags, Flags], after: tuple[Flags, Flags], confidence: float
) -> Change:
    """From what is counted, and what of it is the rate, before and after."""
    rates = [
        fraction(
            int(np.count_nonzero(counted & wanted)),
            int(np.count_nonzero(counted)),
            confidence,
        )
        for counted, wanted in (before, after)
    ]
    difference = _share(*after) - _share(*before)
    paired = float(np.sqrt(np.sum(difference**2)))
    return Change(before=rates[0], after=rates[1], paired=paired)


def _share(counted: Flags, wanted: Flags) -> NDArray[np.float64]:
    """What each track adds to the error of a rate, shape `(tracks,)`."""
    total = max(int(np.count_nonzero(counted)), 1)
    rate = np.count_nonzero(counted & wanted) / total
    return counted * (wanted - rate) / total
