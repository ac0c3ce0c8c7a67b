import dataclasses

import numpy as np
import pytest

from tests.trackdnn.graphs.edge_filter.windows import Kept, Windows
from tests.trackdnn.toy_events import toy_event
from trackdnn.errors import InputError
from trackdnn.events.event import without_truth
from trackdnn.graphs.edge_filter import fitting
from trackdnn.graphs.edge_filter.drawing import TRUE, labels_of
from trackdnn.graphs.edge_filter.fitting import fit_filter
from trackdnn.graphs.graph import Graph
from trackdnn.settings.finding import EdgeFilterSettings

SMALL = EdgeFilterSettings(trees=5, truth="hyper")


def windows(event):
    return Windows(dphi=0.15).build(without_truth(event))


def sources(number, **options):
    return [Kept(toy_event(30, seed=seed, **options)) for seed in range(number)]


def test_fitting_gives_the_same_filter_again():
    first = fit_filter(SMALL, sources(2, noise=20), windows, threads=1, seed=3)
    again = fit_filter(SMALL, sources(2, noise=20), windows, threads=1, seed=3)

    event = toy_event(30, seed=9)
    a, b = (one.apply(event, windows(event)) for one in (first, again))
    np.testing.assert_array_equal(a.edges, b.edges)
    np.testing.assert_array_equal(a.score, b.score)


def test_fitting_of_one_event_has_one_pass(tmp_path):
    fit_filter(SMALL, sources(1, noise=20), windows, threads=1, seed=1).save(tmp_path)

    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"filter.json", "first.onnx"}


def test_fitting_has_one_pass_where_it_leaves_true_edges_alone(tmp_path):
    """Without noise and with one particle at a time, windows are never wrong."""
    events = [toy_event(30, noise=10, seed=1), toy_event(1, seed=2)]

    fit_filter(SMALL, [Kept(one) for one in events], windows, threads=1, seed=1).save(
        tmp_path
    )

    assert not (tmp_path / "second.onnx").exists()


def test_fitting_draws_no_more_edges_than_asked(monkeypatch):
    sizes = []

    def fit(settings, table, names, seed, threads):
        sizes.append(len(table[1]))
        raise InputError("enough")

    monkeypatch.setattr(fitting, "_fit", fit)
    settings = SMALL.model_copy(update={"edges": 100, "context": False})

    with pytest.raises(InputError, match="enough"):
        fit_filter(settings, sources(4, noise=20), windows, threads=1, seed=1)

    assert 90 < sizes[0] <= 100


def test_fitting_sees_every_fourth_event_without_clusters(monkeypatch):
    seen = []

    def features(event, graph):
        seen.append(event.clusters is None)
        return fitting.first_features(event, graph)

    events = [one.event for one in sources(9, noise=5)]
    events = [
        dataclasses.replace(one, clusters=np.ones((len(one), 9), "f4"))
        for one in events
    ]
    kept = [Kept(one) for one in events]
    fitting._table(SMALL, kept, windows, features, 1, lambda: None)

    assert [number for number, bare in enumerate(seen) if bare] == [3, 7]


def test_fitting_counts_each_event_once():
    steps = []

    fit_filter(
        SMALL, sources(3), windows, threads=1, seed=1, step=lambda: steps.append(1)
    )

    assert len(steps) == 3


def test_fitting_of_few_edges_gives_probabilities_of_all():
    event = toy_event(60, noise=60, seed=7)
    change = {"edges": 300, "trees": 1, "context": False, "truth": "eom"}
    settings = SMALL.model_copy(update={**change, "others": "false"})

    made = fit_filter(settings, [Kept(event)], windows, threads=1, seed=1)

    graph = windows(event)
    true = labels_of(event, graph, settings) == TRUE
    score = made._first.score(fitting.first_features(event, graph)(slice(None)))
    assert true.mean() < 0.4
    assert score.mean() == pytest.approx(true.mean(), abs=0.05)


def test_fitting_needs_true_and_false_edges():
    def nothing(event):
        return Graph(hits=len(event), edges=np.zeros((2, 0), dtype="i4"))

    with pytest.raises(InputError, match="0 true and 0 false"):
        fit_filter(SMALL, sources(1), nothing, threads=1, seed=1)
