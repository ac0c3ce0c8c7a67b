"""What a TensorFlow graph may hold, checked on its bytes, before TensorFlow sees it.

- Operations that compute (`export.operations`): no files, no connections, no Python.
- In a SavedModel, operations that save and restore it too, but only where nothing that
  is called leads to them: neither a signature, nor what loading runs.
- No assets: files that a graph opens while it is loaded.
- Constants of the type that their node names: TensorFlow ends the process otherwise.
- Bounds on nodes, functions, how deep these call each other, and declared sizes.

Source of the numbers of the fields: graph.proto, function.proto, attr_value.proto,
meta_graph.proto and saved_object_graph.proto, tensorflow/tensorflow.
"""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

from export.errors import UnsafeGraphError
from export.operations import COMPUTING, SAVING, VARIABLES

if TYPE_CHECKING:
    from export.wire import Message

MAX_NODES = 100_000
MAX_FUNCTIONS = 1_000
MAX_CALLS = 32
MAX_ELEMENTS = 1 << 28
MAX_RANK = 32

# SavedModel, MetaGraphDef, GraphDef, FunctionDef, NodeDef, AttrValue.
_METAS = 2
_GRAPH, _COLLECTIONS, _SIGNATURES, _ASSETS, _OBJECTS = 2, 4, 5, 6, 7
_NODES, _LIBRARY = 1, 2
_HEAD, _BODY = 1, 3
_NAME, _OPERATION, _INPUTS, _ATTRIBUTES = 1, 2, 3, 5
_LIST, _TENSOR, _FUNCTION = 1, 8, 10
_TENSORS_OF_LIST, _FUNCTIONS_OF_LIST = 8, 9
_TYPE, _TYPE_OF_TENSOR = 6, 1


@dataclasses.dataclass(frozen=True)
class _Node:
    """What the rules ask of a node: its name, operations, inputs and callees."""

    name: str
    operations: tuple[str, ...]
    inputs: tuple[str, ...]
    called: tuple[str, ...]


def check_graph(graph: Message) -> int:
    """Raise unless a `GraphDef` keeps the rules of this module.

    Returns:
        Number of its nodes, those of its functions included.

    Raises:
        UnsafeGraphError: With the rule and what breaks it; the file is not named.
    """
    return _Graph(graph).check(COMPUTING)


def check_saved_model(saved: Message) -> int:
    """Raise unless each graph of a `SavedModel` keeps the rules of this module.

    Returns:
        Number of nodes, those of functions included.

    Raises:
        UnsafeGraphError: As `check_graph`.
    """
    total = 0
    for meta in saved.children(_METAS):
        if meta.has(_ASSETS):
            names = [asset.text(2) for asset in meta.children(_ASSETS)]
            raise UnsafeGraphError(
                f"must not refer to assets, which are files. Received: {names[:3]!a}"
            )
        for part in meta.children(_GRAPH):
            graph = _Graph(part)
            total += graph.check(COMPUTING | VARIABLES | SAVING)
            graph.check_reached(*_starts(meta))
    return total


def _starts(meta: Message) -> tuple[list[str], list[str]]:
    """The nodes and the functions from which a SavedModel can be run."""
    tensors = [
        tensor.text(1)
        for entry in meta.children(_SIGNATURES)
        for signature in entry.children(2)
        for pair in signature.children(2)
        for tensor in pair.children(2)
    ]
    tensors += [
        text
        for entry in meta.children(_COLLECTIONS)
        for collection in entry.children(2)
        for names in collection.children(1)
        for text in names.texts(1)
    ]
    functions = [
        entry.text(1)
        for objects in meta.children(_OBJECTS)
        for entry in objects.children(2)
    ]
    return [_origin(name) for name in tensors], functions


class _Graph:
    """The nodes of a `GraphDef` and of its functions.

    Args:
        graph: The message.
    """

    def __init__(self, graph: Message) -> None:
        parts = [
            (head.text(1), function)
            for library in graph.children(_LIBRARY)
            for function in library.children(1)
            for head in function.children(_HEAD)
        ]
        if len(parts) > MAX_FUNCTIONS:
            raise UnsafeGraphError(
                f"must have at most {MAX_FUNCTIONS:,} functions. "
                f"Received: {len(parts):,}"
            )
        self._count = len(graph.raw(_NODES)) + sum(
            len(function.raw(_BODY)) for _, function in parts
        )
        if self._count > MAX_NODES:
            raise UnsafeGraphError(
                f"must have at most {MAX_NODES:,} nodes. Received: {self._count:,}"
            )
        self._nodes = [_node(item) for item in graph.children(_NODES)]
        self._functions: dict[str, list[_Node]] = {}
        for name, function in parts:
            nodes = [_node(item) for item in function.children(_BODY)]
            self._functions.setdefault(name, []).extend(nodes)

    def check(self, allowed: frozenset[str]) -> int:
        """Raise unless all operations are allowed and calls end; counts the nodes."""
        known = allowed | self._functions.keys()
        for node in (*self._nodes, *self._inside(self._functions)):
            for operation in node.operations:
                if operation not in known:
                    raise UnsafeGraphError(
                        "must hold operations that compute, and no others. Received: "
                        f"{operation!a} (node {node.name!a})"
                    )
        self._check_calls()
        return self._count

    def check_reached(self, nodes: list[str], functions: list[str]) -> None:
        """Raise if what can be run from here saves or restores files."""
        reached = self._upstream(nodes)
        names = {*functions, *(name for node in reached for name in self._calls(node))}
        for node in (*reached, *self._inside(self._closure(names))):
            for operation in node.operations:
                if operation in SAVING:
                    raise UnsafeGraphError(
                        "must not touch files when it is called. Received: "
                        f"{operation!a} (node {node.name!a}) behind a signature"
                    )

    def _inside(self, names: set[str] | dict[str, list[_Node]]) -> list[_Node]:
        return [node for name in names for node in self._functions.get(name, ())]

    def _upstream(self, names: list[str]) -> list[_Node]:
        by_name: dict[str, list[_Node]] = {}
        for node in self._nodes:
            by_name.setdefault(node.name, []).append(node)
        seen, waiting, found = set(names), list(names), []
        while waiting:
            for node in by_name.get(waiting.pop(), ()):
                found.append(node)
                new = {_origin(name) for name in node.inputs} - seen
                seen |= new
                waiting.extend(new)
        return found

    def _calls(self, node: _Node) -> list[str]:
        called = (*node.operations, *node.called)
        return [name for name in called if name in self._functions]

    def _closure(self, names: set[str]) -> set[str]:
        seen, waiting = set(names), list(names)
        while waiting:
            nodes = self._functions.get(waiting.pop(), ())
            new = {name for node in nodes for name in self._calls(node)} - seen
            seen |= new
            waiting.extend(new)
        return seen

    def _check_calls(self) -> None:
        """Functions in rounds: each round takes those that call only earlier ones."""
        left = {
            name: {called for node in nodes for called in self._calls(node)}
            for name, nodes in self._functions.items()
        }
        for _ in range(MAX_CALLS):
            done = {name for name, called in left.items() if not called & left.keys()}
            left = {name: called for name, called in left.items() if name not in done}
        if left:
            raise UnsafeGraphError(
                f"must have functions that call at most {MAX_CALLS} deep, never "
                f"themselves. Received: {min(left)!a}"
            )


def _node(message: Message) -> _Node:
    values = [
        value for entry in message.children(_ATTRIBUTES) for value in entry.children(2)
    ]
    operations = tuple(message.texts(_OPERATION)) or ("",)
    if "Const" in operations:
        _check_type(message.text(_NAME), values)
    return _Node(
        name=message.text(_NAME),
        operations=operations,
        inputs=tuple(message.texts(_INPUTS)),
        called=tuple(_called(values)),
    )


def _called(values: list[Message]) -> list[str]:
    """The functions that attributes name, after the tensors in them were checked."""
    found, waiting = [], list(values)
    while waiting:
        value = waiting.pop()
        lists = value.children(_LIST)
        tensors = [t for part in lists for t in part.children(_TENSORS_OF_LIST)]
        for tensor in (*value.children(_TENSOR), *tensors):
            _check_tensor(tensor)
        names = [f for part in lists for f in part.children(_FUNCTIONS_OF_LIST)]
        for function in (*value.children(_FUNCTION), *names):
            found += function.texts(1)
            for entry in function.children(2):
                waiting += entry.children(2)
    return found


def _check_type(name: str, values: list[Message]) -> None:
    """The only type among the attributes of a constant is its `dtype`."""
    tensors = [tensor for value in values for tensor in value.children(_TENSOR)]
    inside = {kind for tensor in tensors for kind in tensor.numbers(_TYPE_OF_TENSOR)}
    named = {kind for value in values for kind in value.numbers(_TYPE)}
    if tensors and inside != named:
        raise UnsafeGraphError(
            "must hold constants of the type that their node names. "
            f"Received: {sorted(inside)} in place of {sorted(named)} (node {name!a})"
        )


def _check_tensor(tensor: Message) -> None:
    for shape in tensor.children(2):
        sizes = [(axis.numbers(1) or [0])[-1] for axis in shape.children(2)]
        few = len(sizes) <= MAX_RANK and all(size >= 0 for size in sizes)
        if not few or math.prod(sizes) > MAX_ELEMENTS:
            raise UnsafeGraphError(
                f"must have constants of at most {MAX_ELEMENTS:,} numbers. "
                f"Received: one of shape {sizes[:8]}"
            )


def _origin(name: str) -> str:
    """The node that an input of another node names."""
    return name.lstrip("^").split(":")[0]
