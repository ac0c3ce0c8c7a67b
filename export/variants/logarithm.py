"""log(1 + u) with few nodes, and all digits of a small u.

The exporter writes log(w) u / (w - 1) with w = 1 + u, and two choices for w = 1 and
for an infinite u: nine nodes. Where u is at least zero and finite,

    log(1 + u) = log(w) + (u - (w - 1)) / w

has the same digits in six: the second term is what rounding took from w. NaN stays NaN
in both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from export.variants.bounds import find_bounds
from export.variants.pattern import match

if TYPE_CHECKING:
    from export.variants.graph import Graph

_W = ("Add", "u", 1.0)
_LESS = ("Sub", _W, 1.0)
_RATIO = ("Where", ("Equal", _LESS, "u"), 1.0, ("Div", "u", _LESS))
_EXPORTED = ("Where", ("Equal", _W, 1.0), "u", ("Mul", ("Log", _W), _RATIO))


def shorten_logarithms(graph: Graph) -> None:
    """Rewrite each log(1 + u) whose u is known to be neither infinite nor negative."""
    bounds = find_bounds(graph)
    for node in list(graph.nodes):
        found = match(graph, node.output[0], _EXPORTED)
        if found is None:
            continue
        u, limits = found["u"], bounds.of(found["u"])
        if not 0 <= limits.low <= limits.high < np.inf:
            continue
        one = graph.constant(np.float32(1))
        w = graph.add("Add", u, one)
        lost = graph.add("Sub", u, graph.add("Sub", w, one))
        rest = graph.add("Div", lost, w)
        graph.replace(node.output[0], graph.add("Add", graph.add("Log", w), rest))
