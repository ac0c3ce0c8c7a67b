"""Small networks of graphs, graphs for them, and twins of what they share."""

import types

import numpy as np

from network.graph_builder import ARCHITECTURES, GraphBuilder
from network.graph_inputs import GraphInputs
from tests.network.custom.graph_layer import make_graph

NODE_FEATURES, EDGE_FEATURES = 4, 3
SIZES = {
    "width": 6,
    "steps": 2,
    "depth": 2,
    "decoder": (5, 4),
    "fusion": 5,
    "heads": 2,
    "dimensions": 3,
}
EDGE_NETWORKS = tuple(name for name in ARCHITECTURES if name != "embedding")
# One preset for each function.
FORMS = tuple(name for name in EDGE_NETWORKS if name != "exatrkx")
MASKS = {"width": 4, "heads": 2, "blocks": 1, "mask_units": (3,)}


def make_inputs(nodes=NODE_FEATURES, edges=EDGE_FEATURES):
    """Ranges that clip some of what `make_graph` makes."""
    return GraphInputs(
        node_names=[f"node_{column}" for column in range(nodes)],
        node_lower=[-2.0 + 0.1 * column for column in range(nodes)],
        node_upper=[1.5] * nodes,
        edge_names=[f"edge_{column}" for column in range(edges)],
        edge_lower=[-1.5] * edges,
        edge_upper=[2.0 + 0.1 * column for column in range(edges)],
    )


def choice(name, **options):
    """A small network of that name."""
    known = ARCHITECTURES[name].options
    sizes = {key: value for key, value in SIZES.items() if key in known}
    return types.SimpleNamespace(architecture=name, options={**sizes, **options})


def make_network(name, masks=None, inputs=None, **options):
    """A small network with weights that are the same on any backend, and no zeros."""
    model = GraphBuilder(choice(name, **options), masks).build(inputs or make_inputs())
    rng = np.random.default_rng(5)
    weights = []
    for weight in model.weights:
        value = rng.normal(0, 0.4, weight.shape)
        if weight.name in ("gamma", "moving_variance"):
            value = 1 + np.abs(value)
        weights.append(value)
    model.set_weights(weights)
    return model


def edge_logits(model, nodes, edges, senders, receivers):
    """The logits of some edges, of shape `(edges,)`."""
    output = model([nodes, edges, senders, receivers])["edge"]
    return np.asarray(output)[:, 0]


def make_masks(sets=3, tokens=5, pivots=3):
    """Tokens, which are there, pivots, and which are there, on `make_graph`."""
    rng = np.random.default_rng(8)
    nodes = len(make_graph()[0])
    token = rng.integers(0, nodes, (sets, tokens)).astype("i4")
    pivot = rng.integers(0, nodes, (sets, pivots)).astype("i4")
    exists, some = rng.random((sets, tokens)) < 0.7, rng.random((sets, pivots)) < 0.7
    return [token, exists.astype("f4"), pivot, some.astype("f4")]


def sanitized_rows(rows, lower, upper):
    """Clipped to its range and mapped to -1 to 1, number by number; NaN is 0 first."""
    found = np.zeros(rows.shape)
    for place, value in np.ndenumerate(np.float64(rows)):
        low, high = lower[place[1]], upper[place[1]]
        known = min(max(0.0 if np.isnan(value) else value, low), high)
        found[place] = 2 * (known - low) / (high - low) - 1
    return found


def joined_ends(nodes, edges, senders, receivers):
    """Both nodes and the edge side by side, edge by edge."""
    rows = [
        np.concatenate([nodes[s], nodes[r], edge])
        for s, r, edge in zip(senders, receivers, edges, strict=True)
    ]
    return np.reshape(rows, (len(edges), 2 * nodes.shape[1] + edges.shape[1]))
