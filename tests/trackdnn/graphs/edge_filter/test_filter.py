import json

import numpy as np
import pytest

from tests.trackdnn.graphs.edge_filter.windows import Kept, Windows
from tests.trackdnn.toy_events import toy_event
from trackdnn.errors import BadFileError
from trackdnn.events.event import without_truth
from trackdnn.graphs.edge_filter import filter as module
from trackdnn.graphs.edge_filter.filter import FILE, FIRST, SECOND, EdgeFilter
from trackdnn.graphs.edge_filter.fitting import fit_filter
from trackdnn.graphs.graph import Graph
from trackdnn.settings.finding import EdgeFilterSettings


def windows(event):
    return Windows(dphi=0.15).build(without_truth(event))


@pytest.fixture(scope="module")
def fitted():
    events = [toy_event(60, noise=30, seed=seed) for seed in range(4)]
    settings = EdgeFilterSettings(trees=30, cut=0.05, truth="hyper")
    return fit_filter(
        settings, [Kept(one) for one in events], windows, seed=1, threads=1
    )


@pytest.fixture
def saved(fitted, tmp_path):
    fitted.save(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def event():
    return toy_event(80, noise=40, seed=99)


def same_particle(event, graph):
    owner = event.owner()
    return (owner[graph.edges[0]] == owner[graph.edges[1]]) & (
        owner[graph.edges[0]] >= 0
    )


def test_filter_keeps_true_edges_and_drops_false_ones(fitted, event):
    graph = windows(event)

    passed = fitted.apply(without_truth(event), graph)

    true, left = same_particle(event, graph), same_particle(event, passed)
    assert left.sum() > 0.95 * true.sum()
    assert (~left).sum() < 0.3 * (~true).sum()
    assert passed.score.min() > fitted.cut


def test_filter_second_pass_is_better_than_the_first(fitted, event):
    graph = windows(event)

    first = fitted.first_pass(event, graph)
    second = fitted.apply(event, graph)

    def loss(passed):
        p = np.clip(passed.score, 1e-6, 1 - 1e-6)
        return -np.where(same_particle(event, passed), np.log(p), np.log(1 - p)).sum()

    assert loss(second) < 0.9 * loss(first)


def test_filter_scores_in_pieces_are_the_same(fitted, event, monkeypatch):
    graph = windows(event)
    whole = fitted.apply(event, graph)

    monkeypatch.setattr(module, "_PIECE", 100)
    pieces = fitted.apply(event, graph)

    np.testing.assert_array_equal(whole.edges, pieces.edges)
    np.testing.assert_allclose(whole.score, pieces.score, atol=1e-6)


@pytest.mark.parametrize("hits", [0, 1])
def test_filter_of_a_tiny_event_is_empty(fitted, event, hits):
    graph = Graph(hits=hits, edges=np.zeros((2, 0), dtype="i4"))

    passed = fitted.apply(event.take(np.arange(hits)), graph)

    assert len(passed) == 0
    assert passed.score.shape == (0,)


def test_filter_that_was_saved_gives_the_same_scores(fitted, event, saved):
    graph = windows(event)

    again = EdgeFilter.load(saved, threads=1).apply(event, graph)

    # Threads may add up trees in another order.
    expected = fitted.apply(event, graph).score
    np.testing.assert_allclose(again.score, expected, atol=1e-6)


@pytest.mark.parametrize("name", [FILE, FIRST, SECOND])
def test_filter_names_a_file_that_is_missing(saved, name):
    (saved / name).unlink()

    with pytest.raises(BadFileError, match=rf"{name}.*No such file"):
        EdgeFilter.load(saved)


def test_filter_refuses_a_damaged_graph(saved):
    (saved / FIRST).write_bytes(b"nonsense")

    with pytest.raises(BadFileError, match="must hold boosted trees"):
        EdgeFilter.load(saved)


def test_filter_refuses_trees_of_other_features(saved):
    (saved / FIRST).write_bytes((saved / SECOND).read_bytes())

    with pytest.raises(BadFileError, match="36 features in place of 22"):
        EdgeFilter.load(saved)


@pytest.mark.parametrize(
    "change", [{"format": "other"}, {"cut": 2}, {"cut": "x"}, {"passes": 3}]
)
def test_filter_refuses_another_description(saved, change):
    content = json.loads((saved / FILE).read_text())
    (saved / FILE).write_text(json.dumps({**content, **change}))

    with pytest.raises(BadFileError, match=r"filter\.json' must describe"):
        EdgeFilter.load(saved)


def test_filter_refuses_a_description_that_is_no_json(saved):
    (saved / FILE).write_text("[")

    with pytest.raises(BadFileError, match=r"filter\.json' must describe"):
        EdgeFilter.load(saved)
