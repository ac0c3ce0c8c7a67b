"""What an ONNX file may hold, checked on its bytes, before a runtime sees it.

- Weights inside: a tensor in another file would be read from wherever its name leads.
- Operators of ONNX itself: those of another domain are code that a runtime was given.
- No functions of its own and no training: nothing that serves a network needs them.
- Bounds on nodes, nesting and declared sizes, which a few bytes can make as large as
  they like.

Source of the numbers of the fields: onnx.proto, onnx/onnx.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from export.errors import UnsafeGraphError

if TYPE_CHECKING:
    from export.wire import Message

MAX_NODES = 100_000
MAX_DEPTH = 8
MAX_ELEMENTS = 1 << 28
MAX_RANK = 32

DOMAINS = ("", "ai.onnx")
# Imported by what tf2onnx writes, and used by none of its nodes.
_IMPORTS = (*DOMAINS, "ai.onnx.ml")

_GRAPH, _OPSETS, _TRAINING, _FUNCTIONS = 7, 8, 20, 25
_NODES, _INITIALIZERS, _SPARSE_INITIALIZERS = 1, 5, 15
_OPERATOR, _ATTRIBUTES, _DOMAIN = 4, 5, 7
_TENSORS, _SPARSE_TENSORS, _GRAPHS = (5, 10), (22, 23), (6, 11)
_DIMS, _NAME, _EXTERNAL, _LOCATION = 1, 8, 13, 14


def check_model(model: Message) -> int:
    """Raise unless a `ModelProto` keeps the rules of this module.

    Returns:
        Number of its nodes, those of nested graphs included.

    Raises:
        UnsafeGraphError: With the rule and what breaks it; the file is not named.
    """
    _check_head(model)
    nodes = 0
    waiting = [(graph, 1) for graph in model.children(_GRAPH)]
    while waiting:
        graph, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise UnsafeGraphError(
                f"must nest graphs at most {MAX_DEPTH} deep. Received: more"
            )
        nodes += len(graph.raw(_NODES))
        if nodes > MAX_NODES:
            raise UnsafeGraphError(
                f"must have at most {MAX_NODES:,} nodes. Received: {nodes:,} or more"
            )
        for tensor in _tensors_of_graph(graph):
            _check_tensor(tensor)
        for node in graph.children(_NODES):
            waiting += [(inner, depth + 1) for inner in _check_node(node)]
    return nodes


def _check_head(model: Message) -> None:
    for item in model.children(_OPSETS):
        for domain in item.texts(1):
            if domain not in _IMPORTS:
                raise UnsafeGraphError(
                    "must import operators of ONNX alone. "
                    f"Received: the domain {domain!a}"
                )
    if model.has(_FUNCTIONS):
        names = [item.text(1) for item in model.children(_FUNCTIONS)]
        raise UnsafeGraphError(
            f"must not define functions of its own. Received: {names[:3]!a}. "
            "Inline them with onnx.inliner.inline_local_functions"
        )
    if model.has(_TRAINING):
        raise UnsafeGraphError("must not hold a training. Received: training_info")


def _check_node(node: Message) -> Iterator[Message]:
    """The graphs within a node, after its domain and its tensors were checked."""
    for domain in node.texts(_DOMAIN):
        if domain not in DOMAINS:
            raise UnsafeGraphError(
                "must use operators of ONNX alone. Received: "
                f"{node.text(_OPERATOR)!a} of the domain {domain!a}"
            )
    for attribute in node.children(_ATTRIBUTES):
        for number in _TENSORS:
            for tensor in attribute.children(number):
                _check_tensor(tensor)
        for number in _SPARSE_TENSORS:
            for sparse in attribute.children(number):
                _check_sparse(sparse)
        for number in _GRAPHS:
            yield from attribute.children(number)


def _tensors_of_graph(graph: Message) -> Iterator[Message]:
    yield from graph.children(_INITIALIZERS)
    for sparse in graph.children(_SPARSE_INITIALIZERS):
        yield from _check_sparse(sparse)


def _check_sparse(sparse: Message) -> list[Message]:
    """The two tensors of a sparse one, after all were checked."""
    parts = [*sparse.children(1), *sparse.children(2)]
    _check_size(sparse.numbers(3), "a sparse tensor")
    for tensor in parts:
        _check_tensor(tensor)
    return parts


def _check_tensor(tensor: Message) -> None:
    name = tensor.text(_NAME)
    if tensor.has(_EXTERNAL) or any(tensor.numbers(_LOCATION)):
        pairs = {item.text(1): item.text(2) for item in tensor.children(_EXTERNAL)}
        raise UnsafeGraphError(
            f"must hold its weights itself. Received: {name!a} in another file, "
            f"{pairs.get('location', '')!a}, which is not opened"
        )
    _check_size(tensor.numbers(_DIMS), repr(name))


def _check_size(dims: list[int], what: str) -> None:
    few = len(dims) <= MAX_RANK and all(axis >= 0 for axis in dims)
    if not few or math.prod(dims) > MAX_ELEMENTS:
        raise UnsafeGraphError(
            f"must have tensors of at most {MAX_ELEMENTS:,} numbers. "
            f"Received: {what} of shape {dims[:8]}"
        )
