import dataclasses

import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn.errors import InputError
from trackdnn.events.event import without_truth
from trackdnn.graphs.constructor import constructor_class
from trackdnn.graphs.graph import edge_keys
from trackdnn.graphs.truth_graphs import true_edges
from trackdnn.graphs.voxel_dynamics.constructor import VoxelDynamics
from trackdnn.settings.finding import VoxelDynamicsSettings

TRAIN = [toy_event(800, noise=200, seed=seed) for seed in range(1, 9)]
EVENT = toy_event(200, noise=50, seed=99)
SETTINGS = VoxelDynamicsSettings(cells=256, bins=64, sample=8)


def train(settings=SETTINGS, events=TRAIN, seed=1):
    return VoxelDynamics.train(settings, iter(events), seed=seed, progress=False)


@pytest.fixture(scope="module")
def trained():
    return train()


def moved(event, **columns):
    columns = {name: np.asarray(value, "f4") for name, value in columns.items()}
    return dataclasses.replace(
        event, hits=dataclasses.replace(event.hits, **columns), truth=None
    )


def efficiency(graph, event, truth="modulewise"):
    true = edge_keys(event, true_edges(event, truth))
    return np.isin(true, edge_keys(event, graph.edges)).mean()


def test_training_finds_nearly_all_true_edges_among_few(trained):
    graph = trained.build(EVENT)

    assert efficiency(graph, EVENT) > 0.99
    assert len(graph) < 0.02 * len(EVENT) ** 2 / 2


def test_build_does_not_look_at_truth(trained):
    graph, blind = trained.build(EVENT), trained.build(without_truth(EVENT))

    np.testing.assert_array_equal(graph.edges, blind.edges)
    np.testing.assert_array_equal(graph.score, blind.score)


def test_edges_are_in_the_order_of_a_graph(trained):
    graph = trained.build(EVENT)

    keys = edge_keys(EVENT, graph.edges)
    assert (np.diff(keys) > 0).all()
    np.testing.assert_array_equal(keys // len(EVENT), graph.edges[0])


@pytest.mark.parametrize("turns", [1, 5, 16, 63])
def test_turned_event_has_the_same_graph(trained, turns):
    # Not too close to the edge of a bin, where rounding decides.
    phi = np.arctan2(EVENT.hits.y.astype("f8"), EVENT.hits.x.astype("f8"))
    inside = np.abs((phi / (2 * np.pi) * 64) % 1 - 0.5) < 0.499
    event = EVENT.take(inside)
    angle = phi[inside] + turns * 2 * np.pi / 64
    r = np.hypot(event.hits.x.astype("f8"), event.hits.y)

    turned = trained.build(moved(event, x=r * np.cos(angle), y=r * np.sin(angle)))

    assert_same(turned, trained.build(event))


def test_mirrored_event_has_the_same_graph(trained):
    mirrored = trained.build(moved(EVENT, z=-EVENT.hits.z))

    assert_same(mirrored, trained.build(EVENT))


def test_without_mirror_the_mirrored_event_has_another_graph():
    trained = train(SETTINGS.model_copy(update={"mirror": False}))

    mirrored = trained.build(moved(EVENT, z=-EVENT.hits.z))

    assert len(mirrored) != len(trained.build(EVENT))


def assert_same(graph, expected):
    # Equally far hits may be told apart by rounding.
    found = np.sort(graph.edges, axis=0), np.sort(expected.edges, axis=0)
    orders = [np.lexsort(edges) for edges in found]
    np.testing.assert_array_equal(found[0][:, orders[0]], found[1][:, orders[1]])
    scores = graph.score[orders[0]], expected.score[orders[1]]
    np.testing.assert_allclose(*scores, rtol=1e-5)


@pytest.mark.parametrize("particles", [500, 1500])
def test_score_is_the_share_of_true_edges(trained, particles):
    event = toy_event(particles, noise=particles // 5, seed=98)

    graph = trained.build(event)

    true = edge_keys(event, true_edges(event, "modulewise"))
    share = np.isin(edge_keys(event, graph.edges), true)
    for low, high in ((0.02, 0.1), (0.1, 0.3), (0.3, 1.0)):
        some = (graph.score >= low) & (graph.score < high)
        error = 0.03 + 2 / np.sqrt(some.sum())
        assert share[some].mean() == pytest.approx(graph.score[some].mean(), abs=error)


def test_rate_of_true_edges_does_not_depend_on_pile_up(trained):
    cut = train(SETTINGS.model_copy(update={"cut": 0.03}))

    events = [toy_event(particles, noise=20, seed=97) for particles in (100, 1500)]
    few, many = (efficiency(cut.build(event), event) for event in events)

    assert few < efficiency(trained.build(events[0]), events[0])
    assert few == pytest.approx(many, abs=0.03)


def test_cut_keeps_the_likelier_edges(trained):
    cut = train(SETTINGS.model_copy(update={"cut": 0.05}))

    graph, all_edges = cut.build(EVENT), trained.build(EVENT)

    kept = np.isin(edge_keys(EVENT, all_edges.edges), edge_keys(EVENT, graph.edges))
    np.testing.assert_array_equal(all_edges.edges[:, kept], graph.edges)
    assert 0 < len(graph) < len(all_edges)
    assert all_edges.score[~kept].max() < graph.score.min()


def test_sharing_and_folding_gain():
    few = TRAIN[:2]
    shared = SETTINGS.model_copy(update={"cells": 512, "bins": 256})
    plain = shared.model_copy(update={"smooth": 0.0, "mirror": False})
    unfolded = shared.model_copy(update={"fold": False, "cells": 4096})

    found = {
        name: train(settings, few).build(EVENT)
        for name, settings in {
            "shared": shared,
            "plain": plain,
            "unfolded": unfolded,
        }.items()
    }

    # As many edges as the smallest graph has, the likeliest ones.
    size = min(map(len, found.values()))
    best = {
        name: graph.take(np.sort(np.argsort(-graph.score, kind="stable")[:size]))
        for name, graph in found.items()
    }
    rates = {name: efficiency(graph, EVENT) for name, graph in best.items()}
    assert rates["shared"] > rates["plain"] + 0.02
    assert rates["shared"] > rates["unfolded"] + 0.1


def test_training_follows_from_the_seed(trained):
    again, other = train(), train(seed=2)

    np.testing.assert_array_equal(again.counts.links, trained.counts.links)
    np.testing.assert_array_equal(again.cells.points, trained.cells.points)
    assert not np.array_equal(other.cells.points, trained.cells.points)


def test_loaded_builds_what_the_saved_did(trained, tmp_path):
    trained.save(tmp_path)
    loaded = VoxelDynamics.load(SETTINGS, tmp_path)

    graph, expected = loaded.build(EVENT), trained.build(EVENT)

    np.testing.assert_array_equal(graph.edges, expected.edges)
    np.testing.assert_array_equal(graph.score, expected.score)


def test_loaded_may_have_another_cut(trained, tmp_path):
    trained.save(tmp_path)

    loaded = VoxelDynamics.load(SETTINGS.model_copy(update={"cut": 0.05}), tmp_path)

    assert 0 < len(loaded.build(EVENT)) < len(trained.build(EVENT))


@pytest.mark.parametrize("hits", [0, 1, 2])
def test_small_events_have_small_graphs(trained, hits):
    graph = trained.build(EVENT.take(np.arange(hits)))

    assert (graph.hits, graph.edges.dtype) == (hits, np.int32)
    assert len(graph) <= 1


def test_event_of_noise_has_a_graph(trained):
    event = toy_event(0, noise=200)

    assert trained.build(event).hits == 200


def test_unknown_layers_and_equal_places_make_no_difference(trained):
    hits = EVENT.hits
    twice = EVENT.take(np.repeat(np.arange(len(EVENT)), 2))
    twice = dataclasses.replace(
        twice, hits=dataclasses.replace(twice.hits, volume=-twice.hits.volume)
    )

    graph = trained.build(twice)

    assert graph.hits == 2 * len(hits)
    assert len(graph) >= 4 * len(trained.build(EVENT))


def test_events_without_hits_of_particles_are_refused():
    with pytest.raises(InputError, match=r"must have hits of particles. Received: 2 "):
        train(events=[toy_event(0, noise=5), toy_event(0)])


def test_class_is_found_by_its_kind():
    assert constructor_class("voxel_dynamics") is VoxelDynamics
