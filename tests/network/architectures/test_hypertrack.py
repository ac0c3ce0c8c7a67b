import numpy as np
import pytest

from tests.network.architectures.graph_networks import (
    edge_logits,
    make_inputs,
    make_network,
    sanitized_rows,
)
from tests.network.custom.graph_layer import doubles, make_graph, stack
from tests.network.custom.test_super_edge_conv import twin as conv_twin

GRAPH = make_graph()


def both_directions(nodes, edges, senders, receivers, loops):
    """Edge by edge: there, all of them back again, and each node with itself."""
    found = [(s, r, e) for s, r, e in zip(senders, receivers, edges, strict=True)]
    found += [(r, s, e) for s, r, e in zip(senders, receivers, edges, strict=True)]
    if loops:
        found += [(n, n, np.zeros(edges.shape[1])) for n in range(len(nodes))]
    ends = np.array([[s, r] for s, r, _ in found], dtype=int).reshape(-1, 2)
    features = np.reshape([e for _, _, e in found], (-1, edges.shape[1]))
    return features, ends[:, 0], ends[:, 1]


def twin(model, nodes, edges, senders, receivers, *, normalization, loops):
    """The logits from the description, in double precision."""
    inputs, style = make_inputs(), {"normalization": normalization}
    x = sanitized_rows(nodes, inputs.node_lower, inputs.node_upper)
    e = sanitized_rows(edges, inputs.edge_lower, inputs.edge_upper)
    graph = both_directions(x, e, senders, receivers, loops)
    outputs = []
    for name in ("step_0", "step_1"):
        x = conv_twin(model.get_layer(name), x, *graph)
        outputs.append(x)
    joined = np.concatenate(outputs, axis=1)
    state = stack(doubles(model.get_layer("fusion")), joined, 2, **style)
    pairs = [state[s] * state[r] for s, r in zip(senders, receivers, strict=True)]
    pairs = np.reshape(pairs, (len(edges), state.shape[1]))
    hidden = stack(doubles(model.get_layer("decoder")), pairs, 2, **style)
    kernel, bias = doubles(model.get_layer("edge"))
    return (hidden @ kernel + bias)[:, 0]


@pytest.mark.parametrize(
    ("normalization", "loops"), [("batch", True), ("layer", False)]
)
def test_hypertrack_equals_its_twin(normalization, loops):
    model = make_network("hypertrack", normalization=normalization, self_edges=loops)
    style = {"normalization": normalization, "loops": loops}

    for graph in (GRAPH, (GRAPH[0], *(part[:0] for part in GRAPH[1:]))):
        found = edge_logits(model, *graph)

        np.testing.assert_allclose(found, twin(model, *graph, **style), atol=5e-5)


def test_an_edge_turned_around_has_the_same_logit():
    nodes, edges, senders, receivers = GRAPH
    turn = np.arange(len(edges)) % 2 == 0
    other = np.where(turn, receivers, senders), np.where(turn, senders, receivers)
    hypertrack, directed = make_network("hypertrack"), make_network("interaction")

    found = edge_logits(hypertrack, nodes, edges, *other)

    np.testing.assert_allclose(found, edge_logits(hypertrack, *GRAPH), atol=1e-5)
    changed = edge_logits(directed, nodes, edges, *other)
    assert np.abs(changed - edge_logits(directed, *GRAPH)).max() > 0.01


def test_the_preset_has_as_many_parameters_as_the_original():
    from network.graph_builder import ARCHITECTURES

    options = ARCHITECTURES["hypertrack"].options
    model = make_network("hypertrack", inputs=make_inputs(3, 1), **options)

    assert sum(np.prod(weight.shape) for weight in model.trainable_weights) == 160_244


def test_a_single_step_goes():
    model = make_network("hypertrack", steps=1)

    assert np.isfinite(edge_logits(model, *GRAPH)).all()
