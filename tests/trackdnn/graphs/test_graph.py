import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn.graphs.graph import Graph, edge_keys, graph_of


@pytest.fixture(scope="module")
def event():
    return toy_event(20, noise=10)


@pytest.fixture(scope="module")
def pairs(event):
    return np.random.default_rng(1).integers(0, len(event), (2, 500))


def slow_graph(event, pairs, score):
    """Each pair once, the nearer hit first, with its highest score."""
    distance = event.hits.distance
    best = {}
    for (one, other), value in zip(pairs.T.tolist(), score.tolist(), strict=True):
        if one == other:
            continue
        key = tuple(sorted((one, other), key=lambda hit: (distance[hit], hit)))
        best[key] = max(best.get(key, -1.0), value)
    ordered = sorted(best)
    return ordered, [best[key] for key in ordered]


def test_graph_of_equals_plain_loops(event, pairs):
    score = np.random.default_rng(2).random(500).astype("f4")

    graph = graph_of(event, pairs, score)

    edges, scores = slow_graph(event, pairs, score)
    assert list(map(tuple, graph.edges.T.tolist())) == edges
    assert graph.score.tolist() == scores
    assert graph.edges.dtype == np.int32


def test_graph_of_is_the_same_without_scores(event, pairs):
    scored = graph_of(event, pairs, np.zeros(500, dtype="f4"))

    np.testing.assert_array_equal(graph_of(event, pairs).edges, scored.edges)


def test_graph_of_forgets_directions(event, pairs):
    np.testing.assert_array_equal(
        graph_of(event, pairs).edges, graph_of(event, pairs[::-1]).edges
    )


def test_graph_keys_ascend(event, pairs):
    graph = graph_of(event, pairs)

    assert np.all(np.diff(edge_keys(event, graph.edges)) > 0)


def test_graph_of_an_empty_event():
    graph = graph_of(toy_event(0), np.zeros((2, 0), dtype="i4"))

    assert len(graph) == 0
    assert graph.edges.shape == (2, 0)


def test_graph_take_and_scored(event, pairs):
    graph = graph_of(event, pairs)
    score = np.linspace(0, 1, len(graph), dtype="f4")

    part = graph.scored(score).take(score > 0.5)

    np.testing.assert_array_equal(part.edges, graph.edges[:, score > 0.5])
    assert np.all(part.score > 0.5)
    assert isinstance(part, Graph)
    assert part.hits == len(event)


def test_graph_keeps_the_states_of_hits_with_fewer_edges_and_other_scores(event, pairs):
    state = np.random.default_rng(3).random((len(event), 4)).astype("f4")
    graph = graph_of(event, pairs, np.zeros(500, dtype="f4"))
    assert graph.state is None

    graph = graph.with_state(state)

    assert graph.take(np.arange(3)).state is state
    assert graph.scored(graph.score + 1).state is state
