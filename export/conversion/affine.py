"""Unfused batch normalisation, and any other affine step, folded into a matrix.

A step is affine if it adds, subtracts, multiplies or divides by a constant per column.
With steps before and after a matrix, and any point c to count from,

    s2 * ((s1 * x + t1) @ W) + t2
        =  (x - c) @ (s1 W s2) + s2 * ((s1 * c + t1) @ W) + t2

where s1 stands for a diagonal matrix. With c = 0 nothing is left but the matrix and its
bias, and digits get lost: a normalisation is strong where its input hardly varies, far
from zero, and then huge terms cancel in the product. At c = -t1 / s1, where the
normalisation gives zero, they do not, and one subtraction takes the place of two or
more steps. The constants are combined in double precision and rounded once.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from export.conversion.graph import Graph, constant_node, origin, tensor

_Floats = NDArray[np.float64]
_ADDS = ("Add", "AddV2", "BiasAdd")
_DIVIDES = ("RealDiv", "Div")
_STEPS = (*_ADDS, *_DIVIDES, "Sub", "Mul")
_SUFFIX = "/folded"
# Further away than any activation; a centre there would not be one.
_FAR = 1e30


@dataclasses.dataclass(frozen=True)
class Step:
    """`scale * x + shift` per column.

    Args:
        node: Name of the node.
        argument: The tensor `x`.
        scale: Factor, of shape `()` or `(columns,)`.
        shift: What is added, of the same kind.
    """

    node: str
    argument: str
    scale: _Floats
    shift: _Floats


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Layer:
    """A matrix, with the affine steps on both sides of it that nothing else uses."""

    node: Any
    name: str
    argument: str
    weights: _Floats
    before: tuple[Step, ...]
    after: tuple[Step, ...]

    @property
    def gains(self) -> bool:
        """Whether folding leaves fewer nodes: one addition is a bias already."""
        left = 1 if self.centre.any() else 0
        return (
            len(self.before) > left or self._scales(self.after) or len(self.after) > 1
        )

    @property
    def centre(self) -> NDArray[np.float32]:
        """The point to count from: where the steps before the matrix give zero."""
        scale, shift = self.columns_before
        with np.errstate(over="ignore"):
            centre = np.divide(
                -shift, scale, out=np.zeros(len(scale)), where=scale != 0
            )
        return np.where(np.abs(centre) < _FAR, centre, 0.0).astype(np.float32)

    @property
    def columns_before(self) -> tuple[_Floats, _Floats]:
        """Scale and shift of the steps before, one per row of the matrix."""
        rows = len(self.weights)
        scale, shift = _together(self.before)
        return np.broadcast_to(scale, rows), np.broadcast_to(shift, rows)

    @property
    def scalings(self) -> int:
        """On how many sides there is a factor, as batch normalisation has one."""
        return sum(self._scales(side) for side in (self.before, self.after))

    @staticmethod
    def _scales(steps: tuple[Step, ...]) -> bool:
        return any((step.scale != 1).any() for step in steps)


def with_affines_folded(graph: Graph) -> tuple[Graph, int]:
    """Fold affine steps into the matrices beside them.

    Args:
        graph: A graph whose constants are folded, without `Identity`.

    Returns:
        The graph, and how many times steps with a factor were folded.
    """
    layers = [layer for layer in _layers(graph) if layer.gains and _fits(layer)]
    nodes, rewired = dict(graph.nodes), {}
    for layer in layers:
        nodes.update({node.name: node for node in _folded(layer)})
        last = layer.after[-1].node if layer.after else layer.node.name
        rewired[f"{last}:0"] = f"{layer.name}:0"
    bigger = Graph(nodes=nodes, output=graph.output, versions=graph.versions)
    # The argument of a layer may be what another one becomes.
    changed = bigger.rewired(lambda name: rewired.get(tensor(name), tensor(name)))
    return changed, sum(layer.scalings for layer in layers)


def _layers(graph: Graph) -> list[_Layer]:
    takers = graph.users()
    users = {name: len(nodes) for name, nodes in takers.items()}
    users[graph.output] = users.get(graph.output, 0) + 1
    claimed: set[str] = set()
    columns = graph.columns()
    found = []
    for node in list(graph.nodes.values()):
        if (weights := _weights(graph, node)) is None:
            continue
        before = _before(graph, node, len(weights), users, claimed)
        # A step may also repeat one column; a matrix does not.
        while before and columns(before[0].argument) != len(weights):
            before = before[1:]
        after = _after(graph, node, weights.shape[1], users, takers)
        claimed |= {step.node for step in (*before, *after)}
        found.append(
            _Layer(
                node=node,
                name=_free_name(graph, node.name + _SUFFIX),
                argument=before[0].argument if before else tensor(node.input[0]),
                weights=weights,
                before=tuple(before),
                after=tuple(after),
            )
        )
    return found


def _free_name(graph: Graph, name: str) -> str:
    while any(f"{there}/".startswith(f"{name}/") for there in graph.nodes):
        name += "_"
    return name


def _weights(graph: Graph, node: Any) -> _Floats | None:
    """The matrix of a `MatMul` by a constant, rows as its inputs."""
    if node.op != "MatMul" or node.attr["transpose_a"].b:
        return None
    value = graph.constant(node.input[1])
    if value is None or value.dtype != np.float32 or value.ndim != 2:
        return None
    wide = value.astype(np.float64)
    return wide.T if node.attr["transpose_b"].b else wide


def _before(
    graph: Graph, node: Any, width: int, users: dict[str, int], claimed: set[str]
) -> list[Step]:
    """The steps that lead to a matrix and nowhere else, in the order of running."""
    steps: list[Step] = []
    name = tensor(node.input[0])
    while users[name] == 1 and origin(name) not in claimed:
        step = affine_step(graph, graph.nodes[origin(name)], width)
        if step is None:
            break
        steps.insert(0, step)
        name = step.argument
    return steps


def _after(
    graph: Graph,
    node: Any,
    width: int,
    users: dict[str, int],
    takers: dict[str, list[Any]],
) -> list[Step]:
    """The steps that follow a matrix, and nothing else, in the order of running."""
    steps: list[Step] = []
    name = f"{node.name}:0"
    while users.get(name) == 1 and name in takers:
        step = affine_step(graph, takers[name][0], width)
        if step is None or step.argument != name:
            break
        steps.append(step)
        name = f"{step.node}:0"
    return steps


def affine_step(graph: Graph, node: Any, width: int) -> Step | None:
    """What a node does to each of `width` columns, if that is affine."""
    if node.op not in _STEPS or len(node.input) != 2:
        return None
    first, second = (_column_constant(graph, name, width) for name in node.input)
    if (first is None) == (second is None):
        return None
    constant = second if first is None else first
    argument = tensor(node.input[0 if first is None else 1])
    rule = _rule(node.op, swapped=first is not None)
    if constant is None or rule is None or not np.isfinite(constant).all():
        return None
    if node.op in _DIVIDES and not np.all(constant):
        return None
    return Step(node.name, argument, *rule(constant))


def _rule(
    operation: str, *, swapped: bool
) -> Callable[[_Floats], tuple[_Floats, _Floats]] | None:
    """From the constant of an operation to scale and shift."""
    one, zero = np.array(1.0), np.array(0.0)
    if operation in _ADDS:
        return lambda constant: (one, constant)
    if operation == "Mul":
        return lambda constant: (constant, zero)
    if operation == "Sub":
        return lambda c: (-one, c) if swapped else (one, -c)
    return None if swapped else lambda constant: (1 / constant, zero)


def _column_constant(graph: Graph, name: str, width: int) -> _Floats | None:
    """A constant that is one number for each column, or for all of them."""
    value = graph.constant(name)
    if value is None or value.dtype != np.float32 or value.ndim > 2:
        return None
    if value.size not in (1, width) or (value.ndim == 2 and len(value) != 1):
        return None
    flat: _Floats = value.astype(np.float64).reshape(-1)
    return flat[0] if value.size == 1 else flat


def _combined(layer: _Layer) -> tuple[_Floats, _Floats]:
    """Matrix and bias of a layer with all its steps, counted from its centre."""
    scale, shift = layer.columns_before
    scale_after, shift_after = _together(layer.after)
    weights = scale[:, None] * layer.weights * scale_after
    at_centre = scale * layer.centre + shift
    bias = at_centre @ layer.weights * scale_after + shift_after
    return weights, np.broadcast_to(bias, layer.weights.shape[1])


def _fits(layer: _Layer) -> bool:
    """Whether the new numbers are ones of single precision."""
    limit = np.finfo(np.float32).max
    return all((np.abs(part) <= limit).all() for part in _combined(layer))


def _folded(layer: _Layer) -> list[Any]:
    """Centre, matrix and bias, and the nodes that use them; the last has their name."""
    weights, bias = _combined(layer)
    name = layer.name
    constants: dict[str, NDArray[Any]] = {"weights": weights, "bias": bias}
    argument, nodes = layer.argument, []
    if layer.centre.any():
        constants["centre"] = layer.centre
        argument = f"{name}/centred:0"
        nodes.append(_node(layer, "Sub", f"{name}/centred", layer.argument, "centre"))
    nodes.append(_node(layer, "MatMul", f"{name}/product", argument, "weights"))
    nodes.append(_node(layer, "BiasAdd", name, f"{name}/product:0", "bias"))
    return [
        *nodes,
        *(
            constant_node(f"{name}/{key}", value.astype(np.float32))
            for key, value in constants.items()
        ),
    ]


def _node(layer: _Layer, operation: str, name: str, argument: str, key: str) -> Any:
    node = type(layer.node)(name=name, op=operation)
    node.input.extend([argument, f"{layer.name}/{key}:0"])
    node.attr["T"].CopyFrom(layer.node.attr["T"])
    return node


def _together(steps: tuple[Step, ...]) -> tuple[_Floats, _Floats]:
    """Scale and shift of steps one after the other."""
    scale, shift = np.array(1.0), np.array(0.0)
    for step in steps:
        scale, shift = scale * step.scale, shift * step.scale + step.shift
    return scale, shift
