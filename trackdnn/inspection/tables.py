"""What asking a graph shows, as tables for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trackdnn.inspection.explanation import Grid

if TYPE_CHECKING:
    from trackdnn.inspection.permutation import Permuted
    from trackdnn.inspection.preprocessing import Column, Preprocessing
    from trackdnn.inspection.responses import Responses


def sensitivity_table(
    responses: Responses, prepared: Preprocessing, permuted: Permuted | None
) -> Grid:
    """One row per input, the strongest first."""
    heads = ["input", "rank", "slope", "change", "typical", "from", "to"]
    heads += ["below", "above", *([] if permuted is None else permuted.heads)]
    rows = []
    for i in np.argsort(responses.ranks):
        name, values = responses.names[i], responses.reference.values[i]
        figures = (responses.slope[i], responses.change[i], responses.typical[i])
        row = [name, f"{responses.ranks[i]}"]
        row += [f"{figure:.2g}" for figure in figures]
        row += [f"{values[0]:.4g}", f"{values[-1]:.4g}"]
        row += _shares(prepared, name)
        row += [] if permuted is None else permuted.cells(name)
        rows.append(tuple(row))
    return Grid(
        title="Sensitivity. slope: mean |change of the score| for one standard width; "
        "change, typical: largest and mean over the range from-to; below, above: rows "
        "beyond the ends of the graph",
        heads=tuple(heads),
        rows=tuple(rows),
    )


def _shares(prepared: Preprocessing, name: str) -> list[str]:
    if name not in prepared.names:
        return ["", ""]
    place = prepared.names.index(name)
    return [f"{ends[place]:.1%}" for ends in (prepared.below, prepared.above)]


def column_table(prepared: Preprocessing) -> Grid:
    """One row per column of one input, in the order of the inputs."""
    rows = []
    for name, derived in zip(prepared.names, prepared.derived, strict=True):
        more = str(derived) if derived else ""
        own = [_cells(column) for column in prepared.of(name)] or [
            ("none",) + ("",) * 6
        ]
        rows += [(name, *cells, more) for cells in own]
    return Grid(
        title="Before the first matrix. column = scale * transform + offset between "
        "the ends; used: part of [-1, 1] over the plausible range; shared: columns "
        "made of this and other inputs",
        heads=(
            *("input", "transform", "lower end", "upper end", "scale", "offset"),
            *("NaN gives", "used", "shared"),
        ),
        rows=tuple(rows),
    )


def _cells(column: Column) -> tuple[str, ...]:
    shape = column.shape
    transform = shape.transform.replace("/s", f"/{shape.divisor:.4g}")
    figures = (shape.lower, shape.upper, shape.scale, shape.offset, shape.at_nan)
    cells = ["" if figure is None else f"{figure:.6g}" for figure in figures]
    cells[4] = cells[4] or "NaN"
    used = "" if column.used is None else f"{column.used:.2g}"
    return (transform, *cells, used)
