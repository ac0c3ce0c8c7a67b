"""`inspect`: what a path holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from trackdnn.commands import console
from trackdnn.commands.quiet import start_tensorflow
from trackdnn.errors import BadFileError, OutputError

if TYPE_CHECKING:
    from trackdnn.inspection.explanation import Explanation, Grid

_TABLE_WIDTH = 120


def run(path: Path, data: list[str], plot: Path | None, *, as_json: bool) -> None:
    """Explain a run, a bundle, a ROOT file or a graph on stdout.

    Args:
        path: What to look at.
        data: ROOT files whose tracks a graph is asked about.
        plot: Picture of the responses of a graph, `.png` or `.pdf`.
        as_json: Print one JSON object instead of lines and tables.

    Raises:
        BadFileError: If the path cannot be explained, or there is nothing to draw.
        OutputError: If the picture cannot be written.
    """
    from trackdnn.inspection.explain import explain, needs_tensorflow

    if plot is not None and plot.suffix not in (".png", ".pdf"):
        raise OutputError(f"`--plot` must end in .png or .pdf. Received: {plot}")
    if needs_tensorflow(path):
        start_tensorflow()
    with console.messages().status("looking"):
        found = explain(path, data)
    if plot is not None:
        _draw(found, plot)
    if as_json:
        console.out().print(json.dumps(found.to_dict(), indent=2), soft_wrap=True)
        return
    out = console.out()
    # A narrow terminal breaks the rows; cut off they would be of no use.
    out.width = max(out.width, _TABLE_WIDTH)
    for line in found.lines:
        out.print(line, soft_wrap=True)
    for grid in found.grids:
        out.print()
        out.print(grid.title, soft_wrap=True)
        out.print(_table(grid))


def _draw(found: Explanation, plot: Path) -> None:
    if found.responses is None:
        raise BadFileError(
            "`--plot` must come with a graph that can be asked. Received: "
            f"{found.path}, a {found.kind}"
        )
    from trackdnn.inspection.picture import draw_responses

    try:
        draw_responses(found.responses, plot, Path(found.path).name)
    except OSError as error:
        reason = f"Received: {error.strerror or error}"
        raise OutputError(
            f"{plot} must be a file that can be written. {reason}"
        ) from error
    console.say([f"picture: {plot}"])


def _table(grid: Grid) -> Table:
    table = Table(box=None, pad_edge=False)
    for place, head in enumerate(grid.heads):
        table.add_column(head, justify="right" if place else "left", no_wrap=True)
    for row in grid.rows:
        table.add_row(*row)
    return table
