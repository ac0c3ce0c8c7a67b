import itertools

import numpy as np
import pytest

from benchmarks import dense_voxel_dynamics as dense
from benchmarks.helices import helix_event
from trackdnn.graphs.voxel_dynamics.cells import positions
from trackdnn.graphs.voxel_dynamics.constructor import VoxelDynamics
from trackdnn.settings.finding import VoxelDynamicsSettings

EVENT = helix_event(300, seed=9)


@pytest.fixture(scope="module")
def made():
    settings = VoxelDynamicsSettings(
        cells=120, truth="hyper", fold=False, mirror=False, smooth=0.0, cut=0.0
    )
    events = [helix_event(400, seed=seed) for seed in range(3)]
    return VoxelDynamics.train(settings, events, seed=1, progress=False)


@pytest.mark.parametrize("chunk", [1, 1000, 1 << 26])
def test_dense_and_joined_edges_are_the_same(made, monkeypatch, chunk):
    monkeypatch.setattr(dense, "_CHUNK", chunk)
    cell, _ = made.cells.of(EVENT.hits)

    found = dense.dense_edges(EVENT, cell, made.connections)

    edges = made.build(EVENT).edges
    assert len(edges.T) > 500
    np.testing.assert_array_equal(found, edges)


def test_edges_are_pairs_in_cells_that_were_seen_together(made):
    cell, _ = made.cells.of(EVENT.hits)

    found = dense.dense_edges(EVENT, cell, made.connections)

    runs, far = made.connections, EVENT.hits.distance
    seen = {
        (u, v)
        for u in range(len(made.cells))
        for v in runs.cell[slice(*runs.offsets[u : u + 2])].tolist()
    }
    expected = sorted(
        sorted(pair, key=lambda hit: (far[hit], hit))
        for pair in itertools.combinations(range(len(EVENT)), 2)
        if (cell[pair[0]], cell[pair[1]]) in seen
    )
    assert found.T.tolist() == expected


def test_nearest_points_are_those_of_the_tree(made):
    found = dense.nearest_points(positions(EVENT.hits, fold=False), made.cells.points)

    assert (found == made.cells.of(EVENT.hits)[0]).mean() > 0.99


def test_event_without_hits_has_no_edges(made):
    nothing = EVENT.take(np.zeros(0, int))
    nowhere = np.zeros(0, np.int32)

    assert dense.dense_edges(nothing, nowhere, made.connections).shape == (2, 0)
