"""The function that a graph applies to one input, found by asking for its values.

It is taken to be a transform, a scale and an offset between two ends, beyond which it
stands still. The ends are found by bisection, the rest by a fit; what does not fit is
called so.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterator

Values = NDArray[np.float64]
# From values of an input, shape (n,), to what becomes of them, of the same shape.
Function = Callable[[Values], Values]

_FAR = np.array([1e20, 1e25, 1e30])
_POINTS = 65
_ROUNDS = 5
_SAMPLES = 96
# A transform fits if it is off by less than this part of the spread, on average.
_FITS = 1e-4
# Single precision cannot tell an end better than this part of the whole.
_ROUNDING = 1e-5
_ABOVE_MINUS_ONE = -1 + 1e-12
_OTHER, _CONSTANT = "other", "constant"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Shape:
    """What becomes of one input.

    Args:
        transform: `"x"`, `"|x|"`, `"log1p(x)"`, `"log1p(|x|)"`, `"log1p(|x|/s)"`, the
            last two with the sign of x in front, `"constant"`, or `"other"`.
        divisor: The s above, 1 where there is none.
        scale: The column is `scale * transform + offset`; `None` for `"other"`.
        offset: See `scale`.
        lower: Value of x, or of |x| if only that counts, below which nothing changes;
            `None` if there is no such end.
        upper: The same above.
        even: Whether x and -x give the same.
        at_nan: What NaN becomes, `None` if it stays NaN.
        bounded: Whether the column stays in [-1, 1] whatever comes in.
    """

    transform: str
    divisor: float
    scale: float | None
    offset: float | None
    lower: float | None
    upper: float | None
    even: bool
    at_nan: float | None
    bounded: bool

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return dataclasses.asdict(self)


def find_shape(function: Function, largest: float) -> Shape:
    """Ends and transform of one column.

    Args:
        function: The column, as a function of the input.
        largest: The largest plausible |x|.
    """
    lower, upper = find_ends(function)
    sizes = _grid()
    even = bool(_equal(function(sizes), function(-sizes)).all())
    far = function(np.array([*_FAR, *-_FAR, 0.0]))
    nan = float(function(np.array([np.nan]))[0])
    inner = _first_move(function) if even else lower
    points = _samples(inner, upper, largest, even=even)
    column = function(points) if len(points) else points
    known = np.isfinite(column)
    fit = _fit(points[known], column[known], even=even)
    if even:
        lower = _lower_of_even(function, fit)
    return Shape(
        **dataclasses.asdict(fit),
        lower=_without_rounding(lower, upper, fit),
        upper=upper,
        even=even,
        at_nan=nan if np.isfinite(nan) else None,
        bounded=bool((np.abs(far) <= 1 + 1e-3).all()),
    )


def find_ends(function: Function) -> tuple[float | None, float | None]:
    """Where a function starts to stand still, towards -infinity and +infinity.

    `None` where it does not. A constant has no ends. What is even has an upper end
    alone, in |x|: see `find_shape` for the other.
    """
    sizes = _grid()
    grid = np.concatenate([-sizes[:0:-1], sizes])
    values = function(grid)
    if _equal(values, values[0]).all():
        return None, None
    upper = _end(function, grid, values)
    mirrored = _end(lambda x: function(-x), -grid[::-1], values[::-1])
    lower = None if mirrored is None else -mirrored
    if upper is not None and lower == -upper:
        lower = None
    return lower, upper


def _end(function: Function, grid: Values, values: Values) -> float | None:
    """The first x from which on a function is what it is far away."""
    beyond = function(_FAR)
    last = beyond[-1]
    if not (np.isfinite(last) and _equal(beyond, last).all()):
        return None
    moving = np.flatnonzero(~_equal(values, last))
    if not len(moving) or moving[-1] + 1 >= len(grid):
        return None
    low, high = grid[moving[-1]], grid[moving[-1] + 1]
    for _ in range(_ROUNDS):
        points = np.linspace(low, high, _POINTS)
        still = np.flatnonzero(~_equal(function(points), last))
        place = int(still[-1]) if len(still) else 0
        low, high = points[place], points[min(place + 1, _POINTS - 1)]
    return float(high)


def _first_move(function: Function) -> float:
    """The |x| up to which a function is what it is at zero; 0 for a constant."""
    sizes = _grid()
    values = function(sizes)
    moving = np.flatnonzero(~_equal(values, values[0]))
    if not len(moving):
        return 0.0
    low, high = sizes[moving[0] - 1], sizes[moving[0]]
    for _ in range(_ROUNDS):
        points = np.linspace(low, high, _POINTS)
        moved = np.flatnonzero(~_equal(function(points), values[0]))
        place = int(moved[0]) if len(moved) else _POINTS - 1
        low, high = points[max(place - 1, 0)], points[place]
    return float(low)


def _grid() -> Values:
    """Zero and sizes from 1e-9 to 1e18."""
    return np.concatenate([[0.0], np.geomspace(1e-9, 1e18, 163)])


def _equal(values: Values, other: Values | float) -> NDArray[np.bool_]:
    """Whether values are equal, NaN to NaN."""
    return np.asarray((values == other) | (np.isnan(values) & np.isnan(other)))


def _samples(
    lower: float | None, upper: float | None, largest: float, *, even: bool
) -> Values:
    """Values of x between the ends, of both signs where they differ."""
    high = upper if upper is not None else 10 * largest
    low = lower if lower is not None else -10 * largest
    if even or low >= 0:
        low = max(low, 0.0)
    sizes = np.geomspace(1e-6, 1.0, _SAMPLES // 2)
    middle = min(max(0.0, low), high)
    above = middle + (high - middle) * sizes
    below = middle + (low - middle) * sizes
    points = np.concatenate([above] if even else [below, above])
    return points[(points > low) & (points < high)]


@dataclasses.dataclass(frozen=True)
class _Fit:
    transform: str
    divisor: float
    scale: float | None
    offset: float | None

    def at(self, x: float) -> float | None:
        """The column that the fit gives, the ends left out."""
        if self.scale is None or self.offset is None or self.transform == _CONSTANT:
            return self.offset
        transform = _TRANSFORMS[self.transform]
        value = float(transform(np.array([x]), self.divisor)[0])
        return self.scale * value + self.offset

    def back(self, column: float) -> float:
        """The |x| that gives a column, for a transform of |x|."""
        size = (column - (self.offset or 0.0)) / (self.scale or 1.0)
        if self.transform == "|x|":
            return size
        return float(np.expm1(size) * self.divisor)


_TRANSFORMS: dict[str, Callable[[Values, float], Values]] = {
    "x": lambda x, s: x,
    "|x|": lambda x, s: np.abs(x),
    # Nothing fits to x <= -1, where it is not defined.
    "log1p(x)": lambda x, s: np.log1p(np.maximum(x, _ABOVE_MINUS_ONE)),
    "log1p(|x|)": lambda x, s: np.log1p(np.abs(x)),
    "log1p(|x|/s)": lambda x, s: np.log1p(np.abs(x) / s),
    "sign(x) log1p(|x|)": lambda x, s: np.sign(x) * np.log1p(np.abs(x)),
    "sign(x) log1p(|x|/s)": lambda x, s: np.sign(x) * np.log1p(np.abs(x) / s),
}


_EVEN = ("|x|", "log1p(|x|")


def _fit(x: Values, y: Values, *, even: bool) -> _Fit:
    """The first transform that fits."""
    if len(x) < 3:
        return _Fit(_OTHER, 1.0, None, None)
    if not np.ptp(y):
        return _Fit(_CONSTANT, 1.0, 0.0, float(y[0]))
    for name, transform in _TRANSFORMS.items():
        if even != name.startswith(_EVEN):
            continue
        best = min(
            (*_line(transform(x, s), y), s) for s in _divisors(name, transform, x, y)
        )
        if best[0] < _FITS:
            scale, offset = best[1:3]
            # An offset below the rounding of the largest value is none.
            small = abs(offset) < 1e-7 * float(np.abs(y).max())
            return _Fit(name, best[3], scale, 0.0 if small else offset)
    return _Fit(_OTHER, 1.0, None, None)


def _divisors(
    name: str, transform: Callable[[Values, float], Values], x: Values, y: Values
) -> Iterator[float]:
    """Divisors to try: 1, or ever finer steps around the best of a wide range."""
    if not name.endswith("/s)"):
        yield 1.0
        return
    low, high = 1e-9, 1e6
    for _ in range(12):
        tried = np.geomspace(low, high, 31)
        errors = [_line(transform(x, s), y)[0] for s in tried]
        place = int(np.argmin(errors))
        low, high = tried[max(place - 1, 0)], tried[min(place + 1, 30)]
    yield float(np.sqrt(low * high))


def _line(x: Values, y: Values) -> tuple[float, float, float]:
    """How far y is from a line in x, as a part of its spread; scale and offset."""
    spread = np.ptp(x)
    if not spread:
        return np.inf, 0.0, 0.0
    scale, offset = np.polyfit((x - x.mean()) / spread, y, 1)
    fitted = scale * (x - x.mean()) / spread + offset
    error = float(np.sqrt(np.mean((fitted - y) ** 2)) / np.ptp(y))
    return error, float(scale / spread), float(offset - scale / spread * x.mean())


def _lower_of_even(function: Function, fit: _Fit) -> float | None:
    """The |x| below which nothing changes, if the fit would go further down."""
    at_zero, fitted = float(function(np.zeros(1))[0]), fit.at(0.0)
    if fit.scale is None or fitted is None or fit.transform == _CONSTANT:
        return None
    size = fit.back(at_zero)
    reach = abs(fit.scale) * np.log1p(1e3 / fit.divisor)
    return float(size) if size > 0 and abs(at_zero - fitted) > 1e-4 * reach else None


def _without_rounding(
    lower: float | None, upper: float | None, fit: _Fit
) -> float | None:
    """A lower end that rounding alone keeps from zero becomes zero."""
    if lower is None or upper is None or fit.transform not in _TRANSFORMS:
        return lower
    transform = _TRANSFORMS[fit.transform]
    zero, low, high = transform(np.array([0.0, lower, upper]), fit.divisor)
    return 0.0 if abs(low - zero) < _ROUNDING * abs(high - low) else lower
