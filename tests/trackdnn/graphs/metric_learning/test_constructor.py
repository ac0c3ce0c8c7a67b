"""Metric learning as a constructor."""

import subprocess
import sys

import numpy as np
import pytest

from tests.trackdnn.graphs.metric_learning.small import STAGE, events, small
from tests.trackdnn.toy_events import toy_event
from trackdnn.errors import BadFileError
from trackdnn.events.event import without_truth
from trackdnn.events.features import node_features
from trackdnn.graphs.graph import edge_keys
from trackdnn.graphs.metric_learning.constructor import MetricLearning
from trackdnn.graphs.metric_learning.files import PLACE
from trackdnn.graphs.quality import edge_quality
from trackdnn.graphs.saving import load_constructor, save_constructor

EVENT = toy_event(30, noise=10, seed=77)


def train(settings, given):
    return MetricLearning.train(settings, iter(given), seed=1, progress=False)


@pytest.fixture(scope="module")
def trained():
    stage = {**STAGE, "epochs": 12}
    return train(small(stages=[stage], radius=1.0, most=20), events(12))


def test_true_edges_are_found_among_few(trained):
    quality = edge_quality(EVENT, trained.build(EVENT), "modulewise")

    everything = quality.hits * (quality.hits - 1) / 2
    share = quality.edges / everything
    assert quality.found / quality.wanted > max(0.6, 4 * share)


def test_graph_is_that_of_close_places(trained):
    graph = trained.build(EVENT)

    place = trained.places(node_features(EVENT, trained.settings.node_features))
    distance = np.sqrt(((place[:, None] - place).astype("f8") ** 2).sum(axis=-1))
    np.fill_diagonal(distance, np.inf)
    nearest = np.argsort(distance, axis=1)[:, :20]
    expected = {
        tuple(sorted((one, int(two))))
        for one, row in enumerate(nearest)
        for two in row
        if distance[one, two] < 1.0
    }
    assert {tuple(sorted(edge)) for edge in graph.edges.T.tolist()} == expected
    first, second = graph.edges
    score = np.exp(-(distance[first, second] ** 2))
    np.testing.assert_allclose(graph.score, score, rtol=1e-4)
    assert graph.score.dtype == np.float32


def test_graph_is_in_order(trained):
    graph = trained.build(EVENT)

    assert (np.diff(edge_keys(EVENT, graph.edges)) > 0).all()
    assert graph.hits == len(EVENT)


def test_truth_is_not_looked_at(trained):
    with_truth, without = trained.build(EVENT), trained.build(without_truth(EVENT))

    np.testing.assert_array_equal(with_truth.edges, without.edges)
    np.testing.assert_array_equal(with_truth.score, without.score)


@pytest.mark.parametrize(("particles", "noise"), [(0, 0), (0, 1), (0, 50), (1, 0)])
def test_graph_of_few_hits(trained, particles, noise):
    graph = trained.build(toy_event(particles, noise=noise))

    assert graph.edges.shape == (2, len(graph.score))


def test_hits_at_one_place_have_scores(trained):
    event = toy_event(20)
    for name in ("x", "y", "z"):
        getattr(event.hits, name)[:] = 30.0
    graph = trained.build(event)

    assert len(graph) > 0
    np.testing.assert_array_equal(graph.score, 1)


def test_constructor_comes_back_from_its_folder(trained, tmp_path):
    save_constructor(tmp_path / "a", "metric_learning", trained.settings, trained)
    kind, again = load_constructor(tmp_path / "a")

    assert kind == "metric_learning"
    assert again.settings == trained.settings
    ours, theirs = trained.build(EVENT), again.build(EVENT)
    np.testing.assert_array_equal(ours.edges, theirs.edges)
    np.testing.assert_array_equal(ours.score, theirs.score)


def test_folder_of_other_settings(trained, tmp_path):
    trained.save(tmp_path)

    with pytest.raises(BadFileError, match=f"{PLACE}.*5 features and 3 dimensions"):
        MetricLearning.load(small(dimensions=4), tmp_path)


def test_history_knows_no_nan(trained):
    assert len(trained.history) == 12
    assert all("val_auc" not in row and row["val_loss"] > 0 for row in trained.history)


@pytest.mark.slow
def test_graphs_are_built_without_tensorflow(trained, tmp_path):
    save_constructor(tmp_path / "a", "metric_learning", trained.settings, trained)
    program = f"""
import sys
from pathlib import Path
from tests.trackdnn.toy_events import toy_event
from trackdnn.graphs.saving import load_constructor
print(len(load_constructor(Path({str(tmp_path / "a")!r}))[1].build(toy_event(20))))
assert not {{"tensorflow", "keras"}} & set(sys.modules)
"""
    command = [sys.executable, "-c", program]
    found = subprocess.run(command, capture_output=True, text=True, check=True)

    assert int(found.stdout) == len(trained.build(toy_event(20)))
