"""A graph in double precision, by NumPy alone: the arbiter between two runtimes.

Where TensorFlow and a converted graph differ in their last digits, the truth is what
the weights say in exact arithmetic, and this is nearer to that than both. It is also
the slow twin of what TensorFlow folds. An operation that is not in the tables makes
`evaluator` say no; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from export.conversion import rearranging
from export.conversion.graph import tensor
from export.conversion.passes import PASSES_ON

if TYPE_CHECKING:
    from export.conversion.graph import Graph

Array = NDArray[Any]
Evaluator = Callable[[Array, Array], NDArray[np.float64]]
_SELU_SCALE, _SELU_ALPHA = 1.0507009873554805, 1.6732632423543772


def _elu(x: Array) -> Array:
    return np.where(x < 0, np.expm1(np.minimum(x, 0)), x)


_ELEMENTWISE: Mapping[str, Callable[..., Any]] = {
    **dict.fromkeys(("Add", "AddV2", "BiasAdd"), np.add),
    **dict.fromkeys(("RealDiv", "Div"), np.divide),
    **dict.fromkeys(("Reciprocal", "Inv"), np.reciprocal),
    **dict.fromkeys(("Round", "Rint"), np.rint),
    "Sub": np.subtract,
    "Mul": np.multiply,
    "Neg": np.negative,
    "Abs": np.abs,
    "Sign": np.sign,
    "Square": np.square,
    "SquaredDifference": lambda a, b: np.square(a - b),
    "Sqrt": np.sqrt,
    "Rsqrt": lambda x: 1 / np.sqrt(x),
    "Pow": np.power,
    "Exp": np.exp,
    "Expm1": np.expm1,
    "Log": np.log,
    "Log1p": np.log1p,
    "Tanh": np.tanh,
    "Sin": np.sin,
    "Cos": np.cos,
    "Atan2": np.arctan2,
    "Erf": special.erf,
    "Erfc": special.erfc,
    "Floor": np.floor,
    "Ceil": np.ceil,
    "Minimum": np.minimum,
    "Maximum": np.maximum,
    "Sigmoid": special.expit,
    "Softplus": lambda x: np.logaddexp(0, x),
    "Relu": lambda x: np.maximum(x, 0),
    "Relu6": lambda x: np.clip(x, 0, 6),
    "Elu": _elu,
    "Selu": lambda x: _SELU_SCALE * np.where(x < 0, _SELU_ALPHA * _elu(x), x),
    "ClipByValue": lambda x, low, high: np.minimum(np.maximum(x, low), high),
    "Less": np.less,
    "LessEqual": np.less_equal,
    "Greater": np.greater,
    "GreaterEqual": np.greater_equal,
    "Equal": np.equal,
    "NotEqual": np.not_equal,
    "LogicalAnd": np.logical_and,
    "LogicalOr": np.logical_or,
    "LogicalNot": np.logical_not,
    "IsNan": np.isnan,
    "IsInf": np.isinf,
    "IsFinite": np.isfinite,
    "SelectV2": np.where,
    "ZerosLike": np.zeros_like,
    "OnesLike": np.ones_like,
}


def unknown_operations(graph: Graph) -> list[str]:
    """Operations of a graph that are not in the tables."""
    known = {*_ELEMENTWISE, *rearranging.OPERATIONS, *PASSES_ON, "Const", "Placeholder"}
    return sorted(set(graph.operations) - known)


def evaluator(graph: Graph, features: str, category: str) -> Evaluator:
    """A function from float32 inputs to the output in double precision.

    Args:
        graph: A graph of which no operation is unknown.
        features: Placeholder of the features.
        category: Placeholder of the category.
    """
    constants = {
        node.name: _wide(graph.constant(node.name))
        for node in graph.nodes.values()
        if node.op == "Const"
    }

    def evaluate(x: Array, y: Array) -> NDArray[np.float64]:
        values: dict[str, Array] = {
            f"{features}:0": _wide(x),
            f"{category}:0": _wide(y),
        }
        with np.errstate(all="ignore"):
            for node in graph.nodes.values():
                _run(node, constants, values)
        return values[graph.output]

    return evaluate


def _run(node: Any, constants: Mapping[str, Array], values: dict[str, Array]) -> None:
    """Add what a node gives to `values`."""
    if node.op == "Placeholder":
        return
    given = [values[tensor(name)] for name in node.input if not name.startswith("^")]
    if node.op == "Const":
        values[f"{node.name}:0"] = constants[node.name]
    elif node.op in PASSES_ON:
        values.update({f"{node.name}:{i}": value for i, value in enumerate(given)})
    elif node.op in _ELEMENTWISE:
        values[f"{node.name}:0"] = _ELEMENTWISE[node.op](*given)
    else:
        values[f"{node.name}:0"] = rearranging.OPERATIONS[node.op](node, *given)


def _wide(value: Array | None) -> Array:
    if value is None:
        raise TypeError("a constant must have a value")
    return value.astype(np.float64) if value.dtype.kind == "f" else value
