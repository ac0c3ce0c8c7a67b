import numpy as np
import pytest

from network.custom.interaction_network import InteractionNetwork
from tests.network.custom.graph_layer import (
    aggregated,
    arrays,
    check_gradients,
    check_graph_layer,
    doubles,
    make_graph,
    stack,
    with_random_weights,
)

ALL = ("sum", "mean", "max", "std")
GRAPH = make_graph()
WIDE = make_graph(features=5, edge_features=5)


def twin(layer, nodes, edges, senders, receivers):
    """Edge by edge and node by node, in double precision."""
    nodes, edges = np.float64(nodes), np.float64(edges)
    kernel, bias, *weights = doubles(layer)
    kinds, style = layer.aggregation, {"normalization": layer.normalization}
    first = [
        np.concatenate([nodes[s], nodes[r], edge]) @ kernel + bias
        for s, r, edge in zip(senders, receivers, edges, strict=True)
    ]
    first = np.reshape(first, (-1, layer.units))
    rest = layer.depth - 1
    message = stack(weights, first, rest, lead=True, end="normalized", **style)
    message = message + edges if layer.residual else message
    parts = [nodes, aggregated(message, receivers, len(nodes), kinds)]
    if layer.both_ways:
        parts.append(aggregated(message, senders, len(nodes), kinds))
    inputs = np.concatenate(parts, axis=1)
    update = stack(weights, inputs, layer.depth, end="normalized", **style)
    return (update + nodes if layer.residual else update), message


@pytest.mark.parametrize(
    "choices",
    [
        {},
        {"aggregation": ALL, "both_ways": True, "depth": 3},
        {"normalization": "none", "aggregation": ["max"]},
        {"normalization": "batch", "aggregation": ["mean"]},
    ],
)
def test_interaction_network_equals_its_twin(choices):
    layer = with_random_weights(InteractionNetwork(5, **choices), *WIDE)

    check_graph_layer(layer, *WIDE, expected=twin(layer, *WIDE), half=0.3)


def test_interaction_network_without_residual_changes_the_widths():
    layer = InteractionNetwork(5, residual=False, both_ways=True)
    with_random_weights(layer, *GRAPH)

    check_graph_layer(layer, *GRAPH, expected=twin(layer, *GRAPH), half=0.3)


def test_interaction_network_goes_without_edges():
    layer = with_random_weights(InteractionNetwork(5, aggregation=ALL), *WIDE)
    nodes, edges, senders, receivers = WIDE
    empty = (nodes, edges[:0], senders[:0], receivers[:0])

    found = arrays(layer(*empty))

    np.testing.assert_allclose(found[0], twin(layer, *empty)[0], atol=5e-6)
    assert found[1].shape == (0, 5)


def test_order_of_nodes_and_edges_does_not_matter():
    layer = InteractionNetwork(5, aggregation=ALL, both_ways=True)
    with_random_weights(layer, *WIDE)
    nodes, edges, senders, receivers = WIDE
    turn, shuffle = np.random.default_rng(4).permutation(7), np.arange(16)[::-1]
    place = np.argsort(turn)

    found = layer(
        nodes[turn], edges[shuffle], place[senders[shuffle]], place[receivers[shuffle]]
    )

    expected = arrays(layer(*WIDE))
    np.testing.assert_allclose(found[0], expected[0][turn], atol=2e-6)
    np.testing.assert_allclose(found[1], expected[1][shuffle], atol=2e-6)


def test_every_weight_has_a_gradient():
    layer = InteractionNetwork(5, aggregation=ALL, both_ways=True)

    check_gradients(with_random_weights(layer, *WIDE), *WIDE)


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"units": 0}, "`units` must be positive"),
        ({"depth": 1}, "`depth` must be at least 2. Received: depth=1"),
        ({"aggregation": ["median"]}, r"`aggregation` must name some of .*median"),
        ({"normalization": "group"}, "`normalization` must be of .*'group'"),
    ],
)
def test_impossible_arguments_are_refused(choices, message):
    with pytest.raises(ValueError, match=message):
        InteractionNetwork(**{"units": 4, **choices})


@pytest.mark.parametrize(("graph", "name"), [(GRAPH, "nodes"), (WIDE, "edges")])
def test_what_is_added_to_must_be_as_wide(graph, name):
    nodes, _, senders, receivers = graph
    edges = GRAPH[1]

    with pytest.raises(ValueError, match=f"`{name}` must have 5 columns .* residual=F"):
        InteractionNetwork(5)(nodes, edges, senders, receivers)
