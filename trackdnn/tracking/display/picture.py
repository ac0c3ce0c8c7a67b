"""An event as a static picture: across the beam, and along it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D

from trackdnn.evaluation.plots import style
from trackdnn.tracking.display.legend import legend, lines_of, passing
from trackdnn.tracking.display.outline import outline

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from trackdnn.tracking.display.legend import Entry
    from trackdnn.tracking.display.outline import Layer
    from trackdnn.tracking.display.scene import Scene

    Float = NDArray[np.float32]

_SIZE = (16.0, 8.2)
_OUTLINE_COLOUR = "#d5d7dc"
# With more of them than this a picture gets thinner lines, and smaller points.
_MANY_LINES = 500
_MANY_HITS = 20_000


def draw_scene(scene: Scene, path: Path, min_pt: float = 0.0) -> Path:
    """Draws x-y and r-z side by side.

    Args:
        scene: What is shown; the layers of the legend that are on at first.
        path: A PNG or a PDF.
        min_pt: Particles and tracks below are left out, GeV.

    Returns:
        The file.
    """
    (written,) = style.draw(
        path.parent,
        path.stem,
        lambda figure: paint_scene(figure, scene, min_pt),
        _SIZE,
        (path.suffix[1:].lower(),),
    )
    return written


def paint_scene(figure: Figure, scene: Scene, min_pt: float = 0.0) -> None:
    """Adds both views and the legend to an empty figure."""
    across, along = figure.subplots(1, 2, width_ratios=(1.0, 1.15))
    hits = scene.hits
    cross = np.stack([hits.x, hits.y], axis=1)
    length = np.stack([hits.z, hits.r], axis=1)
    for layer in outline(hits):
        _paint_layer(across, along, layer)
    handles = []
    for entry in legend(scene):
        if entry.shown:
            rows = _rows(scene, entry, min_pt)
            _paint(across, scene, entry, rows, cross)
            _paint(along, scene, entry, rows, length)
            handles.append(_handle(entry, len(rows)))
    _finish(across, "x (mm)", "y (mm)", cross)
    _finish(along, "z (mm)", "r (mm)", length)
    across.set_aspect("equal", adjustable="box")
    # Names of files are no formulas.
    title = scene.name + (f", pT of at least {min_pt:g} GeV" if min_pt > 0 else "")
    figure.suptitle(title, fontsize=17, parse_math=False)
    figure.legend(
        handles=handles[::-1], loc="outside lower center", ncols=4, fontsize=14
    )


def _rows(scene: Scene, entry: Entry, min_pt: float) -> NDArray[np.int64]:
    if entry.source == "hits":
        return entry.rows
    _, pt = lines_of(scene, entry.source)
    return entry.rows[passing(pt[entry.rows], min_pt)]


def _paint(
    axes: Axes, scene: Scene, entry: Entry, rows: NDArray[np.int64], places: Float
) -> None:
    """Points or lines; as pixels in a PDF, which would be slow to show otherwise."""
    if entry.source == "hits":
        x, y = places[rows].T
        size = 1.2 if len(places) > _MANY_HITS else 2.8
        axes.plot(x, y, ".", color=entry.colour, ms=size, mew=0, rasterized=True)
        return
    lines, _ = lines_of(scene, entry.source)
    collection = LineCollection(
        [places[lines[row]] for row in rows],
        colors=entry.colour,
        linewidths=0.6 if len(rows) > _MANY_LINES else 1.1,
        alpha=0.9,
        rasterized=True,
    )
    axes.add_collection(collection, autolim=False)


def _paint_layer(across: Axes, along: Axes, layer: Layer) -> None:
    along.plot(
        [layer.z_low, layer.z_high],
        [layer.r_low, layer.r_high],
        color=_OUTLINE_COLOUR,
        linewidth=1.0,
        zorder=0,
    )
    if layer.barrel:
        phi = np.linspace(0.0, 2 * np.pi, 181)
        x, y = layer.r_low * np.cos(phi), layer.r_low * np.sin(phi)
        across.plot(x, y, color=_OUTLINE_COLOUR, linewidth=1.0, zorder=0)


def _handle(entry: Entry, count: int) -> Line2D:
    dots = entry.source == "hits"
    return Line2D(
        [],
        [],
        color=entry.colour,
        linestyle="none" if dots else "-",
        marker="o" if dots else "none",
        markersize=6,
        linewidth=2.5,
        label=f"{entry.title}: {count:,}",
    )


def _finish(axes: Axes, across: str, upwards: str, places: Float) -> None:
    axes.set_xlabel(across)
    axes.set_ylabel(upwards)
    if not len(places):
        axes.set_xlim(-1.0, 1.0)
        axes.set_ylim(-1.0, 1.0)
