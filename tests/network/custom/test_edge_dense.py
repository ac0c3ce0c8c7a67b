import numpy as np
import pytest

from network.custom.edge_dense import EdgeDense
from tests.network.custom.graph_layer import (
    check_gradients,
    check_graph_layer,
    make_graph,
    with_random_weights,
)

GRAPH = make_graph()


def test_edge_dense_equals_its_twin():
    layer = with_random_weights(EdgeDense(5), *GRAPH)
    kernel, bias = (np.float64(weight) for weight in layer.get_weights())
    nodes, edges, senders, receivers = GRAPH

    expected = np.array(
        [
            np.concatenate([nodes[s], nodes[r], edge]) @ kernel + bias
            for s, r, edge in zip(senders, receivers, edges, strict=True)
        ]
    )

    check_graph_layer(layer, *GRAPH, expected=expected)


def test_every_weight_has_a_gradient():
    check_gradients(with_random_weights(EdgeDense(5), *GRAPH), *GRAPH)


def test_impossible_width_is_refused():
    with pytest.raises(ValueError, match=r"`units` must be positive.*units=0"):
        EdgeDense(0)
