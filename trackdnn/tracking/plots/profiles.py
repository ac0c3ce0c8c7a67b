"""Efficiency, fake rate and duplicate rate against one quantity, finder by finder."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from trackdnn.evaluation.plots import style
from trackdnn.evaluation.plots.fractions import (
    bin_centres,
    paint_fractions,
    side_by_side,
)
from trackdnn.tracking.profiles import PARTICLE_AXES, TRACK_AXES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from trackdnn.tracking.profiles import Axis, Profile, Profiles

_ONE, _TWO = (8.0, 6.0), (8.0, 8.5)


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


def _paint(
    axes: Axes,
    axis: Axis,
    profiles: Mapping[str, Profile],
    row: int,
    confidence: float,
) -> None:
    for number, (name, profile) in enumerate(profiles.items()):
        places = bin_centres(
            axis.edges,
            logarithmic=axis.logarithmic,
            shift=side_by_side(number, len(profiles)),
        )
        paint_fractions(axes, places, profile.share(row, confidence), number, name)


def _finish(panels: list[Axes], axis: Axis, title: str) -> None:
    if axis.logarithmic:
        panels[-1].set_xscale("log")
        panels[-1].xaxis.set_major_formatter("{x:g}")
    panels[-1].set_xlim(axis.edges[0], axis.edges[-1])
    panels[-1].set_xlabel(axis.title)
    panels[0].legend()
    style.put_label(panels[0], title)
