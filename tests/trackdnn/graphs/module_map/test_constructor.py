"""The module map as a constructor."""

import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn.errors import InputError
from trackdnn.events.event import without_truth
from trackdnn.graphs.graph import edge_keys
from trackdnn.graphs.module_map.constructor import ModuleMap
from trackdnn.graphs.quality import edge_quality
from trackdnn.settings.finding import ModuleMapSettings

EVENT = toy_event(150, noise=150, seed=77)


def train(number=12, **changes):
    events = (toy_event(150, noise=30, seed=seed) for seed in range(number))
    settings = ModuleMapSettings(**changes)
    return ModuleMap.train(settings, events, seed=1, progress=False)


@pytest.fixture(scope="module")
def trained():
    return train()


def test_graph_is_efficient_and_small(trained):
    stiff = EVENT.particles.pt > 0.9
    quality = edge_quality(EVENT, trained.build(EVENT), "modulewise", stiff)

    assert quality.found / quality.wanted > 0.97
    assert quality.edges < 6 * quality.hits


def test_truth_is_not_looked_at(trained):
    with_truth, without = trained.build(EVENT), trained.build(without_truth(EVENT))

    np.testing.assert_array_equal(with_truth.edges, without.edges)
    np.testing.assert_array_equal(with_truth.score, without.score)


def test_graph_is_in_order(trained):
    graph = trained.build(EVENT)

    assert (np.diff(edge_keys(EVENT, graph.edges)) > 0).all()
    assert graph.hits == len(EVENT)
    assert graph.score.dtype == np.float32


def test_cut_takes_the_worst_away():
    crowded = [
        toy_event(300, noise=900, seed=seed, smear=2.0) for seed in range(80, 84)
    ]
    settings = ModuleMapSettings()
    trained = ModuleMap.train(settings, crowded[1:], seed=1, progress=False)
    graph = trained.build(crowded[0])
    strict = settings.model_copy(update={"cut": 0.5})
    cut = ModuleMap(strict, trained.learned, trained.scoring).build(crowded[0])
    whole, less = (edge_quality(crowded[0], one, "eom") for one in (graph, cut))

    np.testing.assert_array_equal(cut.edges, graph.take(graph.score >= 0.5).edges)
    assert less.right / less.edges > 1.2 * whole.right / whole.edges


def test_training_is_the_same_twice():
    one, two = train(3, sample=500), train(3, sample=500)

    np.testing.assert_array_equal(one.learned.dphi, two.learned.dphi)
    np.testing.assert_array_equal(one.scoring.ratios, two.scoring.ratios)


def test_regions_may_be_modules():
    graph = train(regions="modules", least=1).build(EVENT)
    quality = edge_quality(EVENT, graph, "modulewise")

    # Modules are many, so few events have shown few of their links.
    assert quality.found > 0.1 * quality.wanted


@pytest.mark.parametrize(("particles", "noise"), [(0, 0), (0, 1), (0, 50), (1, 0)])
def test_graph_of_few_hits(trained, particles, noise):
    graph = trained.build(toy_event(particles, noise=noise))

    assert graph.edges.shape == (2, len(graph.score))


def test_hits_of_another_detector_have_no_edge(trained):
    event = toy_event(20)
    event.hits.volume[:] = 77

    assert len(trained.build(event)) == 0


def test_nothing_to_learn_from():
    with pytest.raises(InputError, match="needs 2 true doublets"):
        ModuleMap.train(
            ModuleMapSettings(), [toy_event(0, noise=9)], seed=1, progress=False
        )


def test_map_comes_back_from_its_folder(trained, tmp_path):
    trained.save(tmp_path)
    again = ModuleMap.load(trained.settings, tmp_path).build(EVENT)

    np.testing.assert_array_equal(again.edges, trained.build(EVENT).edges)
    np.testing.assert_array_equal(again.score, trained.build(EVENT).score)
