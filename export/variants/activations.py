"""1 / (1 + exp(-x)), as converters write it, becomes one `Sigmoid`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from export.variants.pattern import match

if TYPE_CHECKING:
    from export.variants.graph import Graph

_SIGMOID = ("Div", 1.0, ("Add", ("Exp", ("Neg", "x")), 1.0))


def join_sigmoids(graph: Graph) -> None:
    """Four nodes become one; runtimes then see x * sigmoid(x) as one activation too."""
    for node in list(graph.nodes):
        found = match(graph, node.output[0], _SIGMOID)
        if found is not None:
            graph.replace(node.output[0], graph.add("Sigmoid", found["x"]))
