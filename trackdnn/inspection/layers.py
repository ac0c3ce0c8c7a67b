"""Layers of a graph: matrices in order, what follows each, and sums of branches."""

from __future__ import annotations

import dataclasses
import math
from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trackdnn.inspection.wiring import Node, Wiring

# Operations whose second (or any) constant is a matrix of weights.
PRODUCTS = (
    *("MatMul", "BatchMatMul", "BatchMatMulV2", "BatchMatMulV3", "Einsum", "Gemm"),
    *("Conv", "Conv1D", "Conv2D", "Conv3D", "DepthwiseConv2dNative"),
    *("MatMulInteger", "QLinearMatMul", "ConvInteger", "QLinearConv"),
)
_ADDITIONS = ("Add", "AddV2", "AddN", "Sum", "BiasAdd")
_SUMS = ("Add", "AddV2", "AddN")
_ACTIVATIONS = {
    **{name: name.lower() for name in ("Relu", "Relu6", "Elu", "Selu", "Celu")},
    **{name: name.lower() for name in ("Tanh", "Softmax", "Softplus", "Softsign")},
    **{name: name.lower() for name in ("Gelu", "Swish", "Mish", "HardSwish")},
    **{"LeakyRelu": "leaky_relu", "PRelu": "prelu", "LogSoftmax": "log_softmax"},
    **{"HardSigmoid": "hard_sigmoid"},
    **{"ThresholdedRelu": "thresholded_relu", "Erf": "gelu", "Erfc": "gelu"},
}
# How far behind a matrix its activation may stand: a normalisation lies between.
_REACH = 120
# How far apart x, its sigmoid and their product may stand.
_NEAR = 4


@dataclasses.dataclass(frozen=True)
class Layer:
    """One matrix, or another block of weights.

    Args:
        name: Name of its node.
        operation: The operation it takes part in.
        source: The constant that holds the weights.
        shape: Of the weights; `(inputs, outputs)` for a matrix.
        bias: Numbers that are added to what it gives.
        activation: The first activation behind it, empty if there is none.
    """

    name: str
    operation: str
    source: str
    shape: tuple[int, ...]
    bias: int
    activation: str

    @property
    def parameters(self) -> int:
        """Numbers in matrix and bias."""
        return math.prod(self.shape) + self.bias

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {**dataclasses.asdict(self), "shape": list(self.shape)}


def find_layers(wiring: Wiring) -> tuple[Layer, ...]:
    """The layers of a graph, each behind those that it depends on."""
    found = []
    for node in wiring.ordered:
        source = weights_of(wiring, node)
        if source is None:
            continue
        shape = wiring.constants[source].shape
        shape = shape[::-1] if node.transposed else shape
        found.append(
            Layer(
                name=node.name,
                operation=node.operation,
                source=source,
                shape=tuple(shape),
                bias=_bias(wiring, node, shape[-1]),
                activation=_activation(wiring, node),
            )
        )
    return tuple(found)


def count_sums(wiring: Wiring) -> int:
    """How many additions join two branches, as residual connections do.

    The two sides must come from different layers or inputs: what a normalisation adds
    up comes from the same one, and a bias from none.
    """
    nearest: dict[str, frozenset[str]] = {
        name: frozenset([name]) for name in wiring.inputs
    }
    sums = 0
    for node in wiring.ordered:
        sides = [_nearest(wiring, nearest, tensor) for tensor in node.inputs]
        own = frozenset().union(*sides)
        joins = node.operation in _SUMS and len({side for side in sides if side}) > 1
        sums += joins
        if own and (joins or weights_of(wiring, node) is not None):
            own = frozenset([node.name or node.outputs[0]])
        nearest.update(dict.fromkeys(node.outputs, own))
    return sums


def describe(layers: tuple[Layer, ...], sums: int) -> str:
    """Layers on one line: `54 -> 256 elu -> 1 sigmoid; 5 sums of branches`."""
    if not layers:
        return "none with weights"
    words: list[str] = []
    width: int | None = None
    for layer in layers:
        if len(layer.shape) != 2:
            words.append(f"{layer.operation} {'x'.join(map(str, layer.shape))}")
            width = layer.shape[-1]
            continue
        if layer.shape[0] != width:
            words.append(f"{'| ' if words else ''}{layer.shape[0]}")
        words.append(f"{layer.shape[1]} {layer.activation}".strip())
        width = layer.shape[1]
    text = " -> ".join(words).replace("-> | ", "| ")
    joined = f"; {sums} sum{'s' * (sums != 1)} of branches" if sums else ""
    return text + joined


def weights_of(wiring: Wiring, node: Node) -> str | None:
    """The largest constant with two axes or more that takes part in a product.

    A matrix of one value is none: it adds up columns, as one-hot codes do.
    """
    if node.operation not in PRODUCTS:
        return None
    found = [wiring.source(tensor) for tensor in node.inputs]
    matrices = [
        source
        for source in found
        if source is not None
        and (value := wiring.constants[source]).ndim >= 2
        and (value != value.flat[:1]).any()
    ]
    return max(matrices, key=lambda one: wiring.constants[one].size, default=None)


def _bias(wiring: Wiring, node: Node, width: int) -> int:
    if node.operation in ("Gemm", "Conv") and len(node.inputs) > 2:
        value = wiring.constant(node.inputs[2])
        return 0 if value is None else int(value.size)
    for behind in wiring.takers(node.outputs[0]):
        for tensor in behind.inputs if behind.operation in _ADDITIONS else ():
            value = wiring.constant(tensor)
            if value is not None and value.size == width:
                return int(value.size)
    return 0


def _activation(wiring: Wiring, node: Node) -> str:
    """The first activation behind a layer, before the next one."""
    waiting = deque(node.outputs)
    seen: set[str] = set()
    while waiting and len(seen) < _REACH:
        tensor = waiting.popleft()
        for behind in wiring.takers(tensor):
            mark = behind.outputs[0] if behind.outputs else behind.name
            if mark in seen or behind.operation in PRODUCTS:
                continue
            seen.add(mark)
            if _is_logistic(wiring, behind):
                return _logistic(wiring, behind)
            if behind.operation in _ACTIVATIONS:
                return _ACTIVATIONS[behind.operation]
            waiting.extend(behind.outputs)
    return ""


def _is_logistic(wiring: Wiring, node: Node) -> bool:
    """Whether a node is 1 / (1 + exp(-x)), or the exp(-x) of one written out."""
    if node.operation != "Exp":
        return node.operation == "Sigmoid"
    before = wiring.maker(node.inputs[0])
    return before is not None and before.operation == "Neg"


def _logistic(wiring: Wiring, node: Node) -> str:
    """`swish` if what comes of x is multiplied with x itself, else `sigmoid`."""
    x, behind = set(node.inputs), list(node.outputs)
    for _ in range(_NEAR):
        makers = [wiring.maker(tensor) for tensor in x]
        found = {tensor for one in makers if one for tensor in one.inputs}
        x |= {tensor for tensor in found if wiring.source(tensor) is None}
    for _ in range(_NEAR):
        takers = [taker for tensor in behind for taker in wiring.takers(tensor)]
        for one in takers:
            other = set(one.inputs) - set(behind)
            if one.operation in ("Mul", "Div") and not x.isdisjoint(other):
                return "swish"
        behind = [tensor for one in takers for tensor in one.outputs]
    return "sigmoid"


def _nearest(
    wiring: Wiring, nearest: dict[str, frozenset[str]], tensor: str
) -> frozenset[str]:
    """The layers and inputs that a tensor comes from, the next ones alone."""
    if tensor in nearest:
        return nearest[tensor]
    maker = wiring.maker(tensor)
    return nearest.get(maker.outputs[0], frozenset()) if maker else frozenset()
