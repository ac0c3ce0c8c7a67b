import numpy as np
import pytest

from network.custom.graph_attention import GraphAttention
from tests.network.custom.graph_layer import (
    check_gradients,
    check_graph_layer,
    doubles,
    make_graph,
    with_random_weights,
)

GRAPH = make_graph()


def logit(layer, weights, head, x_s, x_r, edge):
    """How much one head wants to hear along one edge."""
    width = layer.units // layer.heads
    part = slice(head * width, (head + 1) * width)
    sender, edge_kernel, *rest = (matrix[:, part] for matrix in weights[:-1])

    def bent(z):
        return np.where(z > 0, z, layer.slope * z)

    if layer.dynamic:
        receiver, attention = rest
        total = x_s @ sender + x_r @ receiver + edge @ edge_kernel
        return attention[0] @ bent(total)
    to_s, to_r, to_e = rest[0]
    return bent(
        to_s @ (x_s @ sender) + to_r @ (x_r @ sender) + to_e @ (edge @ edge_kernel)
    )


def twin(layer, nodes, edges, senders, receivers):
    """Node by node and head by head, in double precision."""
    nodes, edges, weights = np.float64(nodes), np.float64(edges), doubles(layer)
    sent, bias = nodes @ weights[0], weights[-1]
    width = layer.units // layer.heads
    found = np.tile(bias, (len(nodes), 1))
    for node in range(len(nodes)):
        own = np.flatnonzero(receivers == node)
        for head in range(layer.heads):
            logits = [
                logit(layer, weights, head, nodes[senders[k]], nodes[node], edges[k])
                for k in own
            ]
            share = np.exp(logits) / np.sum(np.exp(logits))
            part = slice(head * width, (head + 1) * width)
            for p, k in zip(share, own, strict=True):
                found[node, part] += p * sent[senders[k], part]
    return found + nodes if layer.residual else found


@pytest.mark.parametrize("dynamic", [True, False])
@pytest.mark.parametrize("heads", [1, 3])
def test_graph_attention_equals_its_twin(dynamic, heads):
    layer = GraphAttention(6, heads=heads, dynamic=dynamic)
    with_random_weights(layer, *GRAPH)

    check_graph_layer(layer, *GRAPH, expected=twin(layer, *GRAPH))


def test_residual_adds_the_nodes():
    layer = with_random_weights(GraphAttention(4, 2, residual=True, slope=0.1), *GRAPH)

    check_graph_layer(layer, *GRAPH, expected=twin(layer, *GRAPH))


def test_dynamic_attention_lets_nodes_rank_their_senders_differently():
    """What the static form cannot: each node listens to the sender like itself."""
    nodes = np.array([[-1.0], [1.0]], "f4")
    senders, receivers = np.array([[0, 1, 0, 1], [0, 0, 1, 1]])
    graph = (nodes, np.zeros((4, 1), "f4"), senders, receivers)
    layer = GraphAttention(2, slope=0)
    layer(*graph)
    # a . L(W x_s + V x_r) = -L(x_s - x_r) - L(x_r - x_s) = -|x_s - x_r|
    up = np.float32([[10, -10]])
    layer.set_weights([up, 0 * up, -up, -np.ones((1, 2), "f4"), np.zeros(2, "f4")])

    np.testing.assert_allclose(layer(*graph), nodes @ up, atol=1e-3)


def test_large_logits_stay_finite():
    layer = with_random_weights(GraphAttention(6, heads=2), *GRAPH)
    nodes, *rest = GRAPH

    found = np.asarray(layer(1e4 * nodes, *rest))

    assert np.isfinite(found).all()


def test_graph_attention_goes_without_edges():
    layer = with_random_weights(GraphAttention(6, heads=2), *GRAPH)
    nodes, edges, senders, receivers = GRAPH

    found = layer(nodes, edges[:0], senders[:0], receivers[:0])

    np.testing.assert_allclose(found, np.tile(layer.get_weights()[-1], (7, 1)))


@pytest.mark.parametrize("dynamic", [True, False])
def test_every_weight_has_a_gradient(dynamic):
    layer = GraphAttention(6, heads=3, dynamic=dynamic)

    check_gradients(with_random_weights(layer, *GRAPH), *GRAPH)


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"heads": 4}, r"divide `units`. Received: heads=4, units=6"),
        ({"heads": 0}, r"must be positive.*heads=0"),
        ({"slope": 1.5}, "`slope` must be from 0 to 1. Received: slope=1.5"),
    ],
)
def test_impossible_arguments_are_refused(choices, message):
    with pytest.raises(ValueError, match=message):
        GraphAttention(6, **choices)


def test_what_is_added_to_must_be_as_wide():
    with pytest.raises(ValueError, match=r"must have 6 columns.*Received: 4 columns"):
        GraphAttention(6, residual=True)(*GRAPH)
