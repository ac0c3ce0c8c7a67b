"""Products of integers: eight bits for what goes in, seven and a sign for no more.

A product x W + b becomes

    q = round(x / s) + z                    uint8, from QuantizeLinear or by hand
    y = (q - z) V                           int32, MatMulInteger
    y s S + b                               float32

with V = round(W / S) and one S per column of W. The weights use -63 to 63: processors
without VNNI add two products in 16 bits, which larger ones would overflow, and a
network must not give other scores on older machines.

| scales s, z           | from                             | a row depends on |
|-----------------------|----------------------------------|------------------|
| `int8_static`         | real tracks, beforehand          | itself           |
| `int8_dynamic`, rows  | the largest magnitude of the row | itself           |
| `int8_dynamic`, batch | the range of the whole batch     | all rows         |

All of them are operators of ONNX itself, as of opset 13.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from export.variants.calibration import find_ranges
from export.variants.graph import Graph
from export.variants.layers import inner_products

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from export.variants.calibration import Method

Scale = Literal["row", "batch"]
_STEPS = 63
# As ONNX numbers its types.
_FLOAT, _UINT8 = 1, 2
_AXES_AS_INPUT = 18


def int8_dynamic(proto: Any, *, scale: Scale = "row") -> Any:
    """A network whose inner products are of integers, scaled as rows come.

    Args:
        proto: An `onnx.ModelProto`; it stays as it is.
        scale: `row`, or `batch` with `DynamicQuantizeLinear`: fewer nodes, but the
            score of a track then depends on the tracks beside it.

    Returns:
        A new, checked `onnx.ModelProto`.

    Raises:
        ConversionError: If there is no inner layer.
    """
    graph = Graph(proto)
    quantize = _by_row if scale == "row" else _by_batch
    for node in inner_products(graph):
        _replace(graph, node, quantize)
    return graph.proto()


def int8_static(
    proto: Any,
    feed: Mapping[str, NDArray[np.float32]],
    *,
    method: Method = "percentile",
) -> Any:
    """A network whose inner products are of integers, scaled beforehand.

    Args:
        proto: An `onnx.ModelProto`; it stays as it is.
        feed: Real tracks, by the name of the input, to see which values occur.
        method: See `export.variants.calibration`.

    Returns:
        A new, checked `onnx.ModelProto`.

    Raises:
        ConversionError: If there is no inner layer.
    """
    graph = Graph(proto)
    inner = inner_products(graph)
    ranges = find_ranges(proto, [node.input[0] for node in inner], feed, method)
    for node in inner:
        scale, zero = _affine(*ranges[node.input[0]])
        _replace(graph, node, _beforehand(scale, zero))
    return graph.proto()


@dataclasses.dataclass(frozen=True)
class _Quantized:
    """Rows as integers: rows = scale (integers - zero) + offset.

    Args:
        integers: Uint8 tensor of shape `(batch, width)`.
        scale: Tensor of one number, or one per row.
        zero: The integer that stands for zero; empty if that is 0.
        offset: Tensor of one number per row; empty if there is none.
    """

    integers: str
    scale: str
    zero: str = ""
    offset: str = ""


def _replace(
    graph: Graph, node: Any, quantize: Callable[[Graph, str], _Quantized]
) -> None:
    weights = graph.constants[node.input[1]]
    largest = np.abs(weights).max(axis=0, initial=0.0)
    steps = np.where(largest > 0, largest / _STEPS, 1).astype(np.float32)
    integers = np.clip(np.rint(weights / steps), -_STEPS, _STEPS).astype(np.int8)
    rows, matrix = quantize(graph, node.input[0]), graph.constant(integers)
    pair = [rows.integers, matrix, *([rows.zero] if rows.zero else [])]
    value = graph.add("Cast", graph.add("MatMulInteger", *pair), to=_FLOAT)
    new = graph.add("Mul", value, _times(graph, rows.scale, steps))
    if rows.offset:
        sums = (integers.sum(axis=0, dtype=np.int64) * steps).astype(np.float32)
        whole = graph.add("Mul", rows.offset, graph.constant(sums))
        new = graph.add("Add", new, whole)
    if len(node.input) > 2:
        new = graph.add("Add", new, node.input[2])
    graph.replace(node.output[0], new)


def _times(graph: Graph, scale: str, steps: NDArray[np.float32]) -> str:
    known = graph.constants.get(scale)
    if known is not None:
        return graph.constant((known * steps).astype(np.float32))
    return graph.add("Mul", scale, graph.constant(steps))


def _by_batch(graph: Graph, rows: str) -> _Quantized:
    return _Quantized(*graph.add_many("DynamicQuantizeLinear", (rows,), 3))


def _by_row(graph: Graph, rows: str) -> _Quantized:
    low, high = (_reduced(graph, kind, rows) for kind in ("ReduceMin", "ReduceMax"))
    width = graph.add("Sub", high, low)
    step = graph.add("Mul", width, graph.constant(np.float32(1 / 255)))
    # A row of equal numbers has no scale of its own.
    scale = graph.add("Max", step, graph.constant(np.float32(1e-30)))
    ratio = graph.add("Div", graph.add("Sub", rows, low), scale)
    integers = graph.add("Cast", graph.add("Round", ratio), to=_UINT8)
    return _Quantized(integers, scale, offset=low)


def _reduced(graph: Graph, kind: str, rows: str) -> str:
    if graph.opset >= _AXES_AS_INPUT:
        axes = graph.constant(np.array([1], np.int64))
        return graph.add(kind, rows, axes, keepdims=1)
    return graph.add(kind, rows, axes=[1], keepdims=1)


def _beforehand(scale: float, zero: int) -> Callable[[Graph, str], _Quantized]:
    def quantize(graph: Graph, rows: str) -> _Quantized:
        step, middle = graph.constant(np.float32(scale)), graph.constant(np.uint8(zero))
        integers = graph.add("QuantizeLinear", rows, step, middle)
        return _Quantized(integers, step, middle)

    return quantize


def _affine(low: float, high: float) -> tuple[float, int]:
    """Scale and zero of 256 steps that reach from `low` to `high`, zero included."""
    low, high = min(low, 0.0), max(high, 0.0)
    scale = float(np.float32((high - low) / 255)) or 1.0
    return scale, int(np.clip(np.rint(-low / scale), 0, 255))
