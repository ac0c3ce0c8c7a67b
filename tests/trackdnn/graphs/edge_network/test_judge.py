"""What a network of edges is worth, against loops."""

import numpy as np
import pytest

from network.graph_builder import GraphBuilder
from tests.trackdnn.graphs.edge_filter.windows import Windows
from tests.trackdnn.graphs.edge_network import small
from tests.trackdnn.toy_events import toy_event
from trackdnn.errors import TrainingError
from trackdnn.events.event import without_truth
from trackdnn.graphs.edge_network.columns import GRAPH_NAMES
from trackdnn.graphs.edge_network.judge import EdgeJudge
from trackdnn.graphs.edge_network.losses import edge_terms
from trackdnn.graphs.edge_network.ranges import fit_ranges
from trackdnn.graphs.edge_network.units import unit_of


@pytest.fixture(scope="module")
def units():
    settings, rng = small.settings(), np.random.default_rng(1)
    found = []
    for seed in (1, 2):
        event = toy_event(8, noise=4, seed=seed)
        graph = Windows().build(without_truth(event))
        found.append(unit_of(event, graph, settings, rng))
    return found


@pytest.fixture(scope="module")
def model(units):
    parts = [(unit["nodes"], unit["edges"]) for unit in units]
    inputs = fit_ranges(parts, ("position",), GRAPH_NAMES)
    return GraphBuilder(small.settings()).build(inputs)


def test_figures_equal_loops_over_edges(units, model):
    judge = EdgeJudge(lambda: units, edge_terms(small.settings().losses))
    names = ("nodes", "edges", "senders", "receivers")

    found = judge(model)

    true, false, loss, size = [], [], 0.0, 0
    for unit in units:
        logits = model([unit[name] for name in names])["edge"].numpy()[:, 0]
        for row, logit in enumerate(logits.astype(float)):
            if unit["weight"][row] == 0:
                continue
            size += 1
            label = unit["label"][row, 0]
            loss += np.log1p(np.exp(-logit if label else logit)) * unit["weight"][row]
            (true if label else false).append(logit)
    wins = sum((one > other) + 0.5 * (one == other) for one in true for other in false)
    auc = wins / (len(true) * len(false))
    asked = sum(int(unit["counts"][1]) for unit in units)
    assert found.loss == pytest.approx(loss / size, rel=1e-4)
    assert found.auc == pytest.approx(auc, abs=1e-6)
    # A true edge that the graph has missed never wins.
    assert found.metrics["all_edges_auc"] == pytest.approx(auc * len(true) / asked)
    assert found.metrics["edge_efficiency"] == pytest.approx(len(true) / asked)


def test_graphs_of_one_class_are_told(units, model):
    alike = [{**unit, "label": np.zeros_like(unit["label"])} for unit in units]
    judge = EdgeJudge(lambda: alike, edge_terms(small.settings().losses))

    with pytest.raises(TrainingError, match="must have true and false edges"):
        judge(model)
