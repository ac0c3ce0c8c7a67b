"""What a graph makes of its inputs, found by asking it.

Each input is moved over its plausible range with all others held fast, and the score
is watched. That needs no knowledge of what is inside.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from trackdnn.inspection.plausible import Reference

Floats = NDArray[np.floating]
Score = Callable[[Floats], Floats]

# Rounding alone moves a single-precision sigmoid by this much.
DEAD = 1e-6
FAINT = 1e-3
# Part of a standard width that an input is moved by to either side.
STEP = 0.05
EXTREMES = (0.0, 1e3, -1e3, 1e30, -1e30, np.inf, -np.inf, np.nan)
_NO_CATEGORY = 9999.0
_BAND = ("quantile_16", "mean", "quantile_84")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Responses:
    """How the score answers to each input; arrays have one entry per input.

    Args:
        reference: The rows that were asked about.
        change: Largest change of the score of any row over the range of the input.
        typical: Mean over the rows of that change.
        slope: Mean over the rows of |change of the score| for one standard width, from
            differences; for a code the standard deviation over the codes of the rows.
        moved: Whether anything at all moves the score, infinities included.
        bands: For each input the quantile 0.16, the mean and the quantile 0.84 of the
            first output at each value that was tried, shape `(3, steps)`.
        categories: The codes that the graph tells from one it does not know; `None`
            if it has no category.
        size: Largest |score|, against which rounding is measured, at least 1.
        undefined: Share of the rows whose score is not finite as they stand.
    """

    reference: Reference
    change: NDArray[np.float64]
    typical: NDArray[np.float64]
    slope: NDArray[np.float64]
    moved: NDArray[np.bool_]
    bands: tuple[NDArray[np.float64], ...]
    categories: tuple[int, ...] | None
    size: float
    undefined: float

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the inputs."""
        return self.reference.names

    @property
    def dead(self) -> tuple[str, ...]:
        """Inputs that the score does not depend on over their range."""
        return self._below(DEAD)

    @property
    def faint(self) -> tuple[str, ...]:
        """Inputs that change the score by less than 0.001, but do."""
        return tuple(name for name in self._below(FAINT) if name not in self.dead)

    @property
    def ranks(self) -> NDArray[np.int64]:
        """1 for the input with the steepest answer."""
        order = np.argsort(-np.nan_to_num(self.slope), kind="stable")
        ranks = np.empty(len(order), np.int64)
        ranks[order] = np.arange(1, len(order) + 1)
        return ranks

    @property
    def constant(self) -> tuple[str, ...]:
        """Inputs that had one value only: nothing can be said of them."""
        pairs = zip(self.names, self.reference.values, strict=True)
        return tuple(name for name, values in pairs if not np.ptp(values))

    def _below(self, limit: float) -> tuple[str, ...]:
        if self.undefined == 1:
            return ()
        silent = self.constant
        pairs = zip(self.names, self.change, strict=True)
        return tuple(
            name
            for name, change in pairs
            if change < limit * self.size and name not in silent
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values; what is not finite becomes null."""
        inputs = {
            name: {
                "change": plain(self.change[i]),
                "typical_change": plain(self.typical[i]),
                "slope": plain(self.slope[i]),
                "width": plain(self.reference.widths[i]),
                "scale": self.reference.scales[i],
                "rank": int(self.ranks[i]),
                "values": self.reference.values[i].tolist(),
                "score": {
                    name: [plain(value) for value in row]
                    for name, row in zip(_BAND, self.bands[i], strict=True)
                },
            }
            for i, name in enumerate(self.names)
        }
        unmoved = [n for n, m in zip(self.names, self.moved, strict=True) if not m]
        return {
            "rows": self.reference.origin,
            "not_finite_as_they_stand": self.undefined,
            "inputs": inputs,
            "dead": list(self.dead),
            "never_moved": unmoved,
            "faint": list(self.faint),
            "constant": list(self.constant),
            "categories": None if self.categories is None else list(self.categories),
        }


def plain(value: float) -> float | None:
    """A number for JSON, which has no NaN."""
    return float(value) if np.isfinite(value) else None


def measure(score: Score, reference: Reference) -> Responses:
    """Ask a graph about every input.

    Args:
        score: From rows `(rows, columns)` to scores `(rows, outputs)`.
        reference: Rows to start from and values to try.
    """
    start = score(reference.rows)
    finite = np.isfinite(start)
    size = max(1.0, float(np.abs(start[finite]).max(initial=0.0)))
    found = [_over_range(score, reference, i) for i in range(len(reference.names))]
    changes = np.array([change for change, _, _ in found])
    return Responses(
        reference=reference,
        change=changes,
        typical=np.array([typical for _, typical, _ in found]),
        slope=np.array(
            [slope(score, reference, i) for i in range(len(reference.names))]
        ),
        moved=np.array(
            [
                change >= DEAD * size or _is_moved(score, reference, i, start, size)
                for i, change in enumerate(changes)
            ]
        ),
        bands=tuple(band for _, _, band in found),
        categories=_known_categories(score, reference, size),
        size=size,
        undefined=float((~finite).any(axis=1).mean()),
    )


def vary(reference: Reference, column: int, values: Floats | None = None) -> Floats:
    """The rows once per value of one input, shape `(values * rows, columns)`."""
    tried = reference.values[column] if values is None else values
    rows = np.tile(reference.rows, (len(tried), 1))
    rows[:, column] = np.repeat(tried, len(reference.rows))
    return rows


def _over_range(
    score: Score, reference: Reference, column: int
) -> tuple[float, float, NDArray[np.float64]]:
    """Largest and mean change over the range of an input, and the band of scores."""
    steps = len(reference.values[column])
    scores = score(vary(reference, column)).astype(np.float64)
    scores = scores.reshape(steps, len(reference.rows), -1)
    finite = np.isfinite(scores)
    low = np.where(finite, scores, np.inf).min(axis=0)
    high = np.where(finite, scores, -np.inf).max(axis=0)
    change = np.where(finite.any(axis=0), high - low, 0.0).max(axis=1)
    # A value that turns a number into none has moved the score as far as can be.
    broken = finite.any(axis=0) & ~finite.all(axis=0)
    largest = np.inf if broken.any() else float(change.max())
    first = np.where(finite[..., 0], scores[..., 0], np.nan)
    known = np.isfinite(first).any(axis=1)
    band = np.full((len(_BAND), steps), np.nan)
    band[::2, known] = np.nanquantile(first[known], (0.16, 0.84), axis=1)
    band[1, known] = np.nanmean(first[known], axis=1)
    return largest, float(change.mean()), band


def slope(score: Score, reference: Reference, column: int) -> float:
    """Mean |change of the score| for one standard width of an input.

    From differences over 0.05 of a width to either side (of ln|x| for a logarithmic
    input), over one unit for whole numbers. For a code it is the standard deviation of
    the score over the codes of the rows. The largest of several outputs counts.
    """
    scale, width = reference.scales[column], float(reference.widths[column])
    if scale == "code":
        return _deviation(score, reference, column)
    if width == 0:
        return 0.0
    up, down = reference.rows.copy(), reference.rows.copy()
    x = reference.rows[:, column]
    if scale == "logarithmic":
        up[:, column], down[:, column] = (x * np.exp(s * STEP * width) for s in (1, -1))
        distance = np.full(len(x), 2 * STEP * width)
    else:
        step = 1.0 if scale == "whole" else STEP * width
        up[:, column], down[:, column] = x + step, np.float32(x - step)
        distance = up[:, column].astype(np.float64) - down[:, column]
    difference = np.abs(score(up).astype(np.float64) - score(down)).max(axis=1)
    slopes = (difference / distance * width)[np.isfinite(difference)]
    return float(slopes.mean()) if len(slopes) else float("nan")


def _deviation(score: Score, reference: Reference, column: int) -> float:
    """Mean standard deviation of the score over the codes, as often as they occur."""
    codes, counts = np.unique(reference.rows[:, column], return_counts=True)
    scores = score(vary(reference, column, codes)).astype(np.float64)
    scores = scores.reshape(len(codes), len(reference.rows), -1)
    mean = np.average(scores, axis=0, weights=counts)
    variance = np.average((scores - mean) ** 2, axis=0, weights=counts)
    deviations = np.sqrt(variance).max(axis=1)
    deviations = deviations[np.isfinite(deviations)]
    return float(deviations.mean()) if len(deviations) else float("nan")


def _is_moved(
    score: Score, reference: Reference, column: int, start: Floats, size: float
) -> bool:
    for value in EXTREMES:
        rows = reference.rows.copy()
        rows[:, column] = value
        if not same(score(rows), start, size).all():
            return True
    return False


def same(scores: Floats, others: Floats, size: float) -> NDArray[np.bool_]:
    """Whether scores are equal but for rounding, or are both not finite; per row."""
    with np.errstate(invalid="ignore"):
        close = np.abs(scores - others) <= DEAD * size
    neither = ~np.isfinite(scores) & ~np.isfinite(others)
    return np.asarray((close | neither).all(axis=1))


def _known_categories(
    score: Score, reference: Reference, size: float
) -> tuple[int, ...] | None:
    """The codes whose scores are not those of one that nobody knows."""
    if "code" not in reference.scales:
        return None
    column = reference.scales.index("code")

    def scores(code: float) -> Floats:
        rows = reference.rows.copy()
        rows[:, column] = code
        return score(rows)

    unknown = scores(_NO_CATEGORY)
    return tuple(
        int(code)
        for code in reference.values[column]
        if not same(scores(code), unknown, size).all()
    )
