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
from tests.network.custom.test_graph_attention_block import normalized
from tests.network.custom.test_graph_attention_block import twin as block_twin

GRAPH = make_graph()


def twin(model, nodes, edges, senders, receivers):
    """The logits from the description, in double precision."""
    inputs = make_inputs()
    x = sanitized_rows(nodes, inputs.node_lower, inputs.node_upper)
    e = sanitized_rows(edges, inputs.edge_lower, inputs.edge_upper)
    x = stack(doubles(model.get_layer("node_encoder")), x, 2)
    e = stack(doubles(model.get_layer("edge_encoder")), e, 2)
    for name in ("step_0", "step_1"):
        x = block_twin(model.get_layer(name), x, e, senders, receivers)
    x = normalized(x, *doubles(model.get_layer("state_normalization")))
    kernel, bias = doubles(model.get_layer("decoder_ends"))
    hidden = joined_ends(x, e, senders, receivers) @ kernel + bias
    hidden = stack(doubles(model.get_layer("decoder")), hidden, 1, lead=True)
    kernel, bias = doubles(model.get_layer("edge"))
    return (hidden @ kernel + bias)[:, 0]


@pytest.mark.parametrize("dynamic", [True, False])
def test_attention_equals_its_twin(dynamic):
    model = make_network("attention", dynamic=dynamic)

    expected = twin(model, *GRAPH)

    np.testing.assert_allclose(edge_logits(model, *GRAPH), expected, atol=2e-5)


def test_without_normalisation_there_is_none():
    model = make_network("attention", normalization="none")

    assert not [w.path for w in model.weights if "gamma" in w.path]
    assert np.isfinite(edge_logits(model, *GRAPH)).all()
