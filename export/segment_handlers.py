"""Handlers for sums and maxima over segments: edges to nodes.

What else is there, in ONNX Runtime 1.31: `ScatterND` with a reduction adds in several
threads at once and then loses terms, without an error; `ScatterElements` with a
reduction is right, and several times slower than the form below; tf2onnx's own form is
a table of nodes times the largest degree.

Here each node has a row of K places, with K the mean number of edges per node, and a
node with more edges has further rows behind those of all nodes::

    place(e) = node(e) K + rank(e)                                 if rank(e) < K
             = (nodes + further(node(e)) + rank(e) // K - 1) K + rank(e) % K   otherwise

with rank(e) the number of edges before e at the same node and further(n) the number of
further rows of the nodes before n. One gather fills the rows, one reduction sums each,
and the few further rows go to their nodes by `ScatterElements`. Every step writes each
place once, so that the result does not depend on the threads. Memory: at most twice
the edges plus the nodes. The places depend on the nodes of the edges alone:
ONNX Runtime computes them once for all sums of a network over the same edges.

Needs opset 16, for maxima 18; below, tf2onnx's own form stands.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

# Its own handlers first: of two for one operation and opset the last one stays.
import tf2onnx.onnx_opset  # noqa: F401
from onnx import TensorProto
from tf2onnx import utils
from tf2onnx.handler import tf_op


@tf_op("UnsortedSegmentSum")
class UnsortedSegmentSum:
    """Sum of the rows of each segment, zero where there is none."""

    @classmethod
    def version_16(cls, ctx: Any, node: Any, **_: Any) -> None:
        data, segments, count = node.input
        dtype = utils.map_onnx_to_numpy_type(ctx.get_dtype(data))
        ids, sizes = _Ids(ctx, segments), _Ids(ctx, count)
        rows = _Rows(data, ids.values, sizes.vector, np.zeros((), dtype))
        _replace(ctx, node, rows, "add")


@tf_op("UnsortedSegmentMax")
class UnsortedSegmentMax:
    """Largest of the rows of each segment, the least number where there is none."""

    @classmethod
    def version_18(cls, ctx: Any, node: Any, **_: Any) -> None:
        data, segments, count = node.input
        dtype = np.dtype(utils.map_onnx_to_numpy_type(ctx.get_dtype(data)))
        least = np.finfo(dtype).min if dtype.kind == "f" else np.iinfo(dtype).min
        ids, sizes = _Ids(ctx, segments), _Ids(ctx, count)
        rows = _Rows(data, ids.values, sizes.vector, np.array(least, dtype))
        _replace(ctx, node, rows, "max")


@tf_op("ScatterNd")
class ScatterNd:
    """Sum of the updates of each row, zero where there is none.

    tf2onnx would write a `ScatterND` that keeps one of several updates of a row. A
    handler that raises leaves the operation in the graph, where the export finds it.
    """

    @classmethod
    def version_11(cls, _ctx: Any, _node: Any, **_: Any) -> None:
        raise ValueError("a scatter must be converted at opset 16 or later")

    @classmethod
    def version_16(cls, ctx: Any, node: Any, **_: Any) -> None:
        indices, updates, shape = node.input
        depth = (ctx.get_shape(indices) or [-1])[-1]
        if depth != 1 or ctx.get_rank(indices) != 2:
            raise ValueError(
                "the indices of a scatter must have shape (updates, 1). "
                f"Received: {ctx.get_shape(indices)}"
            )
        dtype = utils.map_onnx_to_numpy_type(ctx.get_dtype(updates))
        ids, shape = _Ids(ctx, indices), _Ids(ctx, shape)
        rows = _Rows(updates, ids.vector, shape.first, np.zeros((), dtype))
        _replace(ctx, node, rows, "add")


class _Ids:
    """Whole numbers of a graph, as int64."""

    def __init__(self, graph: Any, name: Any) -> None:
        self._write = _Writer(graph)
        self.values = self._write("Cast", name, to=TensorProto.INT64)

    @property
    def vector(self) -> Any:
        return self._write("Reshape", self.values, self._write.vector(-1))

    @property
    def first(self) -> Any:
        zero, one = self._write.vector(0), self._write.vector(1)
        return self._write("Slice", self.values, zero, one)


class _Writer:
    """Adds ONNX nodes and constants to a tf2onnx graph."""

    def __init__(self, graph: Any) -> None:
        self._graph = graph

    def __call__(self, operation: str, *inputs: Any, **attributes: Any) -> Any:
        node = self._graph.make_node(operation, list(inputs), attr=attributes)
        return node.output[0]

    def sorted(self, values: Any, count: Any) -> tuple[Any, Any]:
        """Ascending values, and where each came from."""
        attributes = {"largest": 0, "sorted": 1}
        node = self._graph.make_node(
            "TopK", [values, count], attr=attributes, output_count=2
        )
        return node.output[0], node.output[1]

    def constant(self, value: Any) -> Any:
        name = utils.make_name("constant")
        return self._graph.make_const(name, np.asarray(value)).output[0]

    def number(self, value: int) -> Any:
        return self.constant(np.int64(value))

    def vector(self, *values: int) -> Any:
        return self.constant(np.array(values, np.int64))


@dataclasses.dataclass(frozen=True)
class _Rows:
    """Names of the rows, of their segments, of their number, and what fills gaps."""

    data: Any
    ids: Any
    nodes: Any
    fill: np.ndarray[Any, Any]


@dataclasses.dataclass(frozen=True)
class _Places:
    """Row of the data per place, shape of the table, owners of the further rows."""

    source: Any
    rows: Any
    width: Any
    owner: Any


def _places(write: _Writer, ids: Any, nodes: Any) -> _Places:
    """The table of the module's docstring; every name depends on the ids alone."""
    zero, one = write.vector(0), write.vector(1)
    edges = write("Shape", ids)
    width = _mean_degree(write, edges, nodes)
    count = write(
        "ScatterElements",
        write("Expand", zero, nodes),
        ids,
        write("Expand", one, edges),
        reduction="add",
        axis=0,
    )
    further = write("Div", write("Max", write("Sub", count, one), zero), width)
    rows = write("Add", nodes, write("ReduceSum", further, zero, keepdims=1))

    node, order = write.sorted(ids, edges)
    position = write("Range", write.number(0), _scalar(write, edges), write.number(1))
    rank = write("Sub", position, write("Gather", _before(write, count), node))
    beyond = write("Sub", rank, width)
    row = write("Add", nodes, write("Gather", _before(write, further), node))
    is_home = write("Less", rank, width)
    home = write("Add", write("Mul", node, width), rank)
    away = write("Add", write("Mul", row, width), beyond)
    place = write("Where", is_home, home, away)

    # A place without an edge reads the row behind the last edge.
    empty = write("Expand", edges, write("Mul", rows, width))
    source = write("ScatterElements", empty, place, order, axis=0)
    is_first = write("Equal", write("Mod", rank, width), zero)
    opens = write("And", is_first, write("Not", is_home))
    return _Places(source, rows, width, write("Compress", node, opens, axis=0))


def _mean_degree(write: _Writer, edges: Any, nodes: Any) -> Any:
    """Edges per node, rounded up, at least 1."""
    one = write.vector(1)
    above = write("Sub", write("Add", edges, nodes), one)
    return write("Max", write("Div", above, write("Max", nodes, one)), one)


def _before(write: _Writer, values: Any) -> Any:
    return write("CumSum", values, write.number(0), exclusive=1)


def _scalar(write: _Writer, vector: Any) -> Any:
    return write("Squeeze", vector, write.vector(0))


def _replace(ctx: Any, node: Any, rows: _Rows, reduction: str) -> None:
    """Put the reduction of rows over segments in the place of a TensorFlow node."""
    rank = ctx.get_rank(rows.data)
    if rank is None:
        raise ValueError(f"the rank of the rows of {node.name} must be known")
    write = _Writer(ctx)
    zero = write.vector(0)
    places = _places(write, rows.ids, rows.nodes)
    table = _table(write, rows, places)
    axis = write.vector(1)
    if reduction == "add":
        reduced = write("ReduceSum", table, axis, keepdims=0)
    else:
        reduced = write("ReduceMax", table, axis, keepdims=0)
    first = write("Slice", reduced, zero, rows.nodes, zero)
    rest = write("Slice", reduced, rows.nodes, places.rows, zero)
    owner = places.owner
    if rank > 1:
        owner = write("Unsqueeze", owner, write.vector(*range(1, rank)))
    owner = write("Expand", owner, write("Shape", rest))
    shape, dtype = ctx.get_shape(node.output[0]), ctx.get_dtype(node.output[0])
    ctx.remove_node(node.name)
    ctx.make_node(
        "ScatterElements",
        [first, owner, rest],
        attr={"reduction": reduction, "axis": 0},
        outputs=node.output,
        name=node.name,
        shapes=[shape],
        dtypes=[dtype],
    )


def _table(write: _Writer, rows: _Rows, places: _Places) -> Any:
    """The rows of data in their places, of shape `(rows, width, ...)`."""
    shape = write("Shape", rows.data)
    end = write.vector(np.iinfo(np.int64).max)
    inner = write("Slice", shape, write.vector(1), end)
    gap_shape = write("Concat", write.vector(1), inner, axis=0)
    gap = write("Expand", write.constant(rows.fill), gap_shape)
    source = write("Concat", rows.data, gap, axis=0)
    values = write("Gather", source, places.source)
    shape = write("Concat", places.rows, places.width, inner, axis=0)
    return write("Reshape", values, shape)
