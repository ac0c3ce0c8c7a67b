"""What a network is told of hits and edges."""

import math

import numpy as np
import pytest

from tests.trackdnn.graphs.edge_filter.windows import Windows
from tests.trackdnn.toy_events import toy_event
from trackdnn.events.event import without_truth
from trackdnn.graphs.edge_filter.features import edge_features
from trackdnn.graphs.edge_network.columns import (
    EDGE_NAMES,
    GRAPH_NAMES,
    edge_columns,
    graph_columns,
    logit,
    node_columns,
    node_names,
)


@pytest.fixture(scope="module")
def graph():
    event = without_truth(toy_event(20, noise=5))
    graph = Windows().build(event)
    score = np.random.default_rng(1).random(len(graph), dtype="f4")
    return event, graph.scored(score)


def test_logit_equals_a_loop_and_is_bounded():
    score = np.array([0.0, 1e-9, 0.3, 0.5, 0.99, 1.0, np.nan], "f4")

    found = logit(score)

    for one, value in zip(found[:-1], score[:-1].astype(float), strict=True):
        odds = math.inf if value == 1 else value / (1 - value)
        exact = math.log(odds) if 0 < odds < math.inf else (-99 if odds == 0 else 99)
        assert one == pytest.approx(min(max(exact, -12), 12), rel=1e-6)
    assert np.isnan(found[-1])


def test_edge_columns_are_those_of_the_filter_but_the_score(graph):
    event, graph = graph

    found = edge_columns(event, graph)

    expected = edge_features(event, graph, slice(None))
    np.testing.assert_array_equal(found[:, :-1], expected[:, :-1])
    np.testing.assert_array_equal(found[:, -1], logit(graph.score))
    assert found.shape == (len(graph), len(EDGE_NAMES))


def test_edge_columns_of_some_rows_are_those_rows(graph):
    event, graph = graph
    rows = np.array([3, 5, 8])

    np.testing.assert_array_equal(
        edge_columns(event, graph, rows), edge_columns(event, graph)[rows]
    )


def test_columns_of_a_graph_are_those_of_edges_shapes_and_context(graph):
    event, graph = graph

    found = graph_columns(event, graph)

    assert found.shape == (len(graph), len(GRAPH_NAMES))
    np.testing.assert_array_equal(found[:, :22], edge_columns(event, graph))
    x, y, z = (getattr(event.hits, name).astype(float) for name in "xyz")
    for row, (one, other) in enumerate(graph.edges.T[:50]):
        cross = x[one] * y[other] - y[one] * x[other]
        chord = math.hypot(x[other] - x[one], y[other] - y[one])
        radii = math.hypot(x[one], y[one]) * math.hypot(x[other], y[other])
        turn, theta = found[row, 22:24]
        assert turn == pytest.approx(2 * cross / radii / chord, rel=1e-3, abs=1e-7)
        assert theta == pytest.approx(math.atan2(chord, z[other] - z[one]), rel=1e-4)


def test_node_columns_have_names(graph):
    event, _ = graph
    groups = ("turn", "position")

    assert node_names(groups) == ("cos_phi", "sin_phi", "r", "phi", "z")
    assert node_columns(event, groups).shape == (len(event), 5)
