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
