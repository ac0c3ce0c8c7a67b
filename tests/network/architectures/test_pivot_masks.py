import keras
import numpy as np
import pytest

from tests.network.architectures.graph_networks import (
    MASKS,
    edge_logits,
    make_inputs,
    make_masks,
    make_network,
    sanitized_rows,
)
from tests.network.custom.graph_layer import make_graph

GRAPH = make_graph()
TOKENS = make_masks()


@pytest.mark.parametrize("name", ["hypertrack", "dense"])
def test_masks_come_from_the_states_and_features_of_their_hits(name):
    model = make_network(name, MASKS)
    states = keras.Model(model.inputs[:4], model.get_layer("state").output)
    state = np.asarray(states(list(GRAPH)))
    inputs = make_inputs()
    known = sanitized_rows(GRAPH[0], inputs.node_lower, inputs.node_upper)
    hits = np.concatenate([state, known], axis=1).astype("f4")
    token, exists, pivot, some = TOKENS

    outputs = model([*GRAPH, *TOKENS])

    head = model.get_layer("masks")
    expected = head(hits[token], hits[pivot], exists > 0, some > 0)
    np.testing.assert_allclose(outputs["mask"], expected, atol=2e-5)
    assert outputs["mask"].dtype == outputs["edge"].dtype == "float32"
    assert (np.asarray(outputs["mask"])[exists == 0] == -100).all()


def test_masks_leave_the_edges_as_they_are():
    from network.architectures.pivot_masks import with_masks

    edges = make_network("interaction")
    before = edge_logits(edges, *GRAPH)

    both = with_masks(edges, MASKS)

    found = np.asarray(both([*GRAPH, *TOKENS])["edge"])[:, 0]
    np.testing.assert_allclose(found, before, atol=1e-6)
    assert both.get_layer("step_0") is edges.get_layer("step_0")
    names = ["tokens", "token_valid", "pivots", "pivot_valid"]
    assert [one.name for one in both.inputs[4:]] == names


def test_an_event_may_have_no_set_of_hits():
    model = make_network("dense", MASKS)

    outputs = model([*GRAPH, *(part[:0] for part in TOKENS)])

    assert outputs["mask"].shape == (0, 5)
    assert outputs["edge"].shape == (len(GRAPH[1]), 1)
