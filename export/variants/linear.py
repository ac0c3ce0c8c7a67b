"""A product with a constant matrix, and the sums around it, become one `Gemm`.

    (c x + d) W + b = x (c W) + (d W + b)      scaling of the inputs, before
    ((x W + b) c + d) = x (W c) + (b c + d)    batch normalisation, behind

c and d have one number per column. Constants are multiplied in double precision.
Columns that are chosen by number disappear in rows of zeros, where nothing that is
left out can be infinite or NaN: zero times those is NaN.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from export.variants.bounds import find_bounds
from export.variants.graph import attribute, products
from export.variants.pattern import match

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from export.variants.bounds import Bounds
    from export.variants.graph import Graph

# Left whole: ONNX Runtime makes one node of it (`export.variants.normalization`).
_NORMALISED = ("Add", ("Mul", ("Div", "off", ("Sqrt", "v")), "gamma"), "beta")
_AFFINE = ("Mul", "Div", "Add", "Sub")


@dataclasses.dataclass
class _Product:
    """x W + b while it is being worked on, in double precision."""

    x: str
    weights: NDArray[np.float64]
    bias: NDArray[np.float64]


def join_products(graph: Graph) -> None:
    """Make one `Gemm` of each product and of what is linear around it."""
    bounds = find_bounds(graph)
    for node in products(graph):
        product = _Product(
            node.input[0],
            graph.constants[node.input[1]].astype(np.float64),
            np.zeros(graph.constants[node.input[1]].shape[1]),
        )
        if len(node.input) > 2:
            given = graph.constants.get(node.input[2])
            if given is None or given.shape[:-1] not in _ROWS:
                continue
            product.bias = product.bias + given.astype(np.float64).ravel()
        end = _behind(graph, node.output[0], product)
        product.x, product.weights, shift = _before(graph, product.x, product, bounds)
        product.bias = product.bias + shift
        graph.replace(end, _gemm(graph, product))


def _gemm(graph: Graph, product: _Product) -> str:
    weights = graph.constant(product.weights.astype(np.float32))
    bias = graph.constant(product.bias.astype(np.float32))
    return graph.add("Gemm", product.x, weights, bias)


def _behind(graph: Graph, name: str, product: _Product) -> str:
    """Take in what follows as long as nobody else looks; the last tensor of that."""
    while graph.used_once(name):
        node = graph.takers(name)[0]
        step = _affine(graph, node, name, product.weights.shape[1])
        if step is None:
            break
        gain, shift = step
        product.weights = product.weights * gain
        product.bias = product.bias * gain + shift
        name = node.output[0]
    return name


def _before(
    graph: Graph, name: str, product: _Product, bounds: Bounds
) -> tuple[str, NDArray[np.float64], NDArray[np.float64]]:
    """What to multiply instead, with which matrix, and what the bias gains."""
    weights, shift = product.weights, np.zeros(product.weights.shape[1])
    node = graph.maker(name)
    while node is not None and match(graph, name, _NORMALISED) is None:
        other = next((n for n in node.input if n not in graph.constants), "")
        step = _affine(graph, node, other, len(weights))
        if step is not None:
            shift = shift + step[1] @ weights
            name, weights = other, step[0][:, None] * weights
        elif (wide := _chosen(graph, node, weights, bounds)) is not None:
            name, weights = node.input[0], wide
        else:
            break
        node = graph.maker(name)
    if node is not None and node.op_type == "Concat":
        return _pieces(graph, node, _Product(name, weights, shift), bounds)
    return name, weights, shift


def _pieces(
    graph: Graph, node: Any, product: _Product, bounds: Bounds
) -> tuple[str, NDArray[np.float64], NDArray[np.float64]]:
    """The same for each piece of a row that is put together of several."""
    widths = [(graph.shape(name) or (0, -1))[-1] for name in node.input]
    whole = attribute(node, "axis") in (1, -1) and min(widths) > 0
    if not whole or sum(widths) != len(product.weights):
        return product.x, product.weights, product.bias
    names, rows, shift = [], [], product.bias
    for name, part in zip(
        node.input, np.split(product.weights, np.cumsum(widths)[:-1]), strict=True
    ):
        new, weights, gained = _before(graph, name, _Product(name, part, shift), bounds)
        names.append(new)
        rows.append(weights)
        shift = shift + gained
    if names == list(node.input):
        return product.x, np.concatenate(rows), shift
    return graph.add("Concat", *names, axis=1), np.concatenate(rows), shift


def _chosen(
    graph: Graph, node: Any, weights: NDArray[np.float64], bounds: Bounds
) -> NDArray[np.float64] | None:
    """The matrix for all columns where a node chooses some by number, or `None`."""
    if node.op_type != "Gather" or attribute(node, "axis", 0) != 1:
        return None
    numbers, shape = graph.constants.get(node.input[1]), graph.shape(node.input[0])
    if numbers is None or numbers.ndim != 1 or not shape or shape[-1] < 1:
        return None
    if not bounds.finite(node.input[0]):
        return None
    wide = np.zeros((shape[-1], weights.shape[1]))
    np.add.at(wide, numbers, weights)
    return wide


def _affine(
    graph: Graph, node: Any, name: str, width: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Gain and shift per column of a node that is linear in `name`, or `None`."""
    shape = graph.shape(name) or ()
    if node.op_type not in _AFFINE or len(node.input) != 2 or shape[1:] != (width,):
        return None
    place = list(node.input).index(name) if name in node.input else 0
    given = graph.constants.get(node.input[1 - place])
    if given is None or given.size not in (1, width) or given.shape[:-1] not in _ROWS:
        return None
    value = np.broadcast_to(given.astype(np.float64).ravel(), (width,))
    one, none = np.ones(width), np.zeros(width)
    if node.op_type == "Mul":
        return value, none
    if node.op_type == "Add":
        return one, value
    if node.op_type == "Sub":
        return (one, -value) if place == 0 else (-one, value)
    return (1 / value, none) if place == 0 and value.all() else None


_ROWS = ((), (1,))
