"""How many rows lie beyond the ends of what a graph takes of an input.

A row is lost at an end if the graph makes the same of its value as of an enormous one,
and of a value a little further inside as well: one exactly at the end is not beyond.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.inspection.plausible import Reference

    Floats = NDArray[np.floating]
    Bools = NDArray[np.bool_]

HUGE = 1e30
# Inside by this part of the value, or of the width of the column.
_INSIDE = 1e-3
# Columns of several inputs differ in the last digits.
_ROUNDING = 5e-7


def find_saturation(
    values: Callable[[Floats], Floats],
    reference: Reference,
    column: int,
    moved: Bools,
    *,
    exact: Bools,
) -> tuple[float, float]:
    """Shares of the rows that are lost at the lower and at the upper end.

    For an input of which only the size counts, the lower end is that of |x|.

    Args:
        values: From rows to columns before the first matrix, or to the score.
        reference: The rows.
        column: The input.
        moved: Which of the columns answer to it.
        exact: Which of them answer to nothing else, and are compared bit by bit.
    """
    if not moved.any():
        return 0.0, 0.0
    rows = reference.sample

    def given(x: Floats) -> Floats:
        filled = rows.copy()
        filled[:, column] = x
        return values(filled)[:, moved]

    def equal(some: Floats, others: Floats) -> Bools:
        return _equal(some, others, exact[moved])

    x = rows[:, column]
    here, inside = given(x), [given(_inside(reference, column, s)) for s in (1, -1)]
    top, bottom = given(np.full_like(x, HUGE)), given(np.full_like(x, -HUGE))
    above = equal(here, top) & equal(inside[0], top)
    if equal(top, bottom).all():
        zero = given(np.zeros_like(x))
        outside = given((x * (1 + _INSIDE)).astype(np.float32))
        below = (x != 0) & equal(here, zero) & equal(outside, zero)
    else:
        below = equal(here, bottom) & equal(inside[1], bottom)
    return float((below & ~above).mean()), float(above.mean())


def _equal(some: Floats, others: Floats, exact: Bools) -> Bools:
    """Whether whole rows are equal and finite, bit by bit where `exact` says so."""
    slack = np.where(exact, 0.0, _ROUNDING * np.maximum(1, np.abs(others)))
    near = np.abs(some - others) <= slack
    return np.asarray((near & np.isfinite(others)).all(axis=1))


def _inside(reference: Reference, column: int, end: int) -> Floats:
    """Values a little further from an end: 1 for the upper, -1 for the lower one."""
    x, scale = reference.sample[:, column], reference.scales[column]
    if scale == "whole":
        return x - end
    if scale == "logarithmic":
        # Towards zero, if the end is on this side of it.
        factor = np.where(np.sign(x) == -end, 1 + _INSIDE, 1 - _INSIDE)
        return np.asarray(x * factor, np.float32)
    step = _INSIDE * float(reference.widths[column])
    return np.asarray(x - end * step, np.float32)
