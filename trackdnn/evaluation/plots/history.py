"""Loss and AUC of every epoch."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from trackdnn.errors import BadFileError
from trackdnn.evaluation.plots import style

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure

_PANELS = (("loss", "Loss"), ("auc", "AUC"))

History = dict[str, list[float]]


def read_history(path: Path) -> History:
    """Columns of a run's `history.csv` that hold numbers in every row.

    Raises:
        BadFileError: If the file cannot be read or has no rows.
    """
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            rows = list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadFileError(
            f"The history of a run must be a readable CSV file. Received: {path} "
            f"({error})"
        ) from error
    if not rows:
        raise BadFileError(
            f"The history of a run must have at least one epoch. Received: {path}"
        )
    columns = {name: _numbers([row[name] for row in rows]) for name in rows[0] if name}
    return {name: values for name, values in columns.items() if values is not None}


def paint_history(figure: Figure, history: History) -> None:
    """One panel per figure that was followed; training and validation together."""
    panels = [panel for panel in _PANELS if {panel[0], f"val_{panel[0]}"} & {*history}]
    grid = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    count = max(len(values) for values in history.values())
    epochs = [float(number) for number in range(1, count + 1)]
    for axes, (name, title) in zip(grid, panels, strict=True):
        for column, label, colour, marker in (
            (name, "Training", style.COLOURS[0], "o"),
            (f"val_{name}", "Validation", style.COLOURS[1], "s"),
        ):
            if column in history:
                axes.plot(
                    epochs,
                    history[column],
                    color=colour,
                    marker=marker,
                    markersize=5,
                    label=label,
                )
        axes.set_ylabel(title)
        axes.legend()
    grid[-1].set_xlabel("Epoch")
    grid[-1].xaxis.get_major_locator().set_params(integer=True)
    grid[-1].tick_params(axis="x", which="minor", bottom=False, top=False)
    figure.align_ylabels()
    style.put_label(grid[0])


def has_panels(history: History) -> bool:
    """Whether there is anything to draw."""
    return any(name in history or f"val_{name}" in history for name, _ in _PANELS)


def _numbers(texts: list[str | None]) -> list[float] | None:
    try:
        return [float(text or "") for text in texts]
    except ValueError:
        return None
