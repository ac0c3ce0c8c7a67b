"""Observed true fraction against predicted probability."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackdnn.evaluation.plots import style
from trackdnn.evaluation.plots.fractions import paint_fractions

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from trackdnn.evaluation.calibration import Calibration

SIZE = (8.0, 8.5)


def paint_calibration(figure: Figure, curves: dict[str, Calibration]) -> None:
    """Reliability above, number of tracks per bin below.

    Args:
        figure: Empty figure.
        curves: Calibration of each classifier by its title.
    """
    upper, lower = figure.subplots(
        2, 1, sharex=True, gridspec_kw={"height_ratios": [3, 1]}
    )
    upper.plot([0, 1], [0, 1], color=style.NEUTRAL_COLOUR, linestyle="--")
    for number, (title, curve) in enumerate(curves.items()):
        colour = style.COLOURS[number % len(style.COLOURS)]
        label = f"{title} (error {curve.error:.4f})"
        paint_fractions(upper, curve.predicted, curve.observed, number, label)
        lower.stairs(curve.observed.total, curve.edges, color=colour, linewidth=2)
    upper.set_xlim(0.0, 1.0)
    upper.set_ylim(0.0, 1.05)
    upper.set_ylabel("True tracks / all tracks")
    upper.legend(loc="upper left", title="Expected calibration error", alignment="left")
    lower.set_yscale("log")
    lower.set_ylabel("Tracks")
    lower.set_xlabel("Predicted probability of a true track")
    figure.align_ylabels()
    style.put_label(upper)
