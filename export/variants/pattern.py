"""Patterns of nodes, written as the formula that they compute.

    ("Mul", "x", ("Sigmoid", "x"))

is a product of any tensor, called x, with its own sigmoid. In a pattern

- a text is any tensor; the same text twice is the same tensor;
- a number is a constant of one element with this value;
- a tuple is an operator and what it takes. Sums and products match in either order.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from export.variants.graph import Graph

Pattern = str | float | tuple[Any, ...]
Found = dict[str, str]

_EITHER_WAY = ("Add", "Mul", "Max", "Min")
# The axes of a reduction became an input in opset 18: they are looked at by themselves.
_OPEN = ("ReduceMean",)


def match(graph: Graph, name: str, pattern: Pattern) -> Found | None:
    """Which tensor each text of a pattern is, or `None` if a tensor is not of it.

    Args:
        graph: Where to look.
        name: The tensor that the whole pattern makes.
        pattern: What to look for.
    """
    return next(_matches(graph, name, pattern, {}), None)


def _matches(
    graph: Graph, name: str, pattern: Pattern, found: Found
) -> Iterator[Found]:
    if isinstance(pattern, str):
        if found.get(pattern, name) == name:
            yield {**found, pattern: name}
        return
    if not isinstance(pattern, tuple):
        value = graph.constants.get(name)
        if value is not None and value.size == 1 and value.item() == pattern:
            yield found
        return
    node, (kind, *parts) = graph.maker(name), pattern
    if node is None or node.op_type != kind or node.domain:
        return
    names = list(node.input)[: len(parts) if kind in _OPEN else None]
    if len(names) != len(parts):
        return
    orders = [names, names[::-1]] if kind in _EITHER_WAY else [names]
    for order in orders:
        yield from _all(graph, list(zip(order, parts, strict=True)), found)


def _all(
    graph: Graph, pairs: list[tuple[str, Pattern]], found: Found
) -> Iterator[Found]:
    if not pairs:
        yield found
        return
    (name, pattern), *rest = pairs
    for one in _matches(graph, name, pattern, found):
        yield from _all(graph, rest, one)
