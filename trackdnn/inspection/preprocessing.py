"""How a frozen graph prepares its inputs, and which it squeezes to a point.

A graph that scales its inputs has a tensor of the width of its features between the
placeholder and the first matrix. Where the constants of a `Minimum` or a `Maximum` are
ranges of the columns, that tensor should use them: an input whose plausible range
takes up less than 2 % of [-1, 1] might as well be a constant.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from trackdnn.inspection.graph_definition import Definition, Session, origin
from trackdnn.inspection.responses import vary

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.inspection.plausible import Reference

SQUEEZED = 0.02
_FULL_WIDTH = 2.0
_HUGE = (1e30, -1e30, 0.0)
_ENDS_PREPARATION = ("MatMul", "BiasAdd", "Einsum", "BatchMatMulV2")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Preprocessing:
    """What happens to each column before the first matrix.

    Args:
        names: Names of the inputs.
        lower: Lower ends of the ranges, or `None` if the graph has none.
        upper: Upper ends, or `None`.
        spread: Width of the prepared column over its plausible range, or `None` if
            no prepared tensor was found.
        scaled: Whether the prepared columns stay in [-1, 1] whatever comes in.
    """

    names: tuple[str, ...]
    lower: NDArray[np.float64] | None
    upper: NDArray[np.float64] | None
    spread: NDArray[np.float64] | None
    scaled: bool

    @property
    def squeezed(self) -> tuple[str, ...]:
        """Inputs whose plausible range takes up less than 2 % of their scaled one."""
        if self.spread is None or not self.scaled:
            return ()
        limit = SQUEEZED * _FULL_WIDTH
        pairs = zip(self.names, self.spread, strict=True)
        return tuple(name for name, spread in pairs if spread < limit)

    def lines(self) -> list[str]:
        """A few lines for people."""
        if self.spread is None:
            return ["preprocessing: none found before the first matrix"]
        if not self.scaled:
            clipped = "clipped, but not" if self.upper is not None else "neither"
            nor = "scaled" if self.upper is not None else "clipped nor scaled"
            return [f"preprocessing: columns are {clipped} {nor}"]
        lines = [
            "preprocessing: columns are clipped and scaled to [-1, 1]; squeezed inputs "
            f"(plausible range below {SQUEEZED:.0%} of that): "
            f"{', '.join(self.squeezed) or 'none'}"
        ]
        lines += [f"  {self._squeezed_line(name)}" for name in self.squeezed]
        return lines

    def _squeezed_line(self, name: str) -> str:
        i = self.names.index(name)
        used = 0.0 if self.spread is None else self.spread[i] / _FULL_WIDTH
        text = f"{name}: plausible tracks use {used:.1e} of its range"
        if self.lower is None or self.upper is None:
            return text
        return f"{text}, {self.lower[i]:.4g} to {self.upper[i]:.4g} after its transform"

    def to_dict(self) -> dict[str, Any]:
        """The same as plain values."""
        columns = {"lower": self.lower, "upper": self.upper, "spread": self.spread}
        return {
            **{k: None if v is None else v.tolist() for k, v in columns.items()},
            "scaled": self.scaled,
            "squeezed": list(self.squeezed),
        }


def find(
    definition: Definition,
    session: Session,
    names: tuple[str, ...],
    features: str,
    reference: Reference,
) -> Preprocessing:
    """Find ranges and prepared tensor of a graph.

    Args:
        definition: The graph.
        session: The same, to run.
        names: Names of the inputs.
        features: Name of the placeholder of the features.
        reference: Plausible tracks, and values to try.
    """
    before = _before_matrices(definition, features)
    after_clipping = _after_clipping(definition, before, len(names))
    tensor = _prepared(session, after_clipping, reference, len(names))
    return Preprocessing(
        names=names,
        lower=_bound(definition, before, "Maximum", len(names)),
        upper=_bound(definition, before, "Minimum", len(names)),
        spread=None if tensor is None else _spread(session, tensor, reference),
        scaled=tensor is not None and _is_scaled(session, tensor, reference),
    )


def _before_matrices(definition: Definition, features: str) -> list[Any]:
    """Nodes that depend on the features and on no matrix, in graph order."""
    nodes = definition.graph.node
    matrices = {node.name for node in nodes if node.op in _ENDS_PREPARATION}
    after = _reached(nodes, matrices)
    before = _reached(nodes, {features}) - after
    return [node for node in nodes if node.name in before]


def _reached(nodes: Any, start: set[str]) -> set[str]:
    """The nodes that depend on those of `start`, and those themselves."""
    reached, before = set(start), -1
    # Once round is enough for a sorted graph; foreign ones need not be sorted.
    while len(reached) > before:
        before = len(reached)
        reached |= {
            node.name
            for node in nodes
            if any(origin(name) in reached for name in node.input)
        }
    return reached


def _bound(
    definition: Definition, nodes: list[Any], operation: str, width: int
) -> NDArray[np.float64] | None:
    """The constants, one per column, that the last such node compares with.

    A single constant for all columns counts if there is no such vector.
    """
    found = None
    for node in reversed(nodes):
        for name in node.input if node.op == operation else ():
            value = definition.constant(name)
            if value is not None and value.size == width:
                return value.reshape(-1).astype(np.float64)
            if found is None and value is not None and value.size == 1:
                found = np.full(width, value.item(), np.float64)
    return found


def _after_clipping(definition: Definition, nodes: list[Any], width: int) -> list[Any]:
    """The nodes behind the one that clips each column to its range, if there is one.

    A graph may use its raw inputs in other ways as well, beside the clipped ones.
    """
    for node in reversed(nodes):
        if node.op not in ("Minimum", "Maximum"):
            continue
        constants = [definition.constant(name) for name in node.input]
        if any(value is not None and value.size == width for value in constants):
            behind = _reached(nodes, {node.name})
            return [other for other in nodes if other.name in behind]
    return nodes


def _prepared(
    session: Session, nodes: list[Any], reference: Reference, width: int
) -> str | None:
    """The last tensor of as many columns as there are features."""
    rows = reference.features[:3], reference.category[:3]
    for node in reversed(nodes):
        name = f"{node.name}:0"
        value = session.run([name], *rows)[0]
        if value.shape == (3, width) and value.dtype == np.float32:
            return name
    return None


def _spread(session: Session, tensor: str, reference: Reference) -> NDArray[np.float64]:
    spreads = []
    for column in range(reference.features.shape[1]):
        values = session.run([tensor], *vary(reference, column))[0]
        values = values.reshape(-1, *reference.features.shape)
        spreads.append(float(np.ptp(values, axis=0).max()))
    return np.array(spreads)


def _is_scaled(session: Session, tensor: str, reference: Reference) -> bool:
    """Whether huge values of either sign come out in [-1, 1]."""
    features = np.concatenate([np.full_like(reference.features, v) for v in _HUGE])
    category = np.tile(reference.category, (len(_HUGE), 1))
    values = session.run([tensor], features, category)[0]
    return bool((np.abs(values) <= 1 + 1e-3).all())
