import numpy as np
import pytest

from network.custom.super_edge_conv import SuperEdgeConv
from tests.network.custom.graph_layer import (
    aggregated,
    check_gradients,
    check_graph_layer,
    doubles,
    make_graph,
    stack,
    with_random_weights,
)

GRAPH = make_graph()


def first_layer(kernel, bias, nodes, edges, senders, receivers):
    """What the first dense layer makes of each edge, from the formula."""
    rows = []
    for s, r, edge in zip(senders, receivers, edges, strict=True):
        x_s, x_r = nodes[s], nodes[r]
        scalars = [np.sqrt(np.sum((x_s - x_r) ** 2)), np.dot(x_s, x_r)]
        rows.append(np.concatenate([x_r, x_s - x_r, x_s * x_r, scalars, edge]))
    return np.reshape(rows, (len(edges), len(kernel))) @ kernel + bias


def twin(layer, nodes, edges, senders, receivers):
    nodes, edges = np.float64(nodes), np.float64(edges)
    kernel, bias, *weights = doubles(layer)
    style = {"normalization": layer.normalization}
    first = first_layer(kernel, bias, nodes, edges, senders, receivers)
    message = stack(weights, first, layer.depth - 1, lead=True, **style)
    heard = aggregated(message, receivers, len(nodes), layer.aggregation)
    inputs = np.concatenate([nodes, heard], axis=1)
    update = stack(weights, inputs, layer.depth, **style)
    return update + nodes if layer.residual else update


@pytest.mark.parametrize(
    "choices",
    [
        {},
        {"normalization": "layer", "depth": 3, "aggregation": ["std", "max"]},
        {"normalization": "none", "residual": True},
    ],
)
def test_super_edge_conv_equals_its_twin(choices):
    layer = with_random_weights(SuperEdgeConv(4, **choices), *GRAPH)

    check_graph_layer(layer, *GRAPH, expected=twin(layer, *GRAPH), half=0.4)


def test_distance_of_near_nodes_keeps_its_digits():
    """A micrometre apart, a metre from the origin: the plain square has no digit."""
    layer = SuperEdgeConv(1, normalization="none")
    nodes = np.array([[1000.0, 0, 0], [1000.0, 1e-3, 0]], "f4")
    graph = (nodes, np.zeros((1, 1), "f4"), np.array([0]), np.array([1]))
    layer(*graph)
    kernel = np.zeros(layer.kernel.shape, "f4")
    kernel[9] = 1
    layer.kernel.assign(kernel)

    found = layer._first_layer(*graph)

    np.testing.assert_allclose(found, [[1e-3]], rtol=1e-6)


def test_super_edge_conv_goes_without_edges():
    layer = with_random_weights(SuperEdgeConv(4), *GRAPH)
    nodes, edges, senders, receivers = GRAPH
    empty = (nodes, edges[:0], senders[:0], receivers[:0])

    np.testing.assert_allclose(layer(*empty), twin(layer, *empty), atol=5e-6)


def test_every_weight_has_a_gradient_and_loops_are_harmless():
    layer = SuperEdgeConv(4, normalization="layer", aggregation=("mean", "std"))

    check_gradients(with_random_weights(layer, *GRAPH), *GRAPH)


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"units": -1}, "`units` must be positive"),
        ({"depth": 1}, "`depth` must be at least 2. Received: depth=1"),
        ({"aggregation": []}, "`aggregation` must name some of"),
        ({"normalization": "group"}, "`normalization` must be of .*'group'"),
    ],
)
def test_impossible_arguments_are_refused(choices, message):
    with pytest.raises(ValueError, match=message):
        SuperEdgeConv(**{"units": 4, **choices})


def test_what_is_added_to_must_be_as_wide():
    with pytest.raises(ValueError, match=r"must have 5 columns.*Received: 4 columns"):
        SuperEdgeConv(5, residual=True)(*GRAPH)
