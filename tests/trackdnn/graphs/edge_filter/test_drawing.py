import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn.graphs.edge_filter.drawing import FALSE, IGNORED, TRUE, draw, labels_of
from trackdnn.graphs.graph import graph_of
from trackdnn.settings.finding import EdgeFilterSettings


def everything(event):
    pairs = np.stack(np.triu_indices(len(event), k=1))
    return graph_of(event, pairs)


@pytest.mark.parametrize("others", ["false", "ignored"])
def test_labels_say_who_made_both_hits(others):
    event = toy_event(6, noise=5)
    graph = everything(event)
    settings = EdgeFilterSettings(truth="eom", others=others)

    labels = labels_of(event, graph, settings)

    owner = event.owner()
    between = {IGNORED if others == "ignored" else FALSE}
    for (a, b), label in zip(graph.edges.T, labels, strict=True):
        same = owner[a] == owner[b] >= 0
        assert label in ({TRUE} | between if same else {FALSE})
    hits = np.bincount(owner[owner >= 0])
    assert (labels == TRUE).sum() == (hits - 1).sum()


def test_labels_of_hyper_are_true_of_all_pairs():
    event = toy_event(6, noise=5)

    labels = labels_of(event, everything(event), EdgeFilterSettings(truth="hyper"))

    assert set(labels.tolist()) == {TRUE, FALSE}


@pytest.mark.parametrize(
    ("true", "false", "most", "drawn"),
    [(50, 950, 200, (150, 50)), (500, 500, 200, (100, 100)), (10, 20, 200, (20, 10))],
)
def test_draw_takes_both_kinds(true, false, most, drawn):
    labels = np.repeat([TRUE, FALSE, IGNORED], [true, false, 30]).astype("i1")

    found = draw(labels, most, np.random.default_rng(1))

    assert ((~found.true).sum(), found.true.sum()) == drawn
    assert (np.diff(found.rows) > 0).all()
    assert (labels[found.rows] == found.true).all()
    # Each kind weighs what it has in the graph.
    assert found.weight[found.true].sum() == pytest.approx(true)
    assert found.weight[~found.true].sum() == pytest.approx(false)


def test_draw_of_nothing_is_nothing():
    found = draw(np.zeros(0, dtype="i1"), 10, np.random.default_rng(1))

    assert len(found.rows) == len(found.true) == len(found.weight) == 0
