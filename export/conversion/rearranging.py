"""Operations that move numbers, sum them or change their type, by NumPy alone.

Each is a function from the `NodeDef` and the values of its inputs to its only output.
They follow TensorFlow's documentation of the operation of that name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
_FLOATS = ("float16", "bfloat16", "float32", "float64")


def _matmul(node: Any, a: Array, b: Array) -> Array:
    left = a.T if node.attr["transpose_a"].b else a
    right = b.T if node.attr["transpose_b"].b else b
    return np.asarray(left @ right)


def _cast(node: Any, value: Array) -> Array:
    import tensorflow as tf

    kind = tf.as_dtype(node.attr["DstT"].type)
    if kind.name in _FLOATS:
        return value.astype(np.float64)
    if value.dtype.kind != "f" or kind == tf.bool:
        return value.astype(kind.as_numpy_dtype)
    # What an x86 processor makes of NaN and of what is too large: the least integer.
    bounds = np.iinfo(kind.as_numpy_dtype)
    inside = (value > bounds.min - 1.0) & (value < bounds.max + 1.0)
    whole = np.trunc(np.where(inside, value, 0))
    return np.where(inside, whole, bounds.min).astype(kind.as_numpy_dtype)


def _one_hot(node: Any, indices: Array, depth: Array, on: Array, off: Array) -> Array:
    axis = node.attr["axis"].i if "axis" in node.attr else -1
    codes = np.where(indices[..., None] == np.arange(int(depth)), on, off)
    return codes if axis == -1 else np.moveaxis(codes, -1, axis)


def _strided_slice(
    node: Any, value: Array, begin: Array, end: Array, strides: Array
) -> Array:
    """One index per entry of `begin`; bits of the masks change what it means."""
    masks = {
        name: node.attr[f"{name}_mask"].i
        for name in ("begin", "end", "ellipsis", "new_axis", "shrink_axis")
    }
    index: list[Any] = []
    for place in range(len(begin)):
        bit = 1 << place
        if masks["ellipsis"] & bit:
            index.append(Ellipsis)
        elif masks["new_axis"] & bit:
            index.append(None)
        elif masks["shrink_axis"] & bit:
            index.append(int(begin[place]))
        else:
            first = None if masks["begin"] & bit else int(begin[place])
            last = None if masks["end"] & bit else int(end[place])
            index.append(slice(first, last, int(strides[place])))
    return np.asarray(value[tuple(index)])


def _concat(_: Any, *values: Array) -> Array:
    return np.concatenate(values[:-1], axis=int(values[-1]))


def _reshape(_: Any, value: Array, shape: Array) -> Array:
    wanted = [int(size) for size in shape]
    if -1 in wanted and value.size == 0:
        known = int(np.prod([size for size in wanted if size != -1]))
        wanted[wanted.index(-1)] = 0 if known else -1
    return np.reshape(value, wanted)


def _reduce(function: Callable[..., Any]) -> Callable[..., Array]:
    def reduce(node: Any, value: Array, axes: Array) -> Array:
        places = tuple(int(axis) for axis in np.atleast_1d(axes))
        return np.asarray(function(value, places, keepdims=node.attr["keep_dims"].b))

    return reduce


def _softmax(_: Any, value: Array) -> Array:
    power = np.exp(value - value.max(axis=-1, keepdims=True))
    return np.asarray(power / power.sum(axis=-1, keepdims=True))


def _leaky_relu(node: Any, value: Array) -> Array:
    slope = node.attr["alpha"].f if "alpha" in node.attr else 0.2
    return np.where(value < 0, value * slope, value)


def _squeeze(node: Any, value: Array) -> Array:
    axes = tuple(node.attr["squeeze_dims"].list.i)
    return np.squeeze(value, axis=axes or None)


def _slice(_: Any, value: Array, begin: Array, size: Array) -> Array:
    spans = [
        slice(int(b), None if s == -1 else int(b) + int(s))
        for b, s in zip(begin, size, strict=True)
    ]
    return value[tuple(spans)]


OPERATIONS: Mapping[str, Callable[..., Array]] = {
    "MatMul": _matmul,
    "Cast": _cast,
    "OneHot": _one_hot,
    "StridedSlice": _strided_slice,
    "Slice": _slice,
    "ConcatV2": _concat,
    "Reshape": _reshape,
    "Sum": _reduce(np.sum),
    "Mean": _reduce(np.mean),
    "Max": _reduce(np.max),
    "Min": _reduce(np.min),
    "Prod": _reduce(np.prod),
    "Softmax": _softmax,
    "LeakyRelu": _leaky_relu,
    "Squeeze": _squeeze,
    "ExpandDims": lambda _, value, axis: np.expand_dims(value, int(axis)),
    "Pack": lambda node, *values: np.stack(values, axis=node.attr["axis"].i),
    "Shape": lambda _, value: np.array(value.shape, np.int32),
    "Fill": lambda _, shape, value: np.full(shape, value),
    "Tile": lambda _, value, times: np.tile(value, times),
    "Transpose": lambda _, value, order: np.transpose(value, order),
    "GatherV2": lambda _, value, at, axis: np.take(value, at, axis=int(axis)),
    "BroadcastTo": lambda _, value, shape: np.broadcast_to(value, shape),
}
