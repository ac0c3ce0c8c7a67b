"""Between which values each tensor must lie, whatever comes in.

Intervals are followed through the graph, one for each tensor. What is not known may
be anything, NaN included; so what is said to be finite is.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from export.variants.graph import Graph

# Sums of single precision may round up on the way: a margin.
_LARGEST = 0.99 * float(np.finfo(np.float32).max)
_INFINITE = float("inf")


@dataclasses.dataclass(frozen=True)
class Interval:
    """Where the numbers of a tensor lie, and whether there may be NaN among them."""

    low: float = -_INFINITE
    high: float = _INFINITE
    nan: bool = True

    @property
    def finite(self) -> bool:
        """Whether each number is."""
        return not self.nan and max(-self.low, self.high) < _INFINITE

    def holds_zero(self) -> bool:
        """Whether zero may be among the numbers."""
        return self.low <= 0 <= self.high


ANYTHING = Interval()


class Bounds:
    """The interval of each tensor of a graph."""

    def __init__(self, found: dict[str, Interval]) -> None:
        self._found = found

    def of(self, name: str) -> Interval:
        """The interval of a tensor; anything, where it is not known."""
        return self._found.get(name, ANYTHING)

    def finite(self, name: str) -> bool:
        """Whether a tensor never holds NaN or infinity."""
        return self.of(name).finite


def find_bounds(graph: Graph) -> Bounds:
    """The intervals of all tensors of a graph."""
    found = {name: _of_constant(value) for name, value in graph.constants.items()}
    for node in graph.ordered():
        made = _made(graph, node, [found.get(n, ANYTHING) for n in node.input])
        for name in node.output:
            found[name] = made
    return Bounds(found)


def _of_constant(value: Any) -> Interval:
    if value.dtype.kind not in "fiub" or not value.size:
        return ANYTHING
    if np.isnan(value.astype(np.float64)).any():
        return ANYTHING
    return Interval(float(value.min()), float(value.max()), nan=False)


def _made(graph: Graph, node: Any, inputs: list[Interval]) -> Interval:
    kind = node.op_type
    if kind == "Where":
        return _where(graph, node, inputs)
    if kind in _FIXED and (kind not in ("Sin", "Cos") or inputs[0].finite):
        return _FIXED[kind] if not inputs[0].nan else ANYTHING
    if kind in ("Gather", "Slice", "Split", "Identity", "Reshape", "Transpose"):
        return inputs[0]
    if kind == "Cast" and _truth(graph, node):
        return Interval(0.0, 1.0, nan=False)
    if kind == "Mul" and node.input[0] == node.input[1]:
        inputs = [_magnitude(one) if not one.nan else one for one in inputs]
    rule = _RULES.get(kind)
    if rule is None:
        return ANYTHING
    return _doubted(kind, inputs, _rounded(rule(*inputs)))


def _doubted(kind: str, inputs: list[Interval], made: Interval) -> Interval:
    """What an operation gives where some of its operands may be NaN."""
    if not any(one.nan for one in inputs):
        return made
    if kind in ("Min", "Max", "Clip"):
        # Some runtimes drop the NaN and give another operand.
        made = _together(made, *(one for one in inputs if not one.nan))
    return dataclasses.replace(made, nan=True)


_FIXED = {
    "Sign": Interval(-1.0, 1.0, nan=False),
    "Sin": Interval(-1.0, 1.0, nan=False),
    "Cos": Interval(-1.0, 1.0, nan=False),
    "Tanh": Interval(-1.0, 1.0, nan=False),
    "Sigmoid": Interval(0.0, 1.0, nan=False),
}


def _where(graph: Graph, node: Any, inputs: list[Interval]) -> Interval:
    condition = graph.maker(node.input[0])
    chosen = Interval(
        min(inputs[1].low, inputs[2].low),
        max(inputs[1].high, inputs[2].high),
        nan=inputs[1].nan or inputs[2].nan,
    )
    if condition is None or condition.op_type != "IsNaN":
        return chosen
    if condition.input[0] == node.input[2]:
        return dataclasses.replace(chosen, nan=inputs[1].nan)
    return chosen


def _truth(graph: Graph, node: Any) -> bool:
    made = graph.maker(node.input[0])
    return made is not None and made.op_type in ("Equal", "Less", "Greater", "Not")


def _rounded(given: Interval) -> Interval:
    low = -_INFINITE if given.low < -_LARGEST else given.low
    high = _INFINITE if given.high > _LARGEST else given.high
    return Interval(low, high, given.nan)


def _sum(a: Interval, b: Interval) -> Interval:
    # Infinity less infinity is NaN.
    opposed = (a.high == _INFINITE and b.low == -_INFINITE) or (
        a.low == -_INFINITE and b.high == _INFINITE
    )
    return ANYTHING if opposed else Interval(a.low + b.low, a.high + b.high, nan=False)


def _negative(a: Interval) -> Interval:
    return Interval(-a.high, -a.low, nan=False)


def _difference(a: Interval, b: Interval) -> Interval:
    return _sum(a, _negative(b))


def _product(a: Interval, b: Interval) -> Interval:
    # Zero times infinity is NaN.
    if (not a.finite and b.holds_zero()) or (not b.finite and a.holds_zero()):
        return ANYTHING
    corners = [x * y for x, y in itertools.product((a.low, a.high), (b.low, b.high))]
    return Interval(min(corners), max(corners), nan=False)


def _reciprocal(a: Interval) -> Interval:
    if a.holds_zero():
        return ANYTHING
    return Interval(1 / a.high, 1 / a.low, nan=False)


def _quotient(a: Interval, b: Interval) -> Interval:
    inverse = _reciprocal(b)
    return ANYTHING if inverse.nan else _product(a, inverse)


def _magnitude(a: Interval) -> Interval:
    least = 0.0 if a.holds_zero() else min(abs(a.low), abs(a.high))
    return Interval(least, max(abs(a.low), abs(a.high)), nan=False)


def _least(*given: Interval) -> Interval:
    return Interval(min(g.low for g in given), min(g.high for g in given), nan=False)


def _greatest(*given: Interval) -> Interval:
    return Interval(max(g.low for g in given), max(g.high for g in given), nan=False)


def _together(*given: Interval) -> Interval:
    return Interval(min(g.low for g in given), max(g.high for g in given), nan=False)


def _logarithm(a: Interval) -> Interval:
    if not 0 < a.low <= a.high < _INFINITE:
        return ANYTHING
    return Interval(float(np.log(a.low)), float(np.log(a.high)), nan=False)


def _root(a: Interval) -> Interval:
    if not 0 <= a.low <= a.high < _INFINITE:
        return ANYTHING
    return Interval(a.low**0.5, a.high**0.5, nan=False)


def _clipped(
    a: Interval, low: Interval = ANYTHING, high: Interval = ANYTHING
) -> Interval:
    return _greatest(_least(a, high), low)


_RULES: dict[str, Callable[..., Interval]] = {
    "Neg": _negative,
    "Abs": _magnitude,
    "Reciprocal": _reciprocal,
    "Log": _logarithm,
    "Sqrt": _root,
    "Add": _sum,
    "Sub": _difference,
    "Mul": _product,
    "Div": _quotient,
    "Min": _least,
    "Max": _greatest,
    "Clip": _clipped,
    "Concat": _together,
}
