"""Efficiency and fakes against one variable, with Clopper-Pearson bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trackdnn.evaluation.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from trackdnn.evaluation.intervals import Fractions
    from trackdnn.evaluation.profiles import Profile, Variable

SIZE = (8.0, 10.5)
_PANELS = (
    ("efficiency", "Efficiency"),
    ("fake_acceptance", "Fake acceptance"),
    ("fake_rate", "Fake rate"),
)


def paint_profile(
    figure: Figure, variable: Variable, profiles: dict[str, Profile], right: str
) -> None:
    """Three panels over one axis: efficiency, fake acceptance, fake rate.

    Args:
        figure: Empty figure.
        variable: What the axis is.
        profiles: Profile of each classifier by its title.
        right: Text above the axes: the cut that was applied.
    """
    panels = figure.subplots(len(_PANELS), 1, sharex=True)
    for axes, (field, title) in zip(panels, _PANELS, strict=True):
        for number, (name, one) in enumerate(profiles.items()):
            shift = _shift(number, len(profiles))
            _bars(axes, variable, getattr(one, field), number, name, shift)
        axes.set_ylabel(title)
    any_profile = next(iter(profiles.values()))
    _before(panels[2], variable, any_profile.fake_rate_before)
    _limits(panels, variable)
    panels[0].legend(loc="lower left", ncols=3)
    panels[2].legend(panels[2].get_lines()[-1:], ["Before selection"], loc="upper left")
    panels[2].set_xlabel(variable.title)
    figure.align_ylabels()
    style.put_label(panels[0], right)


def bin_centres(variable: Variable, shift: float = 0.0) -> NDArray[np.float64]:
    """Middle of each bin on its axis, shifted by a fraction of the bin's width."""
    edges = np.log(variable.edges) if variable.logarithmic else variable.edges
    centres = edges[:-1] + (0.5 + shift) * np.diff(edges)
    return np.asarray(np.exp(centres) if variable.logarithmic else centres)


def _shift(number: int, count: int) -> float:
    """Classifiers side by side within the middle of a bin, so that no bar hides."""
    return 0.0 if count == 1 else 0.3 * (number / (count - 1) - 0.5)


def _bars(
    axes: Axes,
    variable: Variable,
    shown: Fractions,
    number: int,
    label: str,
    shift: float,
) -> None:
    centres = bin_centres(variable, shift)
    # Rounding may put a value of 0 or 1 a hair outside its own interval.
    down = np.maximum(shown.value - shown.lower, 0.0)
    up = np.maximum(shown.upper - shown.value, 0.0)
    axes.errorbar(
        centres,
        shown.value,
        yerr=np.array([down, up]),
        linestyle="none",
        marker=style.MARKERS[number % len(style.MARKERS)],
        markersize=5,
        elinewidth=1.3,
        color=style.COLOURS[number % len(style.COLOURS)],
        label=label,
    )


def _before(axes: Axes, variable: Variable, shown: Fractions) -> None:
    height = np.append(shown.value, shown.value[-1])
    axes.step(
        variable.edges,
        height,
        where="post",
        color=style.NEUTRAL_COLOUR,
        linestyle="--",
    )


def _limits(panels: NDArray[np.object_], variable: Variable) -> None:
    if variable.logarithmic:
        panels[0].set_xscale("log")
        panels[-1].xaxis.set_major_formatter("{x:g}")
    panels[0].set_xlim(variable.edges[0], variable.edges[-1])
    low = panels[0].get_ylim()[0]
    # Room for the legend below the points, and for the points at 1.
    span = 1.0 - low
    panels[0].set_ylim(low - 0.35 * span, 1.0 + 0.08 * span)
    for axes in panels[1:]:
        axes.set_ylim(0.0, 1.3 * axes.get_ylim()[1])
