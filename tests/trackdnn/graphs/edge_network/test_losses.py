"""Losses of networks of edges as terms: they add up over graphs."""

import numpy as np
import pytest

from tests.trackdnn.graphs.edge_filter.windows import Windows
from tests.trackdnn.toy_events import toy_event
from trackdnn.events.event import without_truth
from trackdnn.graphs.edge_network.losses import edge_terms
from trackdnn.graphs.edge_network.units import unit_of
from trackdnn.settings.finding import EdgeLossSettings, EdgeNetworkSettings


def units():
    rng = np.random.default_rng(1)
    for seed, particles in ((1, 8), (2, 15)):
        event = toy_event(particles, noise=5, seed=seed)
        graph = Windows().build(without_truth(event))
        unit = unit_of(event, graph, EdgeNetworkSettings(), rng)
        logit = rng.normal(size=unit["label"].shape).astype("f4")
        yield {**unit, "logit": logit}


def total(term, unit):
    extra = [unit[name] for name in term.extra]
    losses = term.loss(unit[term.target], unit["logit"], *extra)
    return float(np.sum(unit[term.weight] * np.asarray(losses))) * term.share


def together(one, other):
    """Two graphs as one, without edges between them."""
    shift = {"senders": "nodes", "receivers": "nodes", "particle": "particle_weight"}
    return {
        name: np.concatenate(
            [one[name], other[name] + (len(one[shift[name]]) if name in shift else 0)]
        )
        for name in one
    }


def test_losses_of_two_graphs_add_up():
    one, other = units()
    terms = edge_terms(EdgeLossSettings(gamma=1.0, contrastive=0.5))

    assert len(terms) == 2
    for term in terms:
        apart = total(term, one) + total(term, other)
        assert total(term, together(one, other)) == pytest.approx(apart, rel=1e-5)


def test_single_edges_cost_their_cross_entropy():
    [term] = edge_terms(EdgeLossSettings())
    unit = next(units())

    expected = 0.0
    for row in range(len(unit["label"])):
        probability = 1 / (1 + np.exp(-float(unit["logit"][row, 0])))
        right = probability if unit["label"][row, 0] else 1 - probability
        expected -= unit["weight"][row] * np.log(right)
    assert total(term, unit) == pytest.approx(expected, rel=1e-5)


def test_particles_cost_what_they_cost_alone():
    from network.edge_losses import contrastive_edges

    term = edge_terms(EdgeLossSettings(contrastive=1.0))[1]
    unit = next(units())
    edge = np.stack([unit["senders"], unit["receivers"]])

    mean = contrastive_edges(
        np.tanh(unit["logit"][:, 0]), edge, unit["particle"], unit["particle_weight"]
    )

    counted = np.count_nonzero(unit["weight"])
    assert total(term, unit) == pytest.approx(float(mean) * counted, rel=1e-4)
