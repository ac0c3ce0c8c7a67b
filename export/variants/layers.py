"""The products that may be stored or computed in fewer bits: those between others.

The first product takes the inputs, whose columns are of very different kinds, and the
last one makes the score, in which the working points are cuts: both stay float32, as
does all that comes before and after. Together they hold few of the weights.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from export.errors import ConversionError
from export.variants.graph import products

if TYPE_CHECKING:
    from export.variants.graph import Graph


def inner_products(graph: Graph) -> list[Any]:
    """Products of rows with a constant matrix, with other products before and after.

    Raises:
        ConversionError: If there are none.
    """
    found = products(graph)
    own = {node.output[0] for node in found}
    nodes = graph.ordered()
    behind: set[str] = set()
    for node in nodes:
        if any(name in behind or name in own for name in node.input):
            behind.update(node.output)
    before: set[str] = set()
    for node in reversed(nodes):
        if any(name in before or name in own for name in node.output):
            before.update(node.input)
    inner = [
        node
        for node in found
        if node.output[0] in before and node.input[0] in behind | own
    ]
    if not inner:
        raise ConversionError(
            "A network must have at least three layers, so that one between the first "
            f"and the last can be stored in fewer bits. Received: {len(found)} layers"
        )
    return inner
