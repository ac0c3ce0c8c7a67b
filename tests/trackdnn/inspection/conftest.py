"""Hand-made graphs in the manner of the reference, a bundle and a run."""

from __future__ import annotations

import numpy as np
import pytest

from network.inputs import InputSpec
from trackdnn.data.features import FEATURE_NAMES, FEATURES
from trackdnn.settings import ExportSettings

WIDTH = len(FEATURE_NAMES)
LOGARITHM = [feature.transform == "absolute_log1p" for feature in FEATURES]
SANE = [8.0 if log else 40.0 for log in LOGARITHM]
SANE[FEATURE_NAMES.index("etaErr")] = SANE[FEATURE_NAMES.index("phiErr")] = 0.05


@pytest.fixture(scope="session")
def write_graph(tmp_path_factory):
    """A function from upper ends, scaling and depth to a frozen graph.

    |x| is clipped to [0, upper], logarithms where the feature table has them, and
    mapped to [-1, 1]; the category is a one-hot of some depth.
    """
    folder = tmp_path_factory.mktemp("graphs")

    def write(name, upper=SANE, scaled=True, depth=25):
        import tensorflow as tf

        rng = np.random.default_rng(3)
        weights = rng.normal(0, 0.3, (WIDTH + depth, 8)).astype(np.float32)
        graph = tf.Graph()
        with graph.as_default():
            x = tf.compat.v1.placeholder(tf.float32, (None, WIDTH), name="x")
            y = tf.compat.v1.placeholder(tf.float32, (None, 1), name="y")
            z = tf.abs(x)
            z = tf.where(LOGARITHM, tf.math.log1p(z), z)
            if scaled:
                ends = np.float32([upper])
                z = tf.maximum(tf.minimum(z, ends), np.zeros_like(ends))
                z = 2.0 * z / ends - 1.0
            code = tf.reshape(tf.one_hot(tf.cast(y, tf.int32), depth), (-1, depth))
            hidden = tf.nn.elu(tf.matmul(tf.concat([z, code], 1), weights) + 0.1)
            last = rng.normal(0, 0.3, (8, 1)).astype(np.float32)
            tf.sigmoid(tf.nn.bias_add(tf.matmul(hidden, last), [0.5]), name="Identity")
        path = folder / f"{name}.pb"
        path.write_bytes(graph.as_graph_def().SerializeToString())
        return path

    return write


@pytest.fixture(scope="session")
def sane_graph(write_graph):
    return write_graph("sane")


@pytest.fixture(scope="session")
def spec():
    return InputSpec(
        names=FEATURE_NAMES,
        units=tuple(feature.unit for feature in FEATURES),
        transforms=tuple(feature.transform for feature in FEATURES),
        lower=tuple(0.0 if log else -3.2 for log in LOGARITHM),
        upper=tuple(8.0 if log else 40.0 for log in LOGARITHM),
        scales=tuple(1e-4 if f.name.endswith("Err") else 1.0 for f in FEATURES),
        vocabulary=(4, 5, 7, 22),
    )


@pytest.fixture(scope="session")
def network(spec):
    import keras

    from network.custom.input_sanitizer import InputSanitizer
    from network.custom.one_hot import OneHot

    keras.utils.set_random_seed(12)
    features = keras.Input((spec.width,), name="features")
    category = keras.Input((1,), name="category")
    clean = InputSanitizer(spec.transforms, spec.lower, spec.upper, spec.scales)
    x = keras.layers.Concatenate()([clean(features), OneHot(spec.vocabulary)(category)])
    x = keras.layers.Dense(16, activation="elu")(x)
    score = keras.layers.Dense(1, activation="sigmoid", name="score")(x)
    return keras.Model([features, category], score)


@pytest.fixture(scope="session")
def bundle(network, spec, tmp_path_factory):
    from export.exporter import ModelExporter

    details = {
        "working_points": {"overall": {"loose": {"cut": -0.5}}},
        "training": {"architecture": "default", "epochs": 3},
        "evaluation": {"auc": 0.98},
    }
    folder = tmp_path_factory.mktemp("inspection") / "bundle"
    return ModelExporter(ExportSettings()).export(
        network, spec, folder, details=details
    )


@pytest.fixture(scope="session")
def write_onnx(tmp_path_factory):
    """A function from nodes, inputs, outputs and constants to an ONNX file.

    Nodes are (operation, inputs, outputs, attributes); inputs and outputs map a name to
    a shape, or to a type and a shape.
    """
    import onnx
    from onnx import helper, numpy_helper

    folder = tmp_path_factory.mktemp("onnx")

    def value(name, what):
        kind, shape = (
            what if isinstance(what, tuple) else (onnx.TensorProto.FLOAT, what)
        )
        return helper.make_tensor_value_info(name, kind, shape)

    def write(name, nodes, inputs, outputs, constants=None, opset=13, ir_version=7):
        graph = helper.make_graph(
            [helper.make_node(n[0], n[1], n[2], **(n[3:] or ({},))[0]) for n in nodes],
            "hand_made",
            [value(*item) for item in inputs.items()],
            [value(*item) for item in outputs.items()],
            [
                numpy_helper.from_array(np.asarray(array), key)
                for key, array in (constants or {}).items()
            ],
        )
        opsets = [helper.make_opsetid("", opset)]
        proto = helper.make_model(graph, opset_imports=opsets, ir_version=ir_version)
        onnx.checker.check_model(proto)
        path = folder / f"{name}.onnx"
        path.write_bytes(proto.SerializeToString())
        return path

    return write


@pytest.fixture(scope="session")
def flawed_onnx(write_onnx):
    """A track classifier: phi is dead by its weights, trk_pt is cut off at 1 GeV."""
    rng = np.random.default_rng(8)
    matrix = rng.normal(0, 0.3, (30, 4)).astype(np.float32)
    matrix[FEATURE_NAMES.index("phi")] = 0
    top = np.full((1, 30), 3e38, np.float32)
    top[0, 0] = 1.0
    constants = {
        "top": top,
        "matrix": matrix,
        "bias": np.float32([0.1, 0.2, 0.3, 0.4]),
        "last": rng.normal(0, 0.3, (4, 1)).astype(np.float32),
        "tenth": np.float32([0.1]),
    }
    nodes = [
        ("Concat", ["x", "y"], ["all"], {"axis": 1}),
        ("Min", ["all", "top"], ["cut"]),
        ("MatMul", ["cut", "matrix"], ["product"]),
        ("Add", ["product", "bias"], ["sum"]),
        ("Mul", ["sum", "tenth"], ["small"]),
        ("Elu", ["small"], ["hidden"]),
        ("MatMul", ["hidden", "last"], ["logit"]),
        ("Sigmoid", ["logit"], ["score"]),
    ]
    inputs = {"x": ["batch", 29], "y": ["batch", 1]}
    return write_onnx("flawed", nodes, inputs, {"score": ["batch", 1]}, constants)


@pytest.fixture(scope="session")
def other_onnx(write_onnx):
    """Two inputs and no weights: a[0] lives, a[1] is dead, b is cut off at 0.1."""
    constants = {
        "zero": np.int64([0]),
        "one": np.int64([1]),
        "low": np.float32(-0.1),
        "high": np.float32(0.1),
    }
    nodes = [
        ("Slice", ["a", "zero", "one", "one"], ["first"]),
        ("Clip", ["b", "low", "high"], ["cut"]),
        ("Tanh", ["first"], ["bent"]),
        ("Add", ["bent", "cut"], ["out"]),
    ]
    shapes = {"a": ["n", 2], "b": ["n", 1]}
    return write_onnx("other", nodes, shapes, {"out": ["n", 1]}, constants)


@pytest.fixture(scope="session")
def wire_onnx():
    """A function from an ONNX file to its wiring."""
    from trackdnn.inspection.onnx_definition import read_definition

    return lambda path: read_definition(path).wiring
