import keras
import numpy as np
import pytest

from tests.network.architectures.graph_networks import (
    edge_logits,
    joined_ends,
    make_inputs,
    make_network,
    sanitized_rows,
)
from tests.network.custom.graph_layer import doubles, make_graph, stack
from tests.network.custom.test_interaction_network import twin as step_twin

GRAPH = make_graph()


def twin(model, steps, nodes, edges, senders, receivers):
    """The logits and the states from the description, in double precision."""
    inputs = make_inputs()
    x = sanitized_rows(nodes, inputs.node_lower, inputs.node_upper)
    e = sanitized_rows(edges, inputs.edge_lower, inputs.edge_upper)
    x = stack(doubles(model.get_layer("node_encoder")), x, 2)
    e = stack(doubles(model.get_layer("edge_encoder")), e, 2)
    for name in steps:
        x, e = step_twin(model.get_layer(name), x, e, senders, receivers)
    kernel, bias = doubles(model.get_layer("decoder_ends"))
    hidden = joined_ends(x, e, senders, receivers) @ kernel + bias
    hidden = stack(doubles(model.get_layer("decoder")), hidden, 1, lead=True)
    kernel, bias = doubles(model.get_layer("edge"))
    return (hidden @ kernel + bias)[:, 0], x


@pytest.mark.parametrize(
    ("options", "steps"),
    [
        ({}, ["step_0", "step_1"]),
        (
            {"recurrent": True, "both_ways": False, "aggregation": ["sum", "std"]},
            ["step", "step"],
        ),
        ({"residual": False}, ["step_0", "step_1"]),
    ],
)
def test_interaction_equals_its_twin(options, steps):
    model = make_network("interaction", **options)
    expected, state = twin(model, steps, *GRAPH)

    np.testing.assert_allclose(edge_logits(model, *GRAPH), expected, atol=2e-5)
    states = keras.Model(model.inputs, model.get_layer("state").output)
    np.testing.assert_allclose(states(list(GRAPH)), state, atol=2e-5)


def test_recurrent_steps_share_their_weights():
    few, many = (
        make_network("exatrkx", steps=steps).count_params() for steps in (1, 5)
    )

    assert few == many
    assert make_network("interaction", steps=3).count_params() > few


def test_an_edge_of_one_event_says_nothing_of_another():
    model = make_network("interaction")
    nodes, edges, senders, receivers = GRAPH
    both = (
        np.concatenate([nodes, nodes[::-1]]),
        np.concatenate([edges, edges]),
        np.concatenate([senders, senders + len(nodes)]),
        np.concatenate([receivers, receivers + len(nodes)]),
    )

    alone = edge_logits(model, *GRAPH)

    joint = edge_logits(model, *both)
    np.testing.assert_allclose(joint[: len(edges)], alone, atol=1e-5)
    assert np.abs(joint[len(edges) :] - alone).max() > 0.01
