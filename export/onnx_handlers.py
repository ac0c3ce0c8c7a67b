"""Handlers for the TensorFlow operations that tf2onnx 1.17 lacks or writes wrongly.

Without a handler tf2onnx writes the TensorFlow operation into the ONNX file, which no
runtime can then load. Importing this module registers them.

`log(1 + x)` loses every digit of a small `x`, and errors of etaErr or phiErr are
small; hence the compensated forms. With u = fl(1 + x), rounding moves 1 + x to u, and
log(u) / (u - 1) is as good at u as log1p(x) / x is at x:

    log1p(x) = x                      if u == 1
             = log(u) * x / (u - 1)   otherwise
    expm1(x) = x                      if u == 1, u = exp(x)
             = (u - 1) * x / log(u)   otherwise

Source: N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition,
section 1.14.1; both formulas by W. Kahan.
"""

from __future__ import annotations

from typing import Any

import numpy as np

# Its own handlers first: of two for one operation and opset the last one stays.
import tf2onnx.onnx_opset  # noqa: F401
from tf2onnx import utils
from tf2onnx.handler import tf_op


class _Writer:
    """Adds elementwise ONNX nodes of one type and shape to a tf2onnx graph."""

    def __init__(self, graph: Any, node: Any) -> None:
        self._graph, self._node = graph, node
        self._dtype = graph.get_dtype(node.output[0])
        self._shape = graph.get_shape(node.output[0])

    @property
    def argument(self) -> Any:
        return self._node.input[0]

    def constant(self, value: float) -> Any:
        dtype = utils.map_onnx_to_numpy_type(self._dtype)
        name = utils.make_name("constant")
        return self._graph.make_const(name, np.array(value, dtype)).output[0]

    def add(self, operation: str, *inputs: Any) -> Any:
        node = self._graph.make_node(operation, list(inputs))
        for output in node.output:
            dtype = utils.map_numpy_to_onnx_dtype(np.dtype(bool))
            self._graph.set_dtype(
                output, dtype if operation == "Equal" else self._dtype
            )
            self._graph.set_shape(output, self._shape)
        return node.output[0]

    def replace(self, operation: str, *inputs: Any) -> None:
        """Put one node in the place of the TensorFlow operation."""
        node = self._node
        self._graph.remove_node(node.name)
        self._graph.make_node(
            operation,
            list(inputs),
            outputs=node.output,
            name=node.name,
            shapes=[self._shape],
            dtypes=[self._dtype],
        )


@tf_op("Log1p")
class Log1p:
    """log(1 + x), accurate to rounding for every x, infinities included."""

    @classmethod
    def version_11(cls, ctx: Any, node: Any, **_: Any) -> None:
        writer = _Writer(ctx, node)
        x, one = writer.argument, writer.constant(1.0)
        u = writer.add("Add", x, one)
        step = writer.add("Sub", u, one)
        # Equal where nothing was rounded, and at infinity, where x / step is NaN.
        exact = writer.add("Equal", step, x)
        ratio = writer.add("Where", exact, one, writer.add("Div", x, step))
        value = writer.add("Mul", writer.add("Log", u), ratio)
        writer.replace("Where", writer.add("Equal", u, one), x, value)


@tf_op("Expm1")
class Expm1:
    """exp(x) - 1, accurate to rounding for every x, infinities included."""

    @classmethod
    def version_11(cls, ctx: Any, node: Any, **_: Any) -> None:
        writer = _Writer(ctx, node)
        x, one = writer.argument, writer.constant(1.0)
        u = writer.add("Exp", x)
        step = writer.add("Sub", u, one)
        ratio = writer.add("Div", x, writer.add("Log", u))
        value = writer.add("Mul", step, ratio)
        # Far from zero exp(x) - 1 needs no care, and the ratio may be NaN.
        value = writer.add("Where", writer.add("Equal", step, u), u, value)
        minus_one = writer.constant(-1.0)
        at_end = writer.add("Equal", step, minus_one)
        value = writer.add("Where", at_end, minus_one, value)
        writer.replace("Where", writer.add("Equal", u, one), x, value)


@tf_op("Sigmoid")
class Sigmoid:
    """1 / (1 + exp(-x)), as TensorFlow rounds it.

    ONNX Runtime's own Sigmoid is a rational approximation. Behind four layers of
    swish it moved 3 of 100,000 scores by more than 1e-6 from Keras; this form, none.
    """

    @classmethod
    def version_7(cls, ctx: Any, node: Any, **_: Any) -> None:
        writer = _Writer(ctx, node)
        power = writer.add("Exp", writer.add("Neg", writer.argument))
        one = writer.constant(1.0)
        writer.replace("Div", one, writer.add("Add", power, one))


@tf_op("Erfc")
class Erfc:
    """1 - erf(x): good to one rounding of 1, which is what gelu needs."""

    @classmethod
    def version_9(cls, ctx: Any, node: Any, **_: Any) -> None:
        writer = _Writer(ctx, node)
        error_function = writer.add("Erf", writer.argument)
        writer.replace("Sub", writer.constant(1.0), error_function)


@tf_op("SelectV2")
class SelectV2:
    """where(condition, a, b) as it stands.

    tf2onnx would write condition * a + (1 - condition) * b, which is NaN wherever the
    value that was not chosen is infinite.
    """

    @classmethod
    def version_13(cls, ctx: Any, node: Any, **_: Any) -> None:
        _Writer(ctx, node).replace("Where", *node.input)


@tf_op("OneHot")
class OneHot:
    """A code per index; an index outside the vocabulary, -1 included, gets none.

    ONNX's own OneHot counts negative indices from the end, as Python does: -1 would
    be the last category.
    """

    @classmethod
    def version_13(cls, ctx: Any, node: Any, **_: Any) -> None:
        indices, _depth, on, off = node.input
        if not node.inputs[1].is_const():
            raise ValueError("the depth of OneHot must be a constant")
        rank = len(ctx.get_shape(indices))
        axis = node.get_attr_value("axis", -1) % (rank + 1)
        dtype, shape = ctx.get_dtype(node.output[0]), ctx.get_shape(node.output[0])
        whole = utils.map_onnx_to_numpy_type(ctx.get_dtype(indices))
        codes = np.arange(node.inputs[1].get_tensor_value(), dtype=whole)
        codes = codes.reshape(-1, *(1,) * (rank - axis))
        codes_name = ctx.make_const(utils.make_name("codes"), codes).output[0]
        place = np.array([axis], np.int64)
        place_name = ctx.make_const(utils.make_name("axes"), place).output[0]
        column = ctx.make_node("Unsqueeze", [indices, place_name]).output[0]
        equal = ctx.make_node("Equal", [column, codes_name]).output[0]
        ctx.remove_node(node.name)
        ctx.make_node(
            "Where",
            [equal, on, off],
            outputs=node.output,
            name=node.name,
            shapes=[shape],
            dtypes=[dtype],
        )
