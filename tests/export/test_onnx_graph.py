from __future__ import annotations

import numpy as np
import pytest

from export import onnx_graph, signature
from export.errors import ConversionError

NAMES = signature.Names()


@pytest.fixture(scope="module")
def proto(model):
    return onnx_graph.convert(model, NAMES, metadata={"origin": "test"})


def test_onnx_has_the_promised_interface(proto):
    shapes = {
        value.name: [axis.dim_param or axis.dim_value for axis in tensor.shape.dim]
        for value in (*proto.graph.input, *proto.graph.output)
        for tensor in [value.type.tensor_type]
    }

    assert shapes == {"x": ["batch", 29], "y": ["batch", 1], "score": ["batch", 1]}
    types = {v.type.tensor_type.elem_type for v in proto.graph.input}
    assert types == {1}
    assert proto.ir_version == 7
    assert [(o.domain, o.version) for o in proto.opset_import] == [("", 13)]
    assert [(p.key, p.value) for p in proto.metadata_props] == [("origin", "test")]


def test_onnx_is_one_file(proto):
    assert all(not tensor.external_data for tensor in proto.graph.initializer)


@pytest.mark.parametrize(("opset", "ir_version"), [(13, 7), (18, 8), (20, 9)])
def test_onnx_equals_keras(make_model, spec, tracks, tmp_path, opset, ir_version):
    model = make_model(spec, activation="gelu")
    proto = onnx_graph.convert(model, NAMES, opset=opset, ir_version=ir_version)
    onnx_graph.write_onnx(proto, tmp_path / "m.onnx")

    session = onnx_graph.OnnxSession(tmp_path / "m.onnx", NAMES)

    expected = signature.evaluate(model, *tracks)
    np.testing.assert_allclose(session(*tracks), expected, rtol=0, atol=1e-6)
    assert session(tracks[0][:0], tracks[1][:0]).shape == (0, 1)
    assert proto.opset_import[0].version == opset


def test_onnx_keeps_the_digits_of_small_inputs(tmp_path):
    import keras

    x, y = keras.Input((1,), name="features"), keras.Input((1,), name="category")
    model = keras.Model([x, y], keras.ops.log1p(x) * 1e4 + y)
    onnx_graph.write_onnx(onnx_graph.convert(model, NAMES), tmp_path / "m.onnx")
    features = np.geomspace(1e-9, 1e-4, 200, dtype=np.float32)[:, None]
    category = np.zeros_like(features)

    scores = onnx_graph.OnnxSession(tmp_path / "m.onnx", NAMES)(features, category)

    expected = 1e4 * np.log1p(features.astype(np.float64))
    np.testing.assert_allclose(scores, expected, rtol=1e-6)


def test_onnx_refuses_an_operation_without_onnx_form():
    import keras

    @keras.saving.register_keras_serializable("test")
    class LogGamma(keras.layers.Layer):
        def call(self, inputs):
            import tensorflow as tf

            return tf.math.lgamma(inputs)

    x, y = keras.Input((1,), name="features"), keras.Input((1,), name="category")
    model = keras.Model([x, y], LogGamma()(x) + y)

    with pytest.raises(ConversionError, match=r"an ONNX form\. Received: Lgam"):
        onnx_graph.convert(model, NAMES)


def test_onnx_refuses_an_ir_version_older_than_the_opset(model):
    with pytest.raises(ConversionError, match=r"at least 8 for opset 18. Received"):
        onnx_graph.convert(model, NAMES, opset=18, ir_version=7)


def test_check_operators_refuses_foreign_domains(proto):
    import onnx

    other = onnx.ModelProto()
    other.CopyFrom(proto)
    other.graph.node[0].domain = "com.microsoft"

    with pytest.raises(ConversionError, match=r"com\.microsoft\."):
        onnx_graph.check_operators(other)


def test_axes_that_are_no_batch_have_names_of_their_own():
    import tensorflow as tf

    signature = [tf.TensorSpec((None, 2), tf.float32, name=n) for n in ("hits", "x")]
    function = tf.function(
        lambda hits, x: {"total": hits * 2.0, "out": x + tf.reduce_sum(hits)},
        input_signature=signature,
        autograph=False,
    )

    proto = onnx_graph.convert_function(
        function, axes={"hits": "nodes", "total": "nodes"}
    )

    names = {
        value.name: value.type.tensor_type.shape.dim[0].dim_param
        for value in (*proto.graph.input, *proto.graph.output)
    }
    assert names == {"hits": "nodes", "total": "nodes", "x": "batch", "out": "batch"}


def test_every_axis_can_have_a_name_of_its_own():
    import tensorflow as tf

    signature = [tf.TensorSpec((2, None), tf.float32, name="ends")]
    function = tf.function(
        lambda ends: {"out": tf.transpose(ends)},
        input_signature=signature,
        autograph=False,
    )

    axes = {"ends": (None, "edges"), "out": ("edges", None)}
    proto = onnx_graph.convert_function(function, axes=axes)

    shapes = {
        value.name: [
            axis.dim_param or axis.dim_value
            for axis in value.type.tensor_type.shape.dim
        ]
        for value in (*proto.graph.input, *proto.graph.output)
    }
    assert shapes == {"ends": [2, "edges"], "out": ["edges", 2]}
