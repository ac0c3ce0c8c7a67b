import numpy as np
import pytest

from benchmarks import graph_costs as costs
from benchmarks.graph_construction import BINARY
from benchmarks.helices import helix_event
from trackdnn.graphs.graph import graph_of
from trackdnn.graphs.truth_graphs import true_edges
from trackdnn.graphs.voxel_dynamics.constructor import VoxelDynamics
from trackdnn.settings.finding import VoxelDynamicsSettings

EVENT = helix_event(400, seed=9)


def test_timed_gives_the_result_and_the_least_time():
    found, seconds = costs.timed(lambda: 7, 3)

    assert found == 7
    assert 0 <= seconds < 1


def test_peak_is_what_was_allocated():
    assert costs.peak(lambda: np.zeros(10**6)) == pytest.approx(8e6, rel=0.05)


def test_measured_row_is_that_of_the_graph():
    class Right:
        def build(self, event):
            assert event.truth is None
            return graph_of(event, true_edges(EVENT, "modulewise")[:, 1:])

    row = costs.measure("right", Right(), EVENT, "modulewise", 1)

    total = true_edges(EVENT, "modulewise").shape[1]
    assert (row.hits, row.edges, row.purity) == (len(EVENT), total - 1, 1.0)
    assert row.efficiency == pytest.approx((total - 1) / total)


def test_comparison_finds_no_edge_that_differs():
    settings = VoxelDynamicsSettings(**BINARY, cells=200)
    events = [helix_event(400, seed=seed) for seed in range(3)]
    made = VoxelDynamics.train(settings, events, seed=1, progress=False)

    peer = costs.compare(made, EVENT, 1)

    assert peer.edges == len(made.build(EVENT)) > 100
    assert peer.differing == 0
    assert peer.memory >= len(EVENT) ** 2
