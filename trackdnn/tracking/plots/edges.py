"""Pictures of the edges of graphs, constructor by constructor."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal

import numpy as np

from trackdnn.evaluation.intervals import fractions
from trackdnn.evaluation.plots import style
from trackdnn.evaluation.plots.fractions import bin_centres, paint_fractions
from trackdnn.graphs.quality import ETA_EDGES, PT_EDGES, SCORE_BINS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from trackdnn.graphs.quality import EdgeQuality

Axis = Literal["pt", "eta"]
_ONE, _TWO = (8.0, 6.0), (8.0, 8.5)
_TITLES = {"pt": "$p_T$ [GeV]", "eta": r"$\eta$"}
# Where the open bins of pT are drawn to, GeV.
_LOWEST, _HIGHEST = 0.05, 20.0
_CUTS = np.linspace(0.0, 1.0, SCORE_BINS, endpoint=False)


def draw_edges(
    folder: Path,
    qualities: Mapping[str, EdgeQuality],
    title: str,
    confidence: float,
) -> list[Path]:
    """Writes `edge_efficiency_pt`, `edge_efficiency_eta` and `edge_cuts`.

    Args:
        folder: Where the files go, as PDF and PNG.
        qualities: Counts of each constructor by its name.
        title: Above the axes.
        confidence: Of the bars.

    Returns:
        The files written.
    """
    axes: tuple[Axis, ...] = ("pt", "eta")
    paths = []
    for axis in axes:
        paint = partial(
            paint_efficiency,
            axis=axis,
            qualities=qualities,
            title=title,
            confidence=confidence,
        )
        paths += style.draw(folder, f"edge_efficiency_{axis}", paint, _ONE)
    cuts = partial(paint_cuts, qualities=qualities, title=title)
    return paths + style.draw(folder, "edge_cuts", cuts, _TWO)


def paint_efficiency(
    figure: Figure,
    axis: Axis,
    qualities: Mapping[str, EdgeQuality],
    title: str,
    confidence: float,
) -> None:
    """True edges in the graph of all true edges, in each bin.

    Args:
        figure: Empty figure.
        axis: What is at the bottom.
        qualities: Counts of each constructor by its name.
        title: Above the axes.
        confidence: Of the bars.
    """
    axes, edges = figure.subplots(), _edges(axis)
    for number, (name, quality) in enumerate(qualities.items()):
        shown = fractions(
            getattr(quality, f"{axis}_found"),
            getattr(quality, f"{axis}_total"),
            confidence,
        )
        middle = bin_centres(edges, logarithmic=axis == "pt")
        paint_fractions(axes, middle, shown, number, name, edges=edges)
    if axis == "pt":
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:g}")
    axes.set_xlim(edges[0], edges[-1])
    axes.set_xlabel(_TITLES[axis])
    axes.set_ylabel("Edge efficiency")
    axes.set_ylim(min(axes.get_ylim()[0], 0.9), 1.02)
    axes.legend()
    style.put_label(axes, title)


def paint_cuts(
    figure: Figure, qualities: Mapping[str, EdgeQuality], title: str
) -> None:
    """Purity and efficiency of the edges whose score is at least a cut."""
    panels = figure.subplots(2, 1, sharex=True)
    for number, (name, quality) in enumerate(qualities.items()):
        colour = style.COLOURS[number % len(style.COLOURS)]
        purity, efficiency = against_cut(quality)
        panels[0].plot(_CUTS, purity, color=colour, label=name)
        panels[1].plot(_CUTS, efficiency, color=colour)
    panels[0].set_ylabel("Purity")
    panels[1].set_ylabel("Edge efficiency")
    panels[1].set_xlabel("Cut on the score")
    for axes in panels:
        axes.set_ylim(0.0, 1.05)
        axes.set_xlim(0.0, 1.0)
    panels[0].legend()
    style.put_label(panels[0], title)
    figure.align_ylabels()


def against_cut(
    quality: EdgeQuality,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Purity and edge efficiency against the lowest score, in steps of `SCORE_BINS`.

    NaN where there are no edges, or none to find.
    """
    edges, right, found = (
        np.cumsum(counts[::-1])[::-1].astype(np.float64)
        for counts in (quality.score_edges, quality.score_right, quality.score_found)
    )
    total = np.full(len(edges), float(quality.wanted))
    return _shares(right, edges), _shares(found, total)


def _shares(
    part: NDArray[np.float64], whole: NDArray[np.float64]
) -> NDArray[np.float64]:
    return np.where(whole > 0, part / np.maximum(whole, 1.0), np.nan)


def _edges(axis: Axis) -> NDArray[np.float64]:
    if axis == "eta":
        return np.array(ETA_EDGES)
    return np.array([_LOWEST, *PT_EDGES[1:-1], _HIGHEST])
