import dataclasses

import numpy as np
import pytest

from tests.trackdnn.graphs.edge_filter.windows import Windows
from tests.trackdnn.toy_events import toy_event
from trackdnn.events.event import without_truth
from trackdnn.graphs.edge_filter.context import CONTEXT, Context, shapes
from trackdnn.graphs.graph import Graph

COLUMN = {name: place for place, name in enumerate(CONTEXT)}


@pytest.fixture(scope="module")
def made():
    event = without_truth(toy_event(25, noise=20))
    graph = Windows(dphi=0.1).build(event)
    score = np.random.default_rng(1).uniform(0.01, 1, len(graph)).astype("f4")
    return event, graph.scored(score)


def one_by_one(event, graph):
    """Slow twin: each edge with each other edge."""
    shape, edges = shapes(event, graph), graph.edges.T.tolist()
    rows = []
    for row, (a, b) in enumerate(edges):
        columns = []
        for hit, end in ((b, 1), (a, 0)):
            after = [k for k, edge in enumerate(edges) if edge[1 - end] == hit]
            rivals = [
                k for k, edge in enumerate(edges) if edge[end] == hit and k != row
            ]

            def misfit(other, row=row):
                bend, theta, _ = shape[other] - shape[row]
                far = (bend / 1e-4) ** 2 + (theta / 0.02) ** 2
                return far - 2 * np.log(graph.score[other])

            nothing = [np.nan] * 4
            if after:
                best = min(after, key=misfit)
                difference = np.abs(shape[best] - shape[row])
                nothing = [*difference, graph.score[best]]
            rival = max((graph.score[k] for k in rivals), default=np.nan)
            columns += [*nothing, len(after), rival, len(rivals)]
        rows.append(columns)
    return np.array(rows)


def test_context_is_that_of_the_slow_twin(made):
    event, graph = made

    features = Context(event, graph).features(slice(None))

    expected = one_by_one(event, graph)
    assert len(graph) > 200
    np.testing.assert_allclose(features, expected, rtol=1e-4, atol=1e-7)


def test_context_of_rows_is_rows_of_the_context(made):
    context = Context(*made)
    rows = np.array([2, 7, 100])

    every = context.features(slice(None))

    np.testing.assert_array_equal(context.features(rows), every[rows])
    np.testing.assert_array_equal(context.features(slice(10, 20)), every[10:20])


def test_context_tells_true_edges_from_false_ones():
    event = toy_event(60)
    graph = Windows(dphi=0.1).build(without_truth(event))
    graph = graph.scored(np.full(len(graph), 0.5, dtype="f4"))
    owner = event.owner()
    same = owner[graph.edges[0]] == owner[graph.edges[1]]

    bend = Context(event, graph).features(slice(None))[:, COLUMN["bend_out"]]

    assert np.nanmedian(bend[same]) < 0.1 * np.nanmedian(bend[~same])


def test_context_of_a_single_edge_is_nothing():
    event = toy_event(2)
    edges = np.array([[0], [1]], dtype="i4")
    graph = Graph(hits=len(event), edges=edges, score=np.float32([0.5]))

    features = Context(event, graph).features(slice(None))[0]

    assert features[COLUMN["number_out"]] == features[COLUMN["rivals_in"]] == 0
    assert np.isnan(features[COLUMN["bend_in"]])


def test_context_survives_hits_at_equal_places_and_on_the_beam_line():
    event = without_truth(toy_event(2))
    hits = event.hits.take(np.array([0, 0, 1]))
    hits = dataclasses.replace(hits, x=hits.x * [0, 0, 1], y=hits.y * [0, 0, 1])
    event = dataclasses.replace(event, hits=hits)
    edges = np.array([[0, 0, 1], [1, 2, 2]], dtype="i4")
    graph = Graph(hits=3, edges=edges, score=np.float32([0.5, 0.5, 0.5]))

    features = Context(event, graph).features(slice(None))

    assert features.shape == (3, len(CONTEXT))
    assert not np.isinf(features).any()


def test_context_of_no_edges_has_its_columns():
    event = toy_event(2)
    none = Graph(hits=len(event), edges=np.zeros((2, 0), "i4"), score=np.zeros(0, "f4"))

    assert Context(event, none).features(slice(None)).shape == (0, len(CONTEXT))
