"""The structure of a frozen TensorFlow graph, ours or foreign.

Reading and running a graph is running a program: do it with files you trust.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import TYPE_CHECKING, Any

from export.errors import UnsafeGraphError
from export.safety import read_graph
from trackdnn.errors import BadFileError

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

_PASSES_ON = ("Identity", "ReadVariableOp", "StopGradient", "Snapshot")
_WEIGHTED = ("MatMul", "BiasAdd", "Conv1D", "Conv2D", "BatchMatMulV2", "Einsum")
_SILENT = ("Const", "NoOp", "Placeholder")


@dataclasses.dataclass(frozen=True)
class Definition:
    """A `GraphDef` with the questions `inspect` has for it.

    Args:
        graph: The `GraphDef`.
    """

    graph: Any

    @property
    def operations(self) -> dict[str, int]:
        """How often each operation occurs, the most frequent first."""
        return dict(Counter(node.op for node in self.graph.node).most_common())

    @property
    def placeholders(self) -> dict[str, list[int]]:
        """Shape of each input; -1 for an axis of any length."""
        return {
            node.name: [axis.size for axis in node.attr["shape"].shape.dim]
            for node in self.graph.node
            if node.op == "Placeholder"
        }

    @property
    def outputs(self) -> list[str]:
        """Nodes that nothing else takes as input."""
        used = {origin(name) for node in self.graph.node for name in node.input}
        return [
            node.name
            for node in self.graph.node
            if node.name not in used and node.op not in _SILENT
        ]

    def constant(self, name: str) -> NDArray[Any] | None:
        """The value behind an input of a node, if it is a constant."""
        nodes = {node.name: node for node in self.graph.node}
        node = nodes.get(origin(name))
        while node is not None and node.op in _PASSES_ON:
            node = nodes.get(origin(node.input[0]))
        if node is None or node.op != "Const":
            return None
        import tensorflow as tf

        value: NDArray[Any] = tf.make_ndarray(node.attr["value"].tensor)
        return value

    def parameters(self) -> tuple[int, int]:
        """Numbers in matrices and biases, and in all constants of type float."""
        weights: dict[str, int] = {}
        for node in self.graph.node:
            for name in node.input if node.op in _WEIGHTED else ():
                value = self.constant(name)
                if value is not None and value.dtype.kind == "f":
                    weights[origin(name)] = value.size
        constants = [
            self.constant(node.name) for node in self.graph.node if node.op == "Const"
        ]
        total = sum(c.size for c in constants if c is not None and c.dtype.kind == "f")
        return sum(weights.values()), total


def read_definition(path: Path) -> Definition:
    """The graph in a binary `.pb` file.

    Raises:
        BadFileError: If the file is not a `GraphDef`, holds no inputs, or holds what no
            network needs.
    """
    import tensorflow as tf
    from google.protobuf.message import DecodeError

    try:
        graph = tf.compat.v1.GraphDef.FromString(read_graph(path))
    except UnsafeGraphError as error:
        raise BadFileError(str(error)) from error
    except DecodeError as error:
        raise BadFileError(
            f"{path} must be a frozen graph, a binary GraphDef. Received: {error}"
        ) from error
    if not any(node.op == "Placeholder" for node in graph.node):
        raise BadFileError(
            f"{path} must be a frozen graph with inputs. Received: "
            f"{len(graph.node)} nodes without a placeholder"
        )
    return Definition(graph)


def origin(name: str) -> str:
    """The node that an input of another node names."""
    return name.lstrip("^").split(":")[0]


class Session:
    """Runs a graph on features and category.

    Args:
        definition: The graph.
        features: Name of the placeholder of the features.
        category: Name of the placeholder of the category.
    """

    def __init__(self, definition: Definition, features: str, category: str) -> None:
        import tensorflow as tf

        graph = tf.Graph()
        with graph.as_default():
            tf.import_graph_def(definition.graph, name="")
        self._session = tf.compat.v1.Session(graph=graph)
        self._names = (f"{features}:0", f"{category}:0")

    def run(
        self,
        tensors: list[str],
        features: NDArray[np.float32],
        category: NDArray[np.float32],
    ) -> list[NDArray[Any]]:
        """Values of tensors, such as `Identity:0`."""
        feed = dict(zip(self._names, (features, category), strict=True))
        values: list[NDArray[Any]] = self._session.run(tensors, feed)
        return values
