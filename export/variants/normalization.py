"""Layer normalisation as Keras writes it becomes one that runtimes know.

Keras computes x m + (beta - mean m) with m = gamma / sqrt(variance + epsilon), in
twelve nodes. From opset 17 on `LayerNormalization` is one node. Before, the sum is
written as (x - mean) / sqrt(variance + epsilon) * gamma + beta, which ONNX Runtime
recognises when it loads a graph, and makes one node of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from export.variants.graph import attribute
from export.variants.pattern import match

if TYPE_CHECKING:
    from export.variants.graph import Graph

_MEAN = ("ReduceMean", "x")
_OFF = ("Sub", "x", _MEAN)
_VARIANCE = ("ReduceMean", ("Mul", _OFF, _OFF))
_GAIN = ("Mul", ("Reciprocal", ("Sqrt", ("Add", _VARIANCE, "epsilon"))), "gamma")
_KERAS = ("Add", ("Mul", "x", _GAIN), ("Add", ("Mul", ("Neg", _MEAN), _GAIN), "beta"))

_OWN_OPERATOR = 17
_AXES_AS_INPUT = 18


def join_normalizations(graph: Graph) -> None:
    """Write each normalisation over the last of two or more axes in its usual form."""
    for node in list(graph.nodes):
        found = match(graph, node.output[0], _KERAS)
        if found is None or not _over_columns(graph, found["x"]):
            continue
        width = (graph.shape(found["x"]) or (-1,))[-1]
        given = [graph.constants.get(found[k]) for k in _NAMES]
        sizes = [None if one is None else (one.size, *one.shape[-1:]) for one in given]
        if sizes[:2] == [(width, width)] * 2 and sizes[2] in ((1,), (1, 1)):
            gamma, beta, epsilon = (np.ravel(graph.constants[found[k]]) for k in _NAMES)
            new = _written(graph, found["x"], gamma, beta, epsilon)
            graph.replace(node.output[0], new)


_NAMES = ("gamma", "beta", "epsilon")


def _over_columns(graph: Graph, name: str) -> bool:
    """Whether all that is averaged is the last axis, and stays an axis."""
    rank = len(graph.shape(name) or ())
    if rank < 2:
        return False
    means = _takers(graph, [name], "ReduceMean")
    squares = _takers(graph, _takers(graph, means, "Sub"), "Mul")
    found = [*means, *_takers(graph, squares, "ReduceMean")]
    nodes = [graph.maker(one) for one in found]
    last = ([rank - 1], [-1])
    return bool(means) and all(_axes(graph, node) in last for node in nodes)


def _takers(graph: Graph, names: list[str], kind: str) -> list[str]:
    """What nodes of one kind make of some tensors."""
    nodes = [node for name in names for node in graph.takers(name)]
    return [node.output[0] for node in nodes if node.op_type == kind]


def _axes(graph: Graph, node: object) -> list[int] | None:
    if attribute(node, "keepdims", 1) != 1:
        return None
    inputs = list(getattr(node, "input", ()))
    if len(inputs) > 1:
        given = graph.constants.get(inputs[1])
        return None if given is None else given.tolist()
    return list(attribute(node, "axes", []))


def _written(
    graph: Graph, x: str, gamma: np.ndarray, beta: np.ndarray, epsilon: np.ndarray
) -> str:
    scale, shift = graph.constant(gamma), graph.constant(beta)
    if graph.opset >= _OWN_OPERATOR:
        value = float(epsilon[0])
        return graph.add("LayerNormalization", x, scale, shift, axis=-1, epsilon=value)
    off = graph.add("Sub", x, graph.add("ReduceMean", x, axes=[-1], keepdims=1))
    square = graph.add("Pow", off, graph.constant(np.float32(2)))
    variance = graph.add("ReduceMean", square, axes=[-1], keepdims=1)
    # A scalar: ONNX Runtime does not recognise an epsilon of one axis.
    least = graph.constant(np.float32(epsilon[0]))
    spread = graph.add("Sqrt", graph.add("Add", variance, least))
    normal = graph.add("Div", off, spread)
    return graph.add("Add", graph.add("Mul", normal, scale), shift)
