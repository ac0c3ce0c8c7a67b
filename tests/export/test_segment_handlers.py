"""Each handler in ONNX Runtime against loops in double precision."""

from __future__ import annotations

import functools

import numpy as np
import pytest

AXES = {"x": "edges", "segments": "edges", "nodes": "nodes", "out": "nodes"}


@pytest.fixture(scope="module")
def run():
    """A function from the name of an operation of Keras to its ONNX form."""
    import keras
    import onnxruntime
    import tensorflow as tf

    from export import onnx_graph

    @functools.cache
    def convert(name, rank, opset, dtype):
        shape = (None, 5, 2)[:rank]
        signature = [
            tf.TensorSpec(shape, dtype, name="x"),
            tf.TensorSpec((None,), tf.int32, name="segments"),
            tf.TensorSpec((None, 1), tf.float32, name="nodes"),
        ]

        def segment(x, segments, nodes):
            size = keras.ops.shape(nodes)[0]
            if name == "scatter":
                total = keras.ops.scatter(segments[:, None], x, (size, *shape[1:]))
                return {"out": total}
            value = getattr(keras.ops, name)(x, segments, num_segments=size)
            return {"out": value}

        function = tf.function(segment, input_signature=signature, autograph=False)
        return onnx_graph.convert_function(
            function, opset=opset, ir_version=8, axes=AXES
        )

    def run(name, x, segments, size, *, threads=1, opset=18):
        proto = convert(name, x.ndim, opset, x.dtype.name)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        session = onnxruntime.InferenceSession(
            proto.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        feed = {"x": x, "segments": segments, "nodes": np.zeros((size, 1), "f4")}
        return session.run(["out"], feed)[0]

    run.convert = convert
    return run


def sums(x, segments, size):
    """Term by term, in double precision."""
    total = np.zeros((size, *x.shape[1:]))
    for row, segment in zip(x, segments, strict=True):
        total[segment] += row
    return total


def maxima(x, segments, size):
    least = np.finfo(x.dtype).min if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    largest = np.full((size, *x.shape[1:]), least, x.dtype)
    for row, segment in zip(x, segments, strict=True):
        largest[segment] = np.maximum(largest[segment], row)
    return largest


TWINS = {"segment_sum": sums, "segment_max": maxima, "scatter": sums}


def rows_of(rng, count, size, rank, dtype="f4"):
    x = (10 * rng.normal(size=(count, 5, 2))[(..., *(0,) * (3 - rank))]).astype(dtype)
    return x, rng.integers(0, max(size, 1), count).astype("i4")


@pytest.mark.parametrize("name", TWINS)
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_handler_equals_its_twin_at_any_size(run, name, rank):
    rng = np.random.default_rng(rank)
    for count, size in [(0, 0), (0, 3), (1, 1), (1, 5), (9, 1), (40, 7), (200, 300)]:
        x, segments = rows_of(rng, count, size, rank)

        value = run(name, x, segments, size)

        np.testing.assert_allclose(value, TWINS[name](x, segments, size), atol=2e-5)


@pytest.mark.parametrize("name", ["segment_sum", "segment_max"])
@pytest.mark.parametrize("dtype", ["float64", "int32"])
def test_handler_keeps_the_type(run, name, dtype):
    x, segments = rows_of(np.random.default_rng(3), 50, 9, 2, dtype)

    value = run(name, x, segments, 9)

    assert value.dtype == dtype
    np.testing.assert_allclose(value, TWINS[name](x, segments, 9), atol=1e-12)


@pytest.mark.parametrize("name", ["segment_sum", "segment_max"])
def test_handler_holds_where_one_node_has_most_edges(run, name):
    x, segments = rows_of(np.random.default_rng(5), 2000, 300, 2)
    segments[100:1700] = 299

    value = run(name, x, segments, 300)

    np.testing.assert_allclose(value, TWINS[name](x, segments, 300), atol=2e-3)


def test_handler_keeps_what_is_not_a_number_with_its_node(run):
    x, segments = rows_of(np.random.default_rng(5), 60, 7, 2)
    x[3], x[4] = np.nan, np.inf
    segments[3], segments[4] = 2, 5

    value = run("segment_sum", x, segments, 7)

    finite = np.isfinite(value).all(axis=1)
    np.testing.assert_array_equal(finite, [n not in (2, 5) for n in range(7)])


@pytest.mark.parametrize("threads", [1, 4])
@pytest.mark.parametrize("name", ["segment_sum", "segment_max"])
@pytest.mark.parametrize("heavy", [False, True])
def test_handler_is_right_with_threads_on_ten_thousand_nodes(run, name, heavy, threads):
    """`ScatterND` with a reduction loses terms here, in one of some ten runs."""
    rng = np.random.default_rng(11)
    nodes, edges = 10_000, 100_000
    x = rng.normal(size=(edges, 5)).astype("f4")
    power = 3 if heavy else 1
    segments = (nodes * rng.uniform(size=edges) ** power).astype("i4")
    expected = TWINS[name](x, segments, nodes)

    for _ in range(3):
        value = run(name, x, segments, nodes, threads=threads)

        np.testing.assert_allclose(value, expected, atol=1e-3)


@pytest.mark.parametrize("name", TWINS)
def test_handler_writes_no_scatter_that_races(run, name):
    proto = run.convert(name, 2, 18, "float32")

    kinds = {node.op_type for node in proto.graph.node}
    assert "ScatterElements" in kinds
    assert not kinds & {"ScatterND", "Loop", "Unique"}


def test_sums_have_their_form_from_opset_16(run):
    x, segments = rows_of(np.random.default_rng(3), 50, 9, 2)

    value = run("segment_sum", x, segments, 9, opset=16)

    np.testing.assert_allclose(value, sums(x, segments, 9), atol=2e-5)


def test_places_are_found_once_for_sums_over_the_same_edges():
    import keras
    import tensorflow as tf

    from export import onnx_graph

    signature = [
        tf.TensorSpec((None, 2), tf.float32, name="x"),
        tf.TensorSpec((None,), tf.int32, name="segments"),
        tf.TensorSpec((None, 1), tf.float32, name="nodes"),
    ]

    def twice(x, segments, nodes):
        size = keras.ops.shape(nodes)[0]
        once = keras.ops.segment_sum(x, segments, num_segments=size)
        again = keras.ops.take(once, segments, axis=0) * x
        return {"out": keras.ops.segment_sum(again, segments, num_segments=size)}

    function = tf.function(twice, input_signature=signature, autograph=False)
    proto = onnx_graph.convert_function(function, opset=18, ir_version=8, axes=AXES)

    assert sum(node.op_type == "TopK" for node in proto.graph.node) == 1


@pytest.mark.parametrize(("depth", "opset"), [(2, 18), (1, 13)])
def test_scatter_without_a_right_form_is_refused(depth, opset):
    import tensorflow as tf

    from export import onnx_graph
    from export.errors import ConversionError

    signature = [
        tf.TensorSpec((None, depth), tf.int32, name="indices"),
        tf.TensorSpec((None,), tf.float32, name="x"),
    ]
    function = tf.function(
        lambda indices, x: {"out": tf.scatter_nd(indices, x, (3, 4)[:depth])},
        input_signature=signature,
        autograph=False,
    )

    with pytest.raises(ConversionError, match=f"Received: ScatterNd at opset {opset}"):
        onnx_graph.convert_function(function, opset=opset, ir_version=8)
