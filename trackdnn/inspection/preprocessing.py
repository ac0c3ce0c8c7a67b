"""How a graph prepares its inputs, and which it squeezes to a point or cuts off.

What stands before the first matrix is asked for its values: columns that answer to one
input alone are what the graph makes of that input, others are quantities of several.
An input whose plausible range takes up less than 2 % of [-1, 1] might as well be a
constant. A graph without a matrix is asked for its score in place of that.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from trackdnn.inspection.columns import Shape, find_shape
from trackdnn.inspection.interface import NotAskedError
from trackdnn.inspection.layers import weights_of
from trackdnn.inspection.responses import vary
from trackdnn.inspection.saturation import find_saturation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.inspection.columns import Values
    from trackdnn.inspection.interface import Evaluator
    from trackdnn.inspection.plausible import Reference
    from trackdnn.inspection.wiring import Wiring

    Floats = NDArray[np.floating]

SQUEEZED = 0.02
SATURATED = 0.05
_FULL_WIDTH = 2.0
_BASE_ROWS = 4
_EXTREMES = (0.0, 1.0, -1.0, 1e3, -1e3, 1e30, -1e30)
_QUANTIZED = ("DynamicQuantizeLinear", "QuantizeLinear", "QuantizeV2")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Column:
    """A column before the first matrix that answers to one input alone.

    Args:
        name: The input.
        shape: What becomes of it.
        spread: Width of the column over the plausible range of the input; `None` if
            that is one value only.
    """

    name: str
    shape: Shape
    spread: float | None

    @property
    def used(self) -> float | None:
        """Part of [-1, 1] that plausible values take up; `None` if not so scaled."""
        if self.spread is None or not self.shape.bounded:
            return None
        return self.spread / _FULL_WIDTH

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "input": self.name,
            **self.shape.to_dict(),
            "spread": self.spread,
            "used": self.used,
        }


@dataclasses.dataclass(frozen=True, kw_only=True)
class Preprocessing:
    """What happens to each input before the first matrix.

    Args:
        names: Names of the inputs; a category is left out.
        columns: Columns of one input alone; none if the graph has no matrix.
        derived: For each input the number of columns that it shares with others.
        below: Share of the rows beyond the lower end of each input.
        above: The same beyond the upper end.
        place: `"first matrix"`, or `"score"` for a graph without one.
    """

    names: tuple[str, ...]
    columns: tuple[Column, ...]
    derived: tuple[int, ...]
    below: tuple[float, ...]
    above: tuple[float, ...]
    place: str

    def of(self, name: str) -> list[Column]:
        """The columns of one input."""
        return [column for column in self.columns if column.name == name]

    @property
    def squeezed(self) -> tuple[str, ...]:
        """Inputs whose plausible range takes up less than 2 % of their scaled one."""
        return tuple(
            name
            for name, derived in zip(self.names, self.derived, strict=True)
            if self.of(name)
            and not derived
            and all(_is_squeezed(column) for column in self.of(name))
        )

    @property
    def saturated(self) -> tuple[str, ...]:
        """Inputs of which 5 % of the rows or more lie beyond an end."""
        shares = zip(self.names, self.below, self.above, strict=True)
        return tuple(name for name, *ends in shares if max(ends) >= SATURATED)

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "place": self.place,
            "columns": [column.to_dict() for column in self.columns],
            "derived": dict(zip(self.names, self.derived, strict=True)),
            "below": dict(zip(self.names, self.below, strict=True)),
            "above": dict(zip(self.names, self.above, strict=True)),
            "squeezed": list(self.squeezed),
            "saturated": list(self.saturated),
        }


def _is_squeezed(column: Column) -> bool:
    return column.used is not None and column.used < SQUEEZED


def find_preprocessing(
    evaluator: Evaluator, wiring: Wiring, reference: Reference
) -> Preprocessing:
    """What a graph does to each input before its first matrix.

    Args:
        evaluator: The graph, to run.
        wiring: The same, to look at.
        reference: Plausible rows, and values to try.
    """
    tensors = first_operands(wiring)
    try:
        if tensors:
            evaluator.values(tensors, reference.rows[:_BASE_ROWS])
    except NotAskedError:
        tensors = []
    place = "first matrix" if tensors else "score"
    answers = _Answers(evaluator, tensors or evaluator.interface.outputs, reference)
    inputs = [i for i, scale in enumerate(reference.scales) if scale != "code"]
    owners = np.array([answers.moved(i) for i in range(len(reference.names))])
    alone = owners & (owners.sum(axis=0) == 1)
    columns = [
        answers.column(i, int(j))
        for i in inputs
        for j in (np.flatnonzero(alone[i]) if tensors else ())
    ]
    shared = owners & ~alone
    lost = [
        find_saturation(answers.whole, reference, i, owners[i], exact=alone[i])
        for i in inputs
    ]
    return Preprocessing(
        names=tuple(reference.names[i] for i in inputs),
        columns=tuple(columns),
        derived=tuple(int(shared[i].sum()) if tensors else 0 for i in inputs),
        below=tuple(low for low, _ in lost),
        above=tuple(high for _, high in lost),
        place=place,
    )


def first_operands(wiring: Wiring) -> list[str]:
    """What the matrices take that depend on the inputs and on no other matrix."""
    products = [node for node in wiring.nodes if weights_of(wiring, node) is not None]
    behind = wiring.reached({name for node in products for name in node.outputs})
    fed = wiring.reached(wiring.inputs)
    found = []
    for node in products:
        for tensor in node.inputs:
            if tensor in fed and tensor not in behind:
                found.append(_before_quantization(wiring, tensor))
    return list(dict.fromkeys(found))


def _before_quantization(wiring: Wiring, tensor: str) -> str:
    node = wiring.maker(tensor)
    if node is not None and node.operation in _QUANTIZED:
        return node.inputs[0]
    return tensor


class _Answers:
    """Columns of some tensors of a graph, as functions of one input."""

    def __init__(
        self, evaluator: Evaluator, tensors: list[str] | tuple[str, ...], of: Reference
    ) -> None:
        self._evaluator = evaluator
        self._tensors = tensors
        self._reference = of
        self.names = of.names

    def _values(self, column: int, x: Floats, count: int = _BASE_ROWS) -> Floats:
        """What the first rows give for each value, `(values, rows, columns)`."""
        base = dataclasses.replace(self._reference, rows=self._reference.rows[:count])
        found = self._evaluator.values(
            self._tensors, vary(base, column, x.astype(np.float32))
        )
        return found.reshape(len(x), count, -1)

    def whole(self, rows: Floats) -> Floats:
        """All columns of some rows."""
        return self._evaluator.values(self._tensors, rows)

    def moved(self, column: int) -> NDArray[np.bool_]:
        """Which columns answer to one input."""
        tried = np.concatenate([self._reference.values[column], _EXTREMES])
        values = self._values(column, tried)
        still = (values == values[:1]) | (np.isnan(values) & np.isnan(values[:1]))
        return np.asarray(~still.all(axis=(0, 1)))

    def column(self, column: int, place: int) -> Column:
        """What becomes of one input in one column that is its own."""

        def function(x: Values) -> Values:
            return self._values(column, x, 1)[:, 0, place].astype(np.float64)

        values = self._reference.values[column].astype(np.float64)
        largest = float(np.abs(values).max()) or 1.0
        return Column(
            name=self._reference.names[column],
            shape=find_shape(function, largest),
            spread=float(np.ptp(function(values))) if np.ptp(values) else None,
        )
