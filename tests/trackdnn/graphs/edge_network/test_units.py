"""Events as arrays to train on, against loops."""

import numpy as np
import pytest

from tests.trackdnn.graphs.edge_filter.windows import Windows
from tests.trackdnn.toy_events import toy_event
from trackdnn.events.event import without_truth
from trackdnn.graphs.edge_filter.drawing import FALSE, IGNORED, TRUE
from trackdnn.graphs.edge_network.units import (
    edge_weights,
    particle_weights,
    unit_of,
)
from trackdnn.graphs.truth_graphs import true_edges
from trackdnn.settings.finding import EdgeNetworkSettings


@pytest.fixture(scope="module")
def event():
    return toy_event(15, noise=6)


def made(event, **settings):
    graph = Windows().build(without_truth(event))
    rng = np.random.default_rng(1)
    return graph, unit_of(event, graph, EdgeNetworkSettings(**settings), rng)


def test_labels_are_those_of_a_loop(event):
    graph, unit = made(event, others="false")
    owner = event.owner()
    true = {tuple(pair) for pair in true_edges(event, "modulewise").T.tolist()}

    for row, (one, other) in enumerate(graph.edges.T.tolist()):
        assert unit["label"][row, 0] == ((one, other) in true)
        assert unit["weight"][row] == 1.0
        if unit["label"][row]:
            assert owner[one] == owner[other] >= 0
    found = int(unit["label"].sum())
    assert unit["counts"].tolist() == [found, len(true)]
    np.testing.assert_array_equal(unit["senders"], graph.edges[0])
    np.testing.assert_array_equal(unit["receivers"], graph.edges[1])


def test_other_edges_of_a_particle_are_ignored_where_asked(event):
    graph, unit = made(event, others="ignored")
    owner = event.owner()

    for row, (one, other) in enumerate(graph.edges.T):
        same = owner[one] == owner[other] and owner[one] >= 0
        assert (unit["weight"][row] == 0) == (same and not unit["label"][row])


def test_balance_gives_both_classes_the_same_weight():
    labels = np.array([TRUE, FALSE, FALSE, FALSE, IGNORED, FALSE], np.int8)

    weight = edge_weights(labels, 1.0 - 1e-9)

    assert weight[labels == TRUE].sum() == pytest.approx(
        weight[labels == FALSE].sum(), rel=1e-6
    )
    assert weight[4] == 0
    assert weight.sum() == pytest.approx(5.0)


def test_no_edges_have_no_weights():
    assert edge_weights(np.zeros(0, np.int8), 0.5).shape == (0,)
    assert edge_weights(np.array([IGNORED], np.int8), 0.5).tolist() == [0.0]


def test_particles_with_edges_of_their_own_share_the_weight():
    owner = np.array([0, 0, 1, 2, 2, -1, -1], np.int32)
    edges = np.array([[0, 2, 3, 5], [1, 3, 4, 6]])

    weight = particle_weights(owner, edges, 8.0)

    assert weight.tolist() == [0.0, 4.0, 0.0, 4.0]


def test_some_edges_stand_for_all(event):
    graph, whole = made(event, architecture="dense", edges=None)
    _, unit = made(event, architecture="dense", edges=40)

    assert len(unit["label"]) == 40 < len(graph)
    for true in (False, True):
        rows = (unit["label"][:, 0] > 0) == true
        every = ((whole["label"][:, 0] > 0) == true) & (whole["weight"] > 0)
        assert unit["weight"][rows].sum() == pytest.approx(
            whole["weight"][every].sum(), rel=1e-5
        )
    assert unit["counts"].tolist() == whole["counts"].tolist()
