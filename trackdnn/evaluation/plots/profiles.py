"""Efficiency and fakes against one variable, with Clopper-Pearson bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trackdnn.evaluation.plots import style
from trackdnn.evaluation.plots.fractions import (
    bin_centres,
    paint_fractions,
    side_by_side,
)

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
            places = bin_centres(
                variable.edges,
                logarithmic=variable.logarithmic,
                shift=side_by_side(number, len(profiles)),
            )
            paint_fractions(axes, places, getattr(one, field), number, name)
        axes.set_ylabel(title)
    any_profile = next(iter(profiles.values()))
    _before(panels[2], variable, any_profile.fake_rate_before)
    _limits(panels, variable)
    panels[0].legend(loc="lower left", ncols=3)
    panels[2].legend(panels[2].get_lines()[-1:], ["Before selection"], loc="upper left")
    panels[2].set_xlabel(variable.title)
    figure.align_ylabels()
    style.put_label(panels[0], right)


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
