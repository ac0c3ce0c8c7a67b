"""The structure of a frozen TensorFlow graph, ours or foreign.

Reading and running a graph is running a program: do it with files you trust.
"""

from __future__ import annotations

import dataclasses
import functools
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from export.errors import UnsafeGraphError
from export.safety import read_graph
from trackdnn.errors import BadFileError
from trackdnn.inspection.wiring import Node, Wiring

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_SILENT = ("Const", "NoOp", "Placeholder")


@dataclasses.dataclass(frozen=True)
class Definition:
    """A `GraphDef` with the questions `inspect` has for it.

    Args:
        graph: The `GraphDef`.
    """

    graph: Any

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

    @functools.cached_property
    def wiring(self) -> Wiring:
        """Nodes and constants; what `inspect` asks of any format."""
        import tensorflow as tf

        nodes = self.graph.node
        return Wiring(
            nodes=tuple(_node(node) for node in nodes if node.op not in _SILENT),
            inputs=tuple(self.placeholders),
            constants={
                node.name: tf.make_ndarray(node.attr["value"].tensor)
                for node in nodes
                if node.op == "Const"
            },
            silent=Counter(node.op for node in nodes if node.op in _SILENT),
        )


def _node(node: Any) -> Node:
    # One of the two attributes, by operation; asking for one would add it.
    transposed = any(
        key in node.attr and node.attr[key].b for key in ("transpose_b", "adj_y")
    )
    inputs = tuple(name for name in node.input if not name.startswith("^"))
    return Node(node.name, node.op, inputs, (node.name,), transposed)


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
    check_constants(path, graph)
    return Definition(graph)


def check_constants(path: Path, graph: Any) -> None:
    """Raise unless each constant holds the numbers that its shape asks for.

    That it has the type of its node is among the rules of `export.graph_rules`.

    Args:
        path: Where the graph lies.
        graph: A GraphDef.

    Raises:
        BadFileError: With the constant.
    """
    inside = (node for item in graph.library.function for node in item.node_def)
    for node in (*graph.node, *inside):
        fault = _fault_of_constant(node) if node.op == "Const" else None
        if fault:
            raise BadFileError(
                f"{path} must hold constants of their shape. Received: "
                f"{fault} (node {node.name!a})"
            )


def _fault_of_constant(node: Any) -> str | None:
    import tensorflow as tf

    try:
        tf.make_ndarray(node.attr["value"].tensor)
    except Exception as error:
        return (str(error).strip().splitlines() or ["no details"])[0][:160]
    return None


def origin(name: str) -> str:
    """The node that an input of another node names."""
    return name.lstrip("^").split(":")[0]


class Session:
    """Runs a graph in TensorFlow.

    Args:
        definition: The graph.
    """

    def __init__(self, definition: Definition) -> None:
        import tensorflow as tf

        graph = tf.Graph()
        with graph.as_default():
            tf.import_graph_def(definition.graph, name="")
        self._session = tf.compat.v1.Session(graph=graph)

    def fetch(
        self, tensors: Sequence[str], feed: Mapping[str, NDArray[Any]]
    ) -> list[NDArray[Any]]:
        """Values of tensors, named as in the wiring of the graph."""
        inputs = {_port(name): value for name, value in feed.items()}
        values: list[NDArray[Any]] = self._session.run(
            [_port(name) for name in tensors], inputs
        )
        return values


def _port(tensor: str) -> str:
    return tensor if ":" in tensor else f"{tensor}:0"
