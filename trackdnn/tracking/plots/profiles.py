"""Efficiency, fake rate and duplicate rate against one quantity, finder by finder."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from trackdnn.evaluation.plots import style
from trackdnn.tracking.profiles import PARTICLE_AXES, TRACK_AXES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from trackdnn.evaluation.intervals import Fractions
    from trackdnn.tracking.profiles import Axis, Profile, Profiles

_ONE, _TWO = (8.0, 6.0), (8.0, 8.5)
# Finders side by side in the middle part of a bin, so that no bar hides another.
_SPREAD = 0.3


def draw_profiles(
    folder: Path, profiles: Mapping[str, Profiles], title: str, confidence: float
) -> list[Path]:
    """Writes `efficiency_<axis>` and `tracks_<axis>` as PDF and PNG.

    Args:
        folder: Where the files go.
        profiles: Profiles of each finder by its name.
        title: Above the axes: the definition.
        confidence: Of the bars.

    Returns:
        The files written.
    """
    paths = []
    for axis in PARTICLE_AXES:
        efficiency = partial(
            paint_efficiency,
            axis=axis,
            profiles={name: one.particles[axis.name] for name, one in profiles.items()},
            title=title,
            confidence=confidence,
        )
        paths += style.draw(folder, f"efficiency_{axis.name}", efficiency, _ONE)
    for axis in TRACK_AXES:
        rates = partial(
            paint_tracks,
            axis=axis,
            profiles={name: one.tracks[axis.name] for name, one in profiles.items()},
            title=title,
            confidence=confidence,
        )
        paths += style.draw(folder, f"tracks_{axis.name}", rates, _TWO)
    return paths


def paint_efficiency(
    figure: Figure,
    axis: Axis,
    profiles: Mapping[str, Profile],
    title: str,
    confidence: float,
) -> None:
    """Found particles of those asked for, in each bin.

    Args:
        figure: Empty figure.
        axis: What is at the bottom.
        profiles: Profile of each finder by its name.
        title: Above the axes.
        confidence: Of the bars.
    """
    axes = figure.subplots()
    _paint(axes, axis, profiles, 1, confidence)
    axes.set_ylabel("Efficiency")
    low = min(axes.get_ylim()[0], 0.9)
    # Room for the legend below the points, and for the points at 1.
    axes.set_ylim(max(low - 0.3 * (1.0 - low), -0.05), 1.0 + 0.08 * (1.0 - low))
    _finish([axes], axis, title)


def paint_tracks(
    figure: Figure,
    axis: Axis,
    profiles: Mapping[str, Profile],
    title: str,
    confidence: float,
) -> None:
    """Fakes and duplicates of all tracks, in each bin; see `paint_efficiency`."""
    panels = figure.subplots(2, 1, sharex=True)
    for row, label in ((1, "Fake rate"), (2, "Duplicate rate")):
        axes = panels[row - 1]
        _paint(axes, axis, profiles, row, confidence)
        axes.set_ylabel(label)
        axes.set_ylim(0.0, max(1.3 * axes.get_ylim()[1], 0.01))
    _finish(list(panels), axis, title)
    figure.align_ylabels()


def centres(axis: Axis, shift: float = 0.0) -> NDArray[np.float64]:
    """Middle of each bin as it looks, shifted by a part of its width."""
    edges = np.log(axis.edges) if axis.logarithmic else np.asarray(axis.edges)
    middle = edges[:-1] + (0.5 + shift) * np.diff(edges)
    return np.asarray(np.exp(middle) if axis.logarithmic else middle)


def _paint(
    axes: Axes,
    axis: Axis,
    profiles: Mapping[str, Profile],
    row: int,
    confidence: float,
) -> None:
    for number, (name, profile) in enumerate(profiles.items()):
        place = number / max(len(profiles) - 1, 1) - 0.5
        shift = _SPREAD * place if len(profiles) > 1 else 0.0
        shown = profile.share(row, confidence)
        _bars(axes, centres(axis, shift), shown, number, name)


def _bars(
    axes: Axes,
    places: NDArray[np.float64],
    shown: Fractions,
    number: int,
    label: str,
) -> None:
    # Rounding may put a value of 0 or 1 a hair outside its own interval.
    down = np.maximum(shown.value - shown.lower, 0.0)
    up = np.maximum(shown.upper - shown.value, 0.0)
    axes.errorbar(
        places,
        shown.value,
        yerr=np.array([down, up]),
        linestyle="none",
        marker=style.MARKERS[number % len(style.MARKERS)],
        markersize=5,
        elinewidth=1.3,
        color=style.COLOURS[number % len(style.COLOURS)],
        label=label,
    )


def _finish(panels: list[Axes], axis: Axis, title: str) -> None:
    if axis.logarithmic:
        panels[-1].set_xscale("log")
        panels[-1].xaxis.set_major_formatter("{x:g}")
    panels[-1].set_xlim(axis.edges[0], axis.edges[-1])
    panels[-1].set_xlabel(axis.title)
    panels[0].legend()
    style.put_label(panels[0], title)
