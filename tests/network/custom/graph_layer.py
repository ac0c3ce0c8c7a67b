"""A graph for layers of graphs, their contract, and twins of what they share."""

import inspect
import json

import keras
import numpy as np

NODES, EDGES, FEATURES, EDGE_FEATURES = 7, 16, 4, 3


def make_graph(seed=3, features=FEATURES, edge_features=EDGE_FEATURES):
    """Nodes, edges, senders, receivers: node 6 alone, an edge from 0 to itself."""
    rng = np.random.default_rng(seed)
    senders, receivers = rng.integers(0, NODES - 1, (2, EDGES)).astype("i4")
    senders[0] = receivers[0] = 0
    nodes = rng.normal(size=(NODES, features)).astype("f4")
    edges = rng.normal(size=(EDGES, edge_features)).astype("f4")
    return nodes, edges, senders, receivers


def with_random_weights(layer, *inputs, seed=5):
    """Weights without zeros, the same on any backend; positive variances."""
    layer(*(symbol(given) for given in inputs))
    rng = np.random.default_rng(seed)
    weights = []
    for weight in layer.weights:
        value = rng.normal(0, 0.4, weight.shape)
        if weight.name in ("gamma", "moving_variance"):
            value = 1 + np.abs(value)
        weights.append(value)
    layer.set_weights(weights)
    return layer


def symbol(given, rows=-1):
    """An input of a network, with as many rows as given unless told otherwise."""
    rows = len(given) if rows == -1 else rows
    shape = (rows, *given.shape[1:])
    return keras.Input(batch_shape=shape, dtype=str(given.dtype))


def arrays(outputs):
    return [
        np.asarray(keras.ops.cast(x, "float32")) for x in keras.tree.flatten(outputs)
    ]


def check_graph_layer(layer, *inputs, expected, half=0.15):
    """Values, shapes, configuration, clone, dynamic shapes and half precision."""
    outputs = arrays(layer(*inputs))
    compare(outputs, expected, atol=5e-6)
    shapes = layer.compute_output_shape(*(given.shape for given in inputs))
    shapes = shapes if isinstance(shapes[0], tuple) else (shapes,)
    assert [tuple(shape) for shape in shapes] == [x.shape for x in outputs]
    config = layer.get_config()
    parameters = set(inspect.signature(type(layer).__init__).parameters)
    assert parameters - {"self", "kwargs"} <= set(config)
    assert json.loads(json.dumps(config)) == config

    stored = keras.saving.serialize_keras_object(layer)
    clone = keras.saving.deserialize_keras_object(stored)
    assert clone.get_config() == config
    symbols = [symbol(given, rows=None) for given in inputs]
    model = keras.Model(symbols, clone(*symbols))
    model.set_weights(layer.get_weights())
    compare(arrays(model(list(inputs))), outputs, atol=1e-6)

    mixed = type(layer).from_config({**config, "dtype": "mixed_bfloat16"})
    mixed(*inputs)
    mixed.set_weights(layer.get_weights())
    compare(arrays(mixed(*inputs)), expected, atol=half)


def compare(outputs, expected, atol):
    expected = expected if isinstance(expected, (list, tuple)) else [expected]
    for output, wanted in zip(outputs, expected, strict=True):
        np.testing.assert_allclose(output, wanted, atol=atol)


def check_gradients(layer, *inputs):
    """Finite gradients, of the inputs that are numbers and of each weight."""
    import tensorflow as tf

    floats = [tf.Variable(given) for given in inputs if given.dtype == np.float32]
    rest = [given for given in inputs if given.dtype != np.float32]
    with tf.GradientTape() as tape:
        parts = keras.tree.flatten(layer(*floats, *rest))
        total = sum(tf.reduce_sum(tf.sin(part + 0.3)) for part in parts)
    variables = [*floats, *(v.value for v in layer.trainable_variables)]
    for gradient in tape.gradient(total, variables):
        assert gradient is not None
        assert np.isfinite(gradient).all()
        assert np.any(np.asarray(gradient) != 0)


def swish(x):
    return x / (1 + np.exp(-x))


def stack(weights, x, depth, *, lead=False, end="activated", normalization="layer"):
    """A `DenseStack` in double precision, taking its weights off the front."""

    def after(x, end):
        if end != "linear" and normalization == "layer":
            scale, shift = weights.pop(0), weights.pop(0)
            spread = np.sqrt(x.var(axis=1, keepdims=True) + 1e-3)
            x = (x - x.mean(axis=1, keepdims=True)) / spread * scale + shift
        if end != "linear" and normalization == "batch":
            scale, shift, mean, variance = (weights.pop(0) for _ in range(4))
            x = (x - mean) / np.sqrt(variance + 1e-3) * scale + shift
        return swish(x) if end == "activated" else x

    x = after(x, "activated") if lead else x
    for place in range(depth):
        kernel, bias = weights.pop(0), weights.pop(0)
        x = after(x @ kernel + bias, end if place == depth - 1 else "activated")
    return x


def doubles(layer):
    return [np.float64(weight) for weight in layer.get_weights()]


def aggregated(rows, ends, size, kinds):
    """Each aggregation of the rows that end at each node, node by node."""
    found = np.zeros((size, len(kinds), rows.shape[1]))
    functions = {"sum": np.sum, "mean": np.mean, "max": np.max, "std": np.std}
    for node in range(size):
        own = rows[ends == node]
        for place, kind in enumerate(kinds):
            if len(own):
                found[node, place] = functions[kind](own, axis=0)
    return found.reshape(size, -1)
