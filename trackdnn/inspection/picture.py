"""The score against each input, as one picture of many panels."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import NullFormatter

from trackdnn.evaluation.plots import style

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from trackdnn.inspection.responses import Responses

_COLUMNS = 5
_PANEL = (3.6, 2.7)
# More panels than this nobody looks at; the strongest inputs are shown.
MOST_PANELS = 40


def draw_responses(responses: Responses, path: Path, title: str) -> Path:
    """Draw the score against each input over its range.

    Args:
        responses: What was found.
        path: The picture, `.png` or `.pdf`.
        title: What was asked, for the head of the picture.

    Returns:
        The picture.

    Raises:
        OSError: If it cannot be written.
    """
    shown = min(len(responses.names), MOST_PANELS)
    across = min(_COLUMNS, shown)
    size = (_PANEL[0] * across, _PANEL[1] * math.ceil(shown / across) + 0.6)
    paint = functools.partial(paint_responses, responses=responses, title=title)
    ending = path.suffix.removeprefix(".")
    return style.draw(path.parent, path.stem, paint, size, (ending,))[0]


def paint_responses(figure: Figure, responses: Responses, title: str) -> None:
    """One panel per input, the strongest first.

    Args:
        figure: Empty figure.
        responses: What was found.
        title: What was asked.
    """
    order = np.argsort(responses.ranks)[:MOST_PANELS]
    across = min(_COLUMNS, len(order))
    down = math.ceil(len(order) / across)
    panels = figure.subplots(down, across, sharey=True, squeeze=False)
    for axes, column in zip(panels.flat, order, strict=False):
        _panel(axes, responses, int(column))
    for axes in panels.flat[len(order) :]:
        axes.set_visible(False)
    for axes in panels[:, 0]:
        axes.set_ylabel("Score")
    origin = responses.reference.origin
    figure.suptitle(
        f"{title}: mean and central 68 % of {len(responses.reference.rows)} rows "
        f"({origin})",
        fontsize=14,
    )


def _panel(axes: Axes, responses: Responses, column: int) -> None:
    name, values = responses.names[column], responses.reference.values[column]
    low, mean, high = responses.bands[column]
    scale = responses.reference.scales[column]
    colour = style.NEUTRAL_COLOUR if name in responses.dead else style.COLOURS[0]
    steps: dict[str, Any] = {"step": "mid"} if scale == "code" else {}
    axes.fill_between(values, low, high, color=colour, alpha=0.3, linewidth=0, **steps)
    form = "steps-mid" if scale == "code" else "default"
    axes.plot(values, mean, color=colour, linewidth=1.8, drawstyle=form)
    if scale == "logarithmic" and values[0] > 0:
        axes.set_xscale("log")
        axes.xaxis.set_minor_formatter(NullFormatter())
    word = ", dead" if name in responses.dead else ""
    axes.set_title(f"{responses.ranks[column]}: {name}{word}", fontsize=12, loc="left")
    axes.tick_params(labelsize=10)
