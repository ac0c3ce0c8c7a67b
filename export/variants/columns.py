"""Many slices of one column each become one `Split`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from export.variants.graph import Graph

# A split copies every column, a slice only its own: fewer are left as they are.
_LEAST = 3
# No batch is as large; converters write it for "to the end".
_ALL_ROWS = (1 << 31) - 1


def split_columns(graph: Graph) -> None:
    """Cut each matrix of which single columns are taken into pieces, once."""
    for name in [name for node in graph.nodes for name in node.output]:
        width = (graph.shape(name) or (0,))[-1]
        if not graph.matrix(name) or width < 1:
            continue
        columns = {
            id(node): column
            for node in graph.takers(name)
            if (column := _column(graph, node, width)) is not None
            # A piece has one name, and may serve several.
            and node.output[0] not in graph.outputs
        }
        if len(columns) >= _LEAST:
            _split(graph, name, width, columns)


def _split(graph: Graph, name: str, width: int, columns: dict[int, int]) -> None:
    ends = sorted({e for c in columns.values() for e in (c, c + 1)} | {0, width})
    sizes = np.diff(ends).astype(np.int64)
    takers = [node for node in graph.takers(name) if id(node) in columns]
    pieces = graph.add_many("Split", (name, graph.constant(sizes)), len(sizes), axis=1)
    for node in takers:
        graph.replace(node.output[0], pieces[ends.index(columns[id(node)])])


def _column(graph: Graph, node: Any, width: int) -> int | None:
    """Which column a node slices out, `None` if it does anything else."""
    if node.op_type != "Slice" or len(node.input) < 4:
        return None
    given = [graph.constants.get(one) for one in node.input[1:]]
    if any(one is None for one in given):
        return None
    numbers = [np.ravel(one).tolist() for one in given if one is not None]
    steps = numbers[3] if len(numbers) > 3 else [1, 1]
    low, high = [0, 0], [_ALL_ROWS, width]
    for start, end, axis, step in zip(*numbers[:3], steps, strict=False):
        if step != 1 or start < 0 or end < 0 or axis not in (0, 1):
            return None
        low[axis], high[axis] = start, min(end, high[axis])
    whole = low[0] == 0 and high[0] == _ALL_ROWS
    return low[1] if whole and high[1] - low[1] == 1 else None
