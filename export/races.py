"""Nodes of ONNX graphs that give other numbers with two threads than with one.

ONNX Runtime's `ScatterND` with a reduction splits the updates over its threads, and two
that add to one place at once lose a term, without an error (1.17 and 1.31 do;
microsoft/onnxruntime issue 18048). Nothing here imports ONNX or a runtime.

Source of the numbers of the fields: onnx.proto, onnx/onnx.
"""

from __future__ import annotations

from collections.abc import Iterator

from export.errors import UnsafeGraphError
from export.wire import Message, WireError

_GRAPH, _NODES, _FUNCTIONS, _BODY = 7, 1, 25, 7
_NAME, _OPERATOR, _ATTRIBUTES = 3, 4, 5
_KEY, _TEXT, _GRAPHS = 1, 4, (6, 11)
_NONE = ("", "none")


def racing_nodes(content: bytes) -> list[str]:
    """The nodes whose result depends on the threads, as `ScatterND(add) 'name'`.

    Args:
        content: An ONNX `ModelProto`.

    Raises:
        UnsafeGraphError: If it is none.
    """
    try:
        return [_told(node) for node in _nodes(Message(content)) if _reduction(node)]
    except WireError as error:
        raise UnsafeGraphError(
            f"A network must be an ONNX file. Received: {error}"
        ) from error


def safe_threads(content: bytes, threads: int) -> int:
    """How many threads may run a graph: as many as asked for, or 1 where they race.

    Args:
        content: An ONNX `ModelProto`.
        threads: How many are asked for.

    Raises:
        UnsafeGraphError: As `racing_nodes`.
    """
    return 1 if threads != 1 and racing_nodes(content) else threads


def _nodes(model: Message) -> Iterator[Message]:
    waiting = model.children(_GRAPH)
    for function in model.children(_FUNCTIONS):
        yield from _inside(function.children(_BODY), waiting)
    while waiting:
        yield from _inside(waiting.pop().children(_NODES), waiting)


def _inside(nodes: list[Message], waiting: list[Message]) -> Iterator[Message]:
    """Nodes, whose own graphs wait for their turn."""
    for node in nodes:
        for attribute in node.children(_ATTRIBUTES):
            for number in _GRAPHS:
                waiting += attribute.children(number)
        yield node


def _reduction(node: Message) -> str:
    """How a `ScatterND` reduces; empty where nothing does."""
    if node.text(_OPERATOR) != "ScatterND":
        return ""
    kinds = [
        attribute.text(_TEXT)
        for attribute in node.children(_ATTRIBUTES)
        if attribute.text(_KEY) == "reduction"
    ]
    return next((kind for kind in kinds if kind not in _NONE), "")


def _told(node: Message) -> str:
    return f"ScatterND({_reduction(node)}) {node.text(_NAME)!r}"
