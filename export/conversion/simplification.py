"""All passes over a graph, in their order, and what they did."""

from __future__ import annotations

import dataclasses
from typing import Any

from export.conversion import passes
from export.conversion.affine import with_affines_folded
from export.conversion.graph import Graph, working_graph
from export.errors import ConversionError

_RANDOM = ("RandomUniform",)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Simplified:
    """A graph, and what was taken from it.

    Args:
        graph: What is left.
        plain: The same before anything was folded into matrices.
        before: Nodes of the original.
        dead: Nodes that its output does not need.
        passing: Nodes such as `Identity`.
        constant: Nodes less by folding of constants.
        folded: Times a batch normalisation, or the like, was folded into a matrix.
    """

    graph: Graph
    plain: Graph
    before: int
    dead: int
    passing: int
    constant: int
    folded: int

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        names = ("before", "dead", "passing", "constant", "folded")
        return {name: getattr(self, name) for name in names} | {
            "after": len(self.graph.nodes),
            "operations": self.graph.operations,
        }


def simplify(graph: Any, output: str, *, fold: bool = True) -> Simplified:
    """Take from a `GraphDef` what `output` does not need.

    Args:
        graph: The `GraphDef`, without functions.
        output: The tensor that is wanted.
        fold: Whether affine steps are folded into matrices as well.

    Raises:
        ConversionError: If it is damaged, runs in circles, or draws random numbers.
    """
    needed = passes.without_controls(working_graph(graph, output))
    _refuse_random(needed)
    lean = passes.without_pass_through(needed)
    plain = passes.with_constants_folded(lean)
    final, folded = with_affines_folded(plain) if fold else (plain, 0)
    return Simplified(
        graph=final,
        plain=plain,
        before=len(graph.node),
        dead=len(graph.node) - len(needed.nodes),
        passing=len(needed.nodes) - len(lean.nodes),
        constant=len(lean.nodes) - len(plain.nodes),
        folded=folded,
    )


def _refuse_random(graph: Graph) -> None:
    random = [node.name for node in graph.nodes.values() if node.op in _RANDOM]
    if random:
        raise ConversionError(
            "A graph must not draw random numbers for its score: freeze it for "
            f"inference. Received: {random[0]!r} ({len(random)} such nodes)"
        )
