"""A frozen graph to work on: its nodes by name, inputs before those that use them."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from export.errors import ConversionError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclasses.dataclass(frozen=True, kw_only=True)
class Graph:
    """The nodes that one tensor needs.

    Args:
        nodes: `NodeDef` by name. Those that a node takes as input come before it.
        output: The tensor that is wanted, such as `Identity:0`.
        versions: The `VersionDef` of the `GraphDef` it came from.
    """

    nodes: Mapping[str, Any]
    output: str
    versions: Any

    @property
    def operations(self) -> dict[str, int]:
        """How often each operation occurs, by name."""
        counts = Counter(node.op for node in self.nodes.values())
        return dict(sorted(counts.items()))

    def with_nodes(self, nodes: Iterable[Any], output: str | None = None) -> Graph:
        """The same graph with other nodes, of which only those needed are kept."""
        return _ordered(nodes, output or self.output, self.versions)

    def rewired(self, change: Callable[[str], str]) -> Graph:
        """Every tensor that a node takes, and the output, replaced by `change`."""
        nodes = []
        for node in self.nodes.values():
            copy = type(node)()
            copy.CopyFrom(node)
            del copy.input[:]
            copy.input.extend(
                name if name.startswith("^") else change(name) for name in node.input
            )
            nodes.append(copy)
        return self.with_nodes(nodes, change(self.output))

    def users(self) -> dict[str, list[Any]]:
        """The nodes that take a tensor, by the tensor, once per time it is taken."""
        found: dict[str, list[Any]] = {}
        for node in self.nodes.values():
            for name in node.input:
                found.setdefault(tensor(name), []).append(node)
        return found

    def constant(self, name: str) -> NDArray[np.generic] | None:
        """The value of a tensor if it is one of a `Const`."""
        import tensorflow as tf

        node = self.nodes[origin(name)]
        if node.op != "Const":
            return None
        value: NDArray[np.generic] = tf.make_ndarray(node.attr["value"].tensor)
        return value

    def columns(self) -> Callable[[str], int | None]:
        """From the name of a tensor to its columns, if it is known to be a matrix."""
        import tensorflow as tf

        scope = tf.Graph()
        with scope.as_default():
            tf.import_graph_def(self.to_proto(), name="")

        def count(name: str) -> int | None:
            shape = scope.get_tensor_by_name(name).shape
            known: int | None = shape[1] if shape.rank == 2 else None
            return known

        return count

    def to_proto(self) -> Any:
        """A `GraphDef`."""
        from tensorflow.core.framework import graph_pb2

        graph = graph_pb2.GraphDef()
        graph.versions.CopyFrom(self.versions)
        graph.node.extend(self.nodes.values())
        return graph


def working_graph(graph: Any, output: str) -> Graph:
    """What `output` needs of a `GraphDef` without functions.

    Args:
        graph: The `GraphDef`.
        output: The tensor that is wanted.

    Raises:
        ConversionError: If nodes are missing, named twice, or run in circles.
    """
    names = Counter(node.name for node in graph.node)
    if twice := [name for name, count in names.items() if count > 1]:
        raise ConversionError(
            f"The nodes of a graph must have names of their own. Received: "
            f"{twice[0]!r} {names[twice[0]]} times"
        )
    return _ordered(graph.node, output, graph.versions)


def constant_node(name: str, value: NDArray[Any]) -> Any:
    """A `Const` of the type of `value`."""
    import tensorflow as tf
    from tensorflow.core.framework import node_def_pb2

    node = node_def_pb2.NodeDef(name=name, op="Const")
    node.attr["dtype"].type = tf.as_dtype(value.dtype).as_datatype_enum
    node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(value, shape=value.shape))
    return node


def origin(name: str) -> str:
    """The node that an input of another node names."""
    return name.lstrip("^").partition(":")[0]


def tensor(name: str) -> str:
    """The one way to write a tensor: `node:0` rather than `node`."""
    return name if name.startswith("^") or ":" in name else f"{name}:0"


def _ordered(nodes: Iterable[Any], output: str, versions: Any) -> Graph:
    """Depth first from the output: what is not reached is gone."""
    every = {node.name: node for node in nodes}
    done: dict[str, Any] = {}
    waiting: list[tuple[str, bool]] = [(origin(output), False)]
    open_nodes: set[str] = set()
    while waiting:
        name, ready = waiting.pop()
        if name in done:
            continue
        if ready:
            open_nodes.discard(name)
            done[name] = every[name]
            continue
        if name not in every:
            raise ConversionError(
                f"Every node that a graph names must be in it. Received: {name!r}, "
                "which is not"
            )
        if name in open_nodes:
            raise ConversionError(
                f"A graph must not run in circles: a loop cannot be converted. "
                f"Received: {name!r}, which needs itself"
            )
        open_nodes.add(name)
        waiting.append((name, True))
        inputs = [origin(item) for item in reversed(every[name].input)]
        waiting += [(item, False) for item in inputs if item not in done]
    return Graph(nodes=done, output=tensor(output), versions=versions)
