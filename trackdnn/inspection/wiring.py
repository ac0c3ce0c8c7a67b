"""A graph of any format, as nodes and the tensors between them.

What `inspect` asks of the structure of a graph it asks here, of TensorFlow and of ONNX
alike. Nothing in this module runs a graph.
"""

from __future__ import annotations

import dataclasses
import functools
from collections import Counter, deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

_PASSES_ON = ("Identity", "ReadVariableOp", "StopGradient", "Snapshot")


@dataclasses.dataclass(frozen=True)
class Node:
    """One operation.

    Args:
        name: Its name, unique in the graph; may be empty in ONNX.
        operation: What it does, as its format calls it.
        inputs: Tensors that it takes, in order.
        outputs: Tensors that it makes.
        transposed: Whether its second input is a matrix taken the other way round.
    """

    name: str
    operation: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    transposed: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class Wiring:
    """Nodes, inputs and constants of a graph.

    Args:
        nodes: All nodes that compute, in the order of the file; constants are none.
        inputs: Tensors that are fed.
        constants: Values that are part of the file, by tensor.
        silent: How often each operation occurs that computes nothing.
    """

    nodes: tuple[Node, ...]
    inputs: tuple[str, ...]
    constants: Mapping[str, NDArray[Any]]
    silent: Mapping[str, int] = dataclasses.field(default_factory=dict)

    @property
    def operations(self) -> dict[str, int]:
        """How often each operation occurs, the most frequent first."""
        counts = Counter(node.operation for node in self.nodes)
        counts.update(self.silent)
        return dict(counts.most_common())

    @functools.cached_property
    def _makers(self) -> dict[str, Node]:
        return {tensor: node for node in self.nodes for tensor in node.outputs}

    @functools.cached_property
    def _takers(self) -> dict[str, list[Node]]:
        takers: dict[str, list[Node]] = {}
        for node in self.nodes:
            for tensor in set(node.inputs):
                takers.setdefault(self._made(tensor), []).append(node)
        return takers

    def _made(self, tensor: str) -> str:
        """The name under which a tensor is made: `a:1` of TensorFlow is made by `a`."""
        if tensor in self._makers or tensor in self.constants:
            return tensor
        return tensor.rpartition(":")[0] or tensor

    def maker(self, tensor: str) -> Node | None:
        """The node that makes a tensor; `None` for inputs and constants."""
        return self._makers.get(self._made(tensor))

    def takers(self, tensor: str) -> list[Node]:
        """The nodes that take a tensor."""
        return self._takers.get(tensor, [])

    def constant(self, tensor: str) -> NDArray[Any] | None:
        """The value of a tensor, if it is a constant that is only passed on."""
        source = self.source(tensor)
        return None if source is None else self.constants[source]

    def source(self, tensor: str) -> str | None:
        """The constant that a tensor passes on, if it does nothing else."""
        for _ in range(len(self.nodes) + 1):
            name = self._made(tensor)
            if name in self.constants:
                return name
            node = self._makers.get(name)
            if node is None or node.operation not in _PASSES_ON or not node.inputs:
                return None
            tensor = node.inputs[0]
        return None

    @functools.cached_property
    def ordered(self) -> tuple[Node, ...]:
        """The nodes such that each stands behind what it takes; loops come last."""
        places = {id(node): place for place, node in enumerate(self.nodes)}
        waiting = {place: self._before(node) for place, node in enumerate(self.nodes)}
        ready = deque(place for place, count in waiting.items() if not count)
        found: list[int] = []
        while ready:
            place = ready.popleft()
            found.append(place)
            for tensor in self.nodes[place].outputs:
                for node in self.takers(tensor):
                    taker = places[id(node)]
                    waiting[taker] -= 1
                    if not waiting[taker]:
                        ready.append(taker)
        rest = sorted(set(range(len(self.nodes))) - set(found))
        return tuple(self.nodes[place] for place in (*found, *rest))

    def _before(self, node: Node) -> int:
        """How many links lead into a node, counted as `takers` does."""
        return sum(self._made(tensor) in self._makers for tensor in set(node.inputs))

    def reached(self, start: Iterable[str]) -> set[str]:
        """The tensors that depend on some, and these themselves."""
        found = set(start)
        for node in self.ordered:
            if not found.isdisjoint(node.inputs) or not found.isdisjoint(
                map(self._made, node.inputs)
            ):
                found.update(node.outputs)
        return found
