"""What can be taken from a graph without changing a bit of what it computes.

Each pass is a function from a graph to a smaller one. Nodes that the output does not
need are gone as soon as a graph is rebuilt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from export.conversion.graph import Graph, constant_node, origin, tensor
from export.errors import ConversionError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# What gives its inputs on as they are. CheckNumerics raises on a NaN, and else passes
# it on; a placeholder with a default that nobody feeds gives the default.
CHECKS = ("CheckNumerics",)
PASSES_ON = (
    *("Identity", "IdentityN", "StopGradient", "PreventGradient", "Snapshot"),
    *("PlaceholderWithDefault", "EnsureShape", *CHECKS),
)
# Their value is not that of their inputs alone, or belongs to who feeds the graph.
_NOT_CONSTANT = ("Placeholder", "RandomUniform", "NoOp")
# A constant may grow by folding to this many numbers, no more.
_MAX_GROWN = 1 << 20


def without_controls(graph: Graph) -> Graph:
    """Control inputs say in which order nodes run; of pure ones it does not matter."""
    nodes = []
    for node in graph.nodes.values():
        kept = [name for name in node.input if not name.startswith("^")]
        copy = type(node)()
        copy.CopyFrom(node)
        del copy.input[:]
        copy.input.extend(kept)
        nodes.append(copy)
    return graph.with_nodes(nodes)


def without_pass_through(graph: Graph) -> Graph:
    """Users of `Identity` and the like take what that takes.

    Args:
        graph: A graph without control inputs.
    """
    sources: dict[str, str] = {}
    for node in graph.nodes.values():
        # Inputs come first, so chains are already resolved.
        if node.op in PASSES_ON:
            for place, name in enumerate(node.input):
                given = sources.get(tensor(name), tensor(name))
                sources[f"{node.name}:{place}"] = given
    return graph.rewired(lambda name: sources.get(tensor(name), tensor(name)))


def with_constants_folded(graph: Graph) -> Graph:
    """What depends on constants alone becomes a constant, evaluated by TensorFlow.

    Args:
        graph: A graph without control inputs.
    """
    fixed: set[str] = set()
    for node in graph.nodes.values():
        known = all(origin(name) in fixed for name in node.input)
        if known and node.op not in _NOT_CONSTANT:
            fixed.add(node.name)
    wanted = sorted(
        tensor(name)
        for name in _edge(graph, fixed)
        if graph.nodes[origin(name)].op != "Const"
    )
    values = _evaluated(graph, fixed, wanted)
    new = {
        name: constant_node(_free_name(graph, name), value)
        for name, value in values.items()
        if value.size <= _MAX_GROWN
    }
    rewired = {name: f"{node.name}:0" for name, node in new.items()}
    nodes = {**graph.nodes, **{node.name: node for node in new.values()}}
    bigger = Graph(nodes=nodes, output=graph.output, versions=graph.versions)
    return bigger.rewired(lambda name: rewired.get(tensor(name), tensor(name)))


def _edge(graph: Graph, fixed: set[str]) -> set[str]:
    """The tensors of constant nodes that others, or the outside, take."""
    taken = {
        tensor(name)
        for node in graph.nodes.values()
        if node.name not in fixed
        for name in node.input
    }
    return {name for name in {*taken, graph.output} if origin(name) in fixed}


def _evaluated(
    graph: Graph, fixed: set[str], wanted: list[str]
) -> dict[str, NDArray[np.generic]]:
    import tensorflow as tf

    if not wanted:
        return {}
    part: Any = graph.to_proto()
    nodes = [node for node in part.node if node.name in fixed]
    del part.node[:]
    part.node.extend(nodes)
    scope = tf.Graph()
    try:
        with scope.as_default():
            tf.import_graph_def(part, name="")
        with tf.compat.v1.Session(graph=scope) as session:
            return dict(zip(wanted, session.run(wanted), strict=True))
    except (ValueError, tf.errors.OpError) as error:
        reason = (str(error).strip().splitlines() or ["no details"])[0]
        raise ConversionError(
            "TensorFlow must be able to evaluate the constants of the graph. "
            f"Received: {reason[:200]}"
        ) from error


def _free_name(graph: Graph, name: str) -> str:
    start = f"{origin(name)}/folded_{name.partition(':')[2]}"
    while start in graph.nodes:
        start += "_"
    return start
