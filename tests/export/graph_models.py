"""Small networks of graphs with random weights, and the graphs that they take."""

from __future__ import annotations

import types

import numpy as np

from network.graph_inputs import GraphInputs

WIDTH, EDGE_WIDTH = 5, 4
INPUTS = GraphInputs(
    node_names=tuple(f"node{place}" for place in range(WIDTH)),
    node_lower=(-3.0,) * WIDTH,
    node_upper=(3.0,) * WIDTH,
    edge_names=tuple(f"edge{place}" for place in range(EDGE_WIDTH)),
    edge_lower=(-2.0,) * EDGE_WIDTH,
    edge_upper=(4.0,) * EDGE_WIDTH,
)
SMALL = {"width": 8, "steps": 1, "depth": 2, "decoder": (8, 8)}
SMALL_MASKS = {"width": 8, "heads": 2, "blocks": 1}


def build_network(architecture="interaction", options=None, inputs=INPUTS, masks=None):
    from network.graph_builder import GraphBuilder

    options = SMALL if options is None else options
    choice = types.SimpleNamespace(architecture=architecture, options=options)
    return with_random_weights(GraphBuilder(choice, masks).build(inputs))


def with_random_weights(model, seed=3):
    """No weight is 0 or 1, where a converter may leave something out."""
    rng = np.random.default_rng(seed)
    model.set_weights(
        [
            (np.abs if weight.name == "moving_variance" else np.asarray)(
                np.asarray(weight) + rng.normal(0, 0.15, weight.shape)
            )
            for weight in model.weights
        ]
    )
    return model


def random_graph(nodes, edges, seed=7):
    rng = np.random.default_rng(seed)
    return {
        "nodes": rng.normal(size=(nodes, WIDTH)).astype("f4"),
        "edge_index": rng.integers(0, max(nodes, 1), (2, edges)),
        "edge_features": rng.normal(size=(edges, EDGE_WIDTH)).astype("f4"),
    }


def random_micrographs(count, tokens, pivots, width, seed=7):
    rng = np.random.default_rng(seed)
    return {
        "tokens": rng.normal(size=(count, tokens, width)).astype("f4"),
        "pivots": rng.normal(size=(count, pivots, width)).astype("f4"),
        "token_valid": (rng.random((count, tokens)) < 0.7).astype("f4"),
        "pivot_valid": (rng.random((count, pivots)) < 0.7).astype("f4"),
    }


def sigmoid(x):
    return 1 / (1 + np.exp(-np.float64(x)))


def session_of(proto, threads=1):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(
        proto.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
