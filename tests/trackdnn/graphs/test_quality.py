"""Counts of edges beside plain loops."""

import dataclasses
from itertools import pairwise

import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn.events.event import without_truth
from trackdnn.graphs.graph import Graph, graph_of
from trackdnn.graphs.quality import ETA_EDGES, PT_EDGES, SCORE_BINS, edge_quality
from trackdnn.graphs.truth_graphs import true_edges


def random_graph(event, seed=1, pairs=3000):
    """Random pairs, some true ones, random scores."""
    rng = np.random.default_rng(seed)
    if len(event) == 0:
        return graph_of(event, np.zeros((2, 0), int), np.zeros(0))
    some = rng.integers(0, len(event), (2, pairs))
    true = true_edges(event, "hyper")
    both = np.concatenate([some, true[:, rng.random(true.shape[1]) < 0.4]], axis=1)
    return graph_of(event, both, rng.random(both.shape[1]))


def slow_counts(event, graph, mode, counted):
    """Edge by edge."""
    owner, particles = event.owner(), event.particles
    ours = {frozenset(pair) for pair in graph.edges.T.tolist()}
    true = {frozenset(pair) for pair in true_edges(event, mode).T.tolist()}
    wanted = {pair for pair in true if counted[owner[min(pair)]]}
    sums = {
        "right": len(ours & true),
        "same": 0,
        "wanted": len(wanted),
        "found": len(wanted & ours),
    }
    for first, second in graph.edges.T:
        sums["same"] += bool(owner[first] == owner[second] >= 0)
    for name, edges in (("pt", PT_EDGES), ("eta", ETA_EDGES)):
        for low, high in pairwise(edges):
            inside = {
                pair
                for pair in wanted
                if low <= getattr(particles, name)[owner[min(pair)]] < high
            }
            sums[f"{name}_total", low] = len(inside)
            sums[f"{name}_found", low] = len(inside & ours)
    for pair, score in zip(graph.edges.T.tolist(), graph.score, strict=True):
        place = int(score * SCORE_BINS)
        key = "score_found", place
        sums[key] = sums.get(key, 0) + (frozenset(pair) in wanted)
    return sums


@pytest.mark.parametrize("mode", ["modulewise", "eom", "hyper"])
@pytest.mark.parametrize(
    "event", [toy_event(40, noise=30), toy_event(3), toy_event(0, noise=4)]
)
def test_counts_are_those_of_plain_loops(event, mode):
    graph = random_graph(event)
    counted = event.particles.pt > 0.7
    quality = edge_quality(event, graph, mode, counted)
    expected = slow_counts(event, graph, mode, counted)

    assert quality.right == expected["right"]
    assert quality.wanted == expected["wanted"]
    assert quality.found == expected["found"]
    assert quality.same == expected["same"]
    for name, edges in (("pt", PT_EDGES), ("eta", ETA_EDGES)):
        for place, low in enumerate(edges[:-1]):
            for what in ("total", "found"):
                counts = getattr(quality, f"{name}_{what}")
                assert counts[place] == expected[f"{name}_{what}", low]
    for place in range(SCORE_BINS):
        assert quality.score_found[place] == expected.get(("score_found", place), 0)
    assert quality.score_edges.sum() == quality.edges == len(graph)
    assert quality.score_right.sum() == quality.right


@pytest.mark.parametrize("mode", ["modulewise", "hyper"])
def test_perfect_graph_is_perfect(mode):
    event = toy_event(40, noise=10)
    graph = Graph(hits=len(event), edges=true_edges(event, mode))
    quality = edge_quality(event, graph, mode)

    assert quality.found == quality.wanted == len(graph)
    assert quality.right == quality.same == len(graph)
    assert (quality.layer_edges == quality.layer_found).all()
    assert quality.layer_total.sum() == len(graph)


def test_layers_of_another_detector_have_a_place():
    event = toy_event(20)
    event.hits.layer[:] = 99
    graph = Graph(hits=len(event), edges=true_edges(event, "hyper"))
    quality = edge_quality(event, graph, "hyper")

    assert quality.layer_total[48, 48] == len(graph)


def test_layer_pairs_are_those_of_the_ends():
    event = toy_event(20)
    quality = edge_quality(event, random_graph(event), "modulewise")

    # Pixel barrel: places 7 to 10.
    assert quality.layer_total[7, 8] > 10
    assert quality.layer_total[8, 7] == 0
    assert quality.layer_edges.sum() == quality.edges


def test_empty_graph_finds_nothing():
    event = toy_event(20)
    empty = Graph(hits=len(event), edges=np.zeros((2, 0), np.int32))
    quality = edge_quality(event, empty, "eom")

    assert quality.found == quality.edges == 0
    assert quality.wanted > 0


def test_counts_of_events_add_up():
    one, two = toy_event(20), toy_event(30, seed=2)
    parts = [edge_quality(e, random_graph(e), "eom") for e in (one, two)]
    total = parts[0] + parts[1]

    assert total.events == 2
    for field in dataclasses.fields(total):
        expected = sum(np.asarray(getattr(part, field.name)) for part in parts)
        np.testing.assert_array_equal(getattr(total, field.name), expected)


def test_unknown_momenta_are_in_no_bin_of_pt():
    event = toy_event(20)
    event.particles.px[0] = np.nan
    graph = Graph(hits=len(event), edges=true_edges(event, "eom"))
    quality = edge_quality(event, graph, "eom")

    missing = int(event.particles.hits[0]) - 1
    assert quality.pt_total.sum() == len(graph) - missing
    assert quality.wanted == len(graph)


def test_counts_from_some_pt_on():
    event = toy_event(60)
    graph = random_graph(event)
    stiff = edge_quality(event, graph, "eom", event.particles.pt >= 0.9)

    assert edge_quality(event, graph, "eom").above(0.9) == (stiff.found, stiff.wanted)
    with pytest.raises(ValueError, match=r"min_pt=0\.95"):
        stiff.above(0.95)


def test_quality_needs_truth():
    event = toy_event(3)

    with pytest.raises(ValueError, match="must have truth"):
        edge_quality(without_truth(event), random_graph(event), "eom")
