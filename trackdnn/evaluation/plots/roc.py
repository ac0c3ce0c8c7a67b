"""Fakes against true-track efficiency, over all cuts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trackdnn.evaluation.metrics import RocCurve
from trackdnn.evaluation.plots import style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

LOWEST_EFFICIENCY = 0.6
_POINTS = 1500

Curves = dict[str, RocCurve]


def paint_roc(figure: Figure, curves: Curves, efficiencies: Sequence[float]) -> None:
    """Fake acceptance against efficiency, one curve per classifier.

    Args:
        figure: Empty figure.
        curves: Curve of each classifier by its title.
        efficiencies: Where the first curve gets markers.
    """
    axes = figure.subplots()
    for number, (title, curve) in enumerate(curves.items()):
        label = f"{title} (AUC {curve.auc:.4f})"
        _line(axes, curve, curve.fake_acceptance, number, label)
    first = next(iter(curves.values()))
    at = [first.at_efficiency(value) for value in efficiencies]
    axes.plot(
        first.efficiency[at],
        first.fake_acceptance[at],
        linestyle="none",
        marker="o",
        color=style.COLOURS[0],
    )
    _finish(axes, [curve.fake_acceptance for curve in curves.values()], curves)
    axes.set_ylabel("Fake acceptance")
    axes.set_xlabel("True-track efficiency")
    axes.legend(loc="upper left")
    style.put_label(axes, _counts(first))


def paint_fake_rate(figure: Figure, curves: Curves) -> None:
    """Fakes among the passing tracks against efficiency."""
    axes = figure.subplots()
    for number, (title, curve) in enumerate(curves.items()):
        _line(axes, curve, curve.fake_rate, number, title)
    first = next(iter(curves.values()))
    axes.axhline(
        first.fake_rate[-1],
        color=style.NEUTRAL_COLOUR,
        linestyle="--",
        label="Before selection",
    )
    _finish(axes, [curve.fake_rate for curve in curves.values()], curves)
    axes.set_ylabel("Fake rate (fakes among passing tracks)")
    axes.set_xlabel("True-track efficiency")
    axes.legend(loc="upper left")
    style.put_label(axes, _counts(first))


def paint_iterations(figure: Figure, panels: dict[str, Curves]) -> None:
    """Fake acceptance against efficiency, one panel per iteration.

    Args:
        figure: Empty figure.
        panels: Curves by title of the classifier, for each name of an iteration.
    """
    columns = iteration_columns(len(panels))
    rows = -(-len(panels) // columns)
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes in grid.flat[len(panels) :]:
        axes.set_axis_off()
    for axes, (name, curves) in zip(grid.flat, panels.items(), strict=False):
        for number, (title, curve) in enumerate(curves.items()):
            _line(axes, curve, curve.fake_acceptance, number, title)
        _finish(axes, [curve.fake_acceptance for curve in curves.values()], curves)
        aucs = [f"{curve.auc:.4f}" for curve in curves.values()]
        axes.legend(
            axes.get_lines(),
            aucs,
            title=f"{name}\n{_counts(next(iter(curves.values())))}\nAUC",
            loc="upper left",
            title_fontsize=12,
            fontsize=12,
            alignment="left",
        )
    style.put_label(grid[0, 0])
    handles = grid[0, 0].get_lines()
    titles = list(next(iter(panels.values())))
    figure.legend(
        handles, titles, loc="outside upper right", ncols=len(titles), fontsize=14
    )
    figure.supxlabel("True-track efficiency", fontsize=17)
    figure.supylabel("Fake acceptance", fontsize=17)


def iteration_columns(panels: int) -> int:
    """Columns of the grid of iterations."""
    return 1 if panels == 1 else 2 if panels <= 4 else 3


def thin(curve: RocCurve, height: NDArray[np.float64]) -> NDArray[np.int64]:
    """Indices of few points that look like the whole curve on a logarithmic axis.

    Args:
        curve: The curve.
        height: What is drawn, float64 of shape `(points,)`, not negative.
    """
    steps = np.linspace(0.0, 1.0, _POINTS)
    along = np.searchsorted(curve.efficiency, steps)
    seen = np.maximum.accumulate(height)
    floor = seen[seen > 0].min(initial=1.0)
    up = np.searchsorted(seen, np.geomspace(floor, 1.0, _POINTS))
    indices = np.unique(np.concatenate([along, up]))
    return indices[indices < len(height)]


def _line(
    axes: Axes,
    curve: RocCurve,
    height: NDArray[np.float64],
    number: int,
    label: str,
) -> None:
    at = thin(curve, height)
    shown = height[at]
    axes.plot(
        curve.efficiency[at],
        np.where(shown > 0, shown, np.nan),
        color=style.COLOURS[number % len(style.COLOURS)],
        linestyle=("-", "--", "-.", ":")[number % 4],
        linewidth=2,
        label=label,
    )


def _finish(axes: Axes, heights: list[NDArray[np.float64]], curves: Curves) -> None:
    """Logarithmic axis from the lowest value shown, with room for a legend."""
    lowest, highest = 1.0, 0.0
    for height, curve in zip(heights, curves.values(), strict=True):
        shown = height[(curve.efficiency >= LOWEST_EFFICIENCY) & (height > 0)]
        lowest = min(lowest, float(shown.min(initial=1.0)))
        highest = max(highest, float(shown.max(initial=0.0)))
    lowest = max(lowest, 1e-6)
    decades = np.log10(max(highest, 2 * lowest) / lowest)
    axes.set_yscale("log")
    axes.set_ylim(lowest / 1.5, max(highest, 2 * lowest) * 10 ** (0.35 * decades))
    axes.set_xlim(LOWEST_EFFICIENCY, 1.0)


def _counts(curve: RocCurve) -> str:
    true, fake = int(curve.true_passing[-1]), int(curve.fake_passing[-1])
    return f"{true:,} true, {fake:,} fake"
