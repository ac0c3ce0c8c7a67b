"""Graphs in the manner of TensorFlow 1, made here."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

WIDTH = 6
DEPTH = 8
UNITS = 12


@dataclasses.dataclass(frozen=True)
class Old:
    """A graph of 2020 in small, and its pieces.

    Args:
        graph: The `GraphDef`.
        folds: How many normalisations it has.
    """

    graph: Any
    folds: int = 2


@pytest.fixture(scope="session")
def old():
    """Log1p, OneHot, swish, unfused batch normalisation, controls, a dead branch."""
    import tensorflow as tf

    v1, rng = tf.compat.v1, np.random.default_rng(4)

    def numbers(*shape, scale=0.4):
        return rng.normal(0, scale, shape).astype(np.float32)

    def identity(value):
        return tf.identity(tf.identity(tf.constant(value)))

    def normalised(x, units):
        variance = identity(rng.uniform(0.001, 0.5, units).astype(np.float32))
        scale = v1.rsqrt(variance + 1e-3) * identity(1 + numbers(units))
        # Far from zero beside its width, as after a swish.
        mean = identity(3 + numbers(units))
        return tf.identity(x * scale + (identity(numbers(units)) - mean * scale))

    def swish(x):
        return tf.raw_ops.IdentityN(input=[x * tf.sigmoid(x), x])[0]

    def network(x, y):
        checked = tf.identity(x)
        logs = tf.math.log1p(tf.abs(checked[:, :4]))
        z = tf.concat([logs, checked[:, 4:]], 1)
        ends = identity(np.linspace(2, 3, WIDTH, dtype=np.float32)[None])
        z = 2 * (tf.maximum(tf.minimum(z, ends), -ends) + ends) / (2 * ends) - 1
        code = tf.reshape(tf.one_hot(tf.cast(y, tf.int32), DEPTH), (-1, DEPTH))
        z = tf.concat([z, code], 1)
        with tf.control_dependencies([tf.no_op(), tf.shape(z)]):
            z = tf.matmul(z, identity(numbers(WIDTH + DEPTH, UNITS)))
        z = normalised(swish(tf.nn.bias_add(z, identity(3 + numbers(UNITS)))), UNITS)
        z = tf.matmul(z, identity(numbers(UNITS, UNITS))) + identity(numbers(UNITS))
        z = normalised(swish(z + 3), UNITS)
        z = tf.matmul(z, identity(numbers(UNITS, 1)))
        score = tf.sigmoid(tf.nn.bias_add(z, identity(numbers(1))))
        return z, score

    scope = tf.Graph()
    with scope.as_default():
        x = v1.placeholder(tf.float32, (None, WIDTH), name="x")
        y = v1.placeholder(tf.float32, (None, 1), name="y")
        with tf.name_scope("model"):
            z, score = network(x, y)
        tf.identity(score, name="Identity")
        tf.exp(tf.reduce_sum(z, 1), name="loss/dead")
    graph = scope.as_graph_def()
    for node in graph.node:
        if node.op == "IdentityN":
            node.attr["_gradient_op_type"].s = b"CustomGradient-1"
    return Old(graph)


@pytest.fixture(scope="session")
def write(tmp_path_factory):
    """A function from a `GraphDef` to a file."""
    folder = tmp_path_factory.mktemp("graphs")

    def to_file(graph, name="graph.pb"):
        path = folder / name
        path.write_bytes(graph.SerializeToString())
        return path

    return to_file


@pytest.fixture(scope="session")
def old_file(old, write):
    return write(old.graph, "old.pb")


@pytest.fixture(scope="session")
def rows():
    """Features and a category of plausible rows."""
    from export.parity import Probe

    rng = np.random.default_rng(8)
    features = rng.normal(0, 2, (300, WIDTH)).astype(np.float32)
    category = rng.integers(-2, DEPTH + 2, (300, 1)).astype(np.float32)
    return Probe(features, category)


@pytest.fixture(scope="session")
def run():
    """A function from a `GraphDef`, a tensor and rows to its value, as it stands."""
    import tensorflow as tf

    config = tf.compat.v1.ConfigProto()
    # It would fuse nodes in one graph and not in the other.
    config.graph_options.rewrite_options.disable_meta_optimizer = True

    def value(graph, output, rows):
        scope = tf.Graph()
        with scope.as_default():
            tf.import_graph_def(graph, name="")
        there = {node.name for node in graph.node}
        given = {"x": rows.features, "y": rows.category}
        feed = {f"{name}:0": array for name, array in given.items() if name in there}
        with tf.compat.v1.Session(graph=scope, config=config) as session:
            return session.run(output, feed)

    return value


@pytest.fixture(scope="session")
def build():
    """A function from a function of two placeholders to a `GraphDef`."""
    import tensorflow as tf

    def make(body, width=WIDTH, dtypes=(tf.float32, tf.float32)):
        scope = tf.Graph()
        with scope.as_default():
            x = tf.compat.v1.placeholder(dtypes[0], (None, width), name="x")
            y = tf.compat.v1.placeholder(dtypes[1], (None, 1), name="y")
            # Within it nothing else is called Identity.
            with tf.name_scope("body"):
                score = body(x, y)
            tf.identity(score, name="Identity")
        return scope.as_graph_def()

    return make


@pytest.fixture(scope="session")
def random_graph(build):
    """A function from a seed to a graph of layers drawn at random."""
    import tensorflow as tf

    def layer(rng, z):
        width = z.shape[1]

        def numbers(*shape):
            return tf.constant(rng.normal(0, 0.5, shape).astype(np.float32))

        choices = {
            "scale": lambda: z * numbers(width),
            "scale of one row": lambda: numbers(1, width) * z,
            "shift": lambda: z + numbers(width),
            "less": lambda: z - numbers(width),
            "from": lambda: numbers(width) - z,
            "share": lambda: z / (2 + numbers(width)),
            "one for all": lambda: z * numbers(),
            "by nothing": lambda: z * np.float32([0.0] + [1.0] * (width - 1)),
            "dense": lambda: tf.matmul(z, numbers(width, int(rng.integers(2, 9)))),
            "turned": lambda: tf.matmul(z, numbers(4, width), transpose_b=True),
            "bias": lambda: tf.nn.bias_add(z, numbers(width)),
            "both": lambda: z * numbers(width) + tf.tanh(z),
            "bend": lambda: tf.tanh(z),
            "identity": lambda: tf.identity(tf.stop_gradient(z)),
            "constant": lambda: z * tf.exp(numbers(width)) + tf.sqrt(2.0),
            "controlled": lambda: controlled(z),
        }
        if rng.random() < 0.25:
            return choices["dense"]()
        return choices[rng.choice(list(choices))]()

    def controlled(z):
        with tf.control_dependencies([tf.no_op()]):
            return tf.identity(z)

    def make(seed, depth=14):
        rng = np.random.default_rng(seed)

        def body(x, y):
            z = tf.concat([x, y], 1)
            for _ in range(depth):
                tf.exp(z)
                z = layer(rng, z)
            return tf.tanh(tf.reduce_sum(z, 1, keepdims=True))

        return build(body)

    return make
