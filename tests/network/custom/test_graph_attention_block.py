import numpy as np
import pytest

from network.custom.graph_attention_block import GraphAttentionBlock
from tests.network.custom.graph_layer import (
    arrays,
    check_gradients,
    check_graph_layer,
    doubles,
    make_graph,
    stack,
    with_random_weights,
)
from tests.network.custom.test_graph_attention import twin as attention_twin

GRAPH = make_graph(features=6)


def normalized(x, scale, shift):
    """A layer normalisation, in double precision."""
    spread = np.sqrt(x.var(axis=1, keepdims=True) + 1e-3)
    return (x - x.mean(axis=1, keepdims=True)) / spread * scale + shift


def twin(layer, nodes, edges, senders, receivers):
    """From the formula, in double precision."""
    nodes, edges = np.float64(nodes), np.float64(edges)
    calm = nodes
    if layer.normalization != "none":
        calm = normalized(nodes, *doubles(layer.calm))
    before = attention_twin(layer.forward, calm, edges, senders, receivers)
    behind = attention_twin(layer.backward, calm, edges, receivers, senders)
    x = np.concatenate([calm, before, behind], axis=1)
    depth, style = len(layer.dense.units), {"normalization": layer.normalization}
    return nodes + stack(doubles(layer.dense), x, depth, end="linear", **style)


@pytest.mark.parametrize(
    "choices",
    [
        {},
        {"heads": 2, "dynamic": False, "depth": 3},
        {"normalization": "none", "depth": 1},
        {"normalization": "batch", "heads": 3},
    ],
)
def test_graph_attention_block_equals_its_twin(choices):
    layer = with_random_weights(GraphAttentionBlock(6, **choices), *GRAPH)

    check_graph_layer(layer, *GRAPH, expected=twin(layer, *GRAPH), half=0.4)


def test_graph_attention_block_goes_without_edges_and_without_nodes():
    layer = with_random_weights(GraphAttentionBlock(6), *GRAPH)
    nodes, edges, senders, receivers = GRAPH
    empty = (edges[:0], senders[:0], receivers[:0])

    [found] = arrays(layer(nodes, *empty))

    np.testing.assert_allclose(found, twin(layer, nodes, *empty), atol=5e-6)
    assert layer(nodes[:0], *empty).shape == (0, 6)


def test_every_weight_has_a_gradient():
    check_gradients(
        with_random_weights(GraphAttentionBlock(6, heads=2), *GRAPH), *GRAPH
    )


def test_nodes_of_another_width_are_refused():
    with pytest.raises(ValueError, match=r"must have 5 columns.* Received: 6 columns"):
        GraphAttentionBlock(5)(*GRAPH)


def test_an_unknown_normalization_is_refused():
    with pytest.raises(ValueError, match=r"`normalization` must be of .*'group'"):
        GraphAttentionBlock(6, normalization="group")
