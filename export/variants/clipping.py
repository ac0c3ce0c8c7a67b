"""A minimum and a maximum with one number each become one `Clip`.

Runtimes do not agree on what `Clip` does to NaN, so nothing changes where NaN may be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from export.variants.bounds import find_bounds
from export.variants.pattern import match

if TYPE_CHECKING:
    from export.variants.graph import Graph

_CLIP = ("Max", ("Min", "x", "high"), "low")


def join_clips(graph: Graph) -> None:
    """Two nodes become one, wherever both limits are constants of one element."""
    bounds = find_bounds(graph)
    for node in list(graph.nodes):
        found = match(graph, node.output[0], _CLIP)
        if found is None or bounds.of(found["x"]).nan:
            continue
        low, high = (graph.constants.get(found[key]) for key in ("low", "high"))
        if low is None or high is None or low.size != 1 or high.size != 1:
            continue
        if low.ndim + high.ndim == 0 and low <= high:
            new = graph.add("Clip", found["x"], found["low"], found["high"])
            graph.replace(node.output[0], new)
