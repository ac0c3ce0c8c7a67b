import numpy as np

from tests.network.architectures.graph_networks import (
    edge_logits,
    joined_ends,
    make_inputs,
    make_network,
    sanitized_rows,
)
from tests.network.custom.graph_layer import doubles, make_graph, stack

GRAPH = make_graph()


def twin(model, depth, nodes, edges, senders, receivers):
    """The logits from the description, in double precision."""
    inputs = make_inputs()
    x = sanitized_rows(nodes, inputs.node_lower, inputs.node_upper)
    e = sanitized_rows(edges, inputs.edge_lower, inputs.edge_upper)
    x = stack(doubles(model.get_layer("node_encoder")), x, 1)
    kernel, bias = doubles(model.get_layer("edge_ends"))
    first = joined_ends(x, e, senders, receivers) @ kernel + bias
    hidden = stack(doubles(model.get_layer("edge_stack")), first, depth - 1, lead=True)
    kernel, bias = doubles(model.get_layer("edge"))
    return (hidden @ kernel + bias)[:, 0]


def test_dense_edges_equal_their_twin():
    model = make_network("dense", depth=3)

    expected = twin(model, 3, *GRAPH)

    np.testing.assert_allclose(edge_logits(model, *GRAPH), expected, atol=1e-5)


def test_an_edge_is_judged_alone():
    model = make_network("dense")
    nodes, edges, senders, receivers = GRAPH

    some = edge_logits(model, nodes, edges[3:5], senders[3:5], receivers[3:5])

    np.testing.assert_allclose(some, edge_logits(model, *GRAPH)[3:5], atol=1e-6)
