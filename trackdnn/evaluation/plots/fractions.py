"""Fractions in bins as points with bars, one colour and marker for each of a set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trackdnn.evaluation.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

    from trackdnn.evaluation.intervals import Fractions

# The middle part of a bin, in which the points of a set stand side by side.
_SPREAD = 0.3


def bin_centres(
    edges: ArrayLike, *, logarithmic: bool, shift: float = 0.0
) -> NDArray[np.float64]:
    """Middle of each bin as it looks on its axis.

    Args:
        edges: Edges of the bins, of shape `(bins + 1,)`.
        logarithmic: Whether the axis is.
        shift: Part of the width to go to the right.

    Returns:
        Shape `(bins,)`.
    """
    edges = np.asarray(edges, dtype=np.float64)
    edges = np.log(edges) if logarithmic else edges
    middle = edges[:-1] + (0.5 + shift) * np.diff(edges)
    return np.asarray(np.exp(middle) if logarithmic else middle)


def side_by_side(number: int, count: int) -> float:
    """Shift of one of several in the middle of a bin, so that no bar hides another."""
    return 0.0 if count == 1 else _SPREAD * (number / (count - 1) - 0.5)


def paint_fractions(
    axes: Axes,
    places: NDArray[np.float64],
    shown: Fractions,
    number: int,
    label: str,
    *,
    edges: NDArray[np.float64] | None = None,
) -> None:
    """Points with bars from the lower to the upper end of their intervals.

    Args:
        axes: Where they go.
        places: Along the axis, of shape `(bins,)`.
        shown: The fractions, of the same shape.
        number: Of its set, from 0: chooses colour and marker.
        label: In the legend.
        edges: Edges of the bins, to be shown as bars along the axis.
    """
    # Rounding may put a value of 0 or 1 a hair outside its own interval.
    down = np.maximum(shown.value - shown.lower, 0.0)
    up = np.maximum(shown.upper - shown.value, 0.0)
    width = (
        None if edges is None else np.array([places - edges[:-1], edges[1:] - places])
    )
    axes.errorbar(
        places,
        shown.value,
        xerr=width,
        yerr=np.array([down, up]),
        linestyle="none",
        marker=style.MARKERS[number % len(style.MARKERS)],
        markersize=5,
        elinewidth=1.3,
        color=style.COLOURS[number % len(style.COLOURS)],
        label=label,
    )
