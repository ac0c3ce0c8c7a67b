import dataclasses

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.cluster import DBSCAN

from tests.trackdnn.toy_events import toy_event
from tests.trackdnn.tracking.builders.chains import chains, particles_of, sets_of
from trackdnn.settings.finding import DbscanSettings
from trackdnn.tracking.builders.dbscan import Dbscan, cluster_labels


@pytest.mark.parametrize("neighbours", [1, 2, 3, 4, 6])
@pytest.mark.parametrize("number", [0, 1, 20, 60, 150])
def test_dbscan_labels_are_those_of_scikit_learn(neighbours, number):
    rng = np.random.default_rng([neighbours, number])
    distance = np.ones((40, 40))
    edges = np.unique(np.sort(rng.integers(0, 40, (2, number)), axis=0), axis=1)
    edges = edges[:, edges[0] != edges[1]]
    distance[edges[0], edges[1]] = distance[edges[1], edges[0]] = 0.1
    np.fill_diagonal(distance, 0.0)

    labels = cluster_labels(40, edges, neighbours)

    twin = DBSCAN(eps=0.5, min_samples=neighbours, metric="precomputed")
    assert labels.tolist() == twin.fit_predict(distance).tolist()


@pytest.mark.parametrize("neighbours", [2, 3, 4])
def test_dbscan_of_a_graph_is_that_of_scikit_learn_on_a_sparse_matrix(neighbours):
    event = toy_event(60, noise=40)
    graph = chains(event, false=500, good=(0.6, 1.0), bad=(0.0, 0.9))
    # Hits at a distance of nothing are near, though a sparse matrix may leave out 0.
    graph = dataclasses.replace(
        graph, score=np.where(graph.score > 0.95, 1, graph.score)
    )
    settings = DbscanSettings(radius=0.3, neighbours=neighbours, min_hits=1)

    tracks = Dbscan(settings).build(event, graph)

    one, other = graph.edges
    ends = np.concatenate([one, other]), np.concatenate([other, one])
    distance = np.tile(1 - graph.score, 2)
    matrix = csr_array((distance, ends), shape=(graph.hits, graph.hits))
    twin = DBSCAN(eps=0.3, min_samples=neighbours, metric="precomputed")
    labels = twin.fit_predict(matrix)
    expected = {
        frozenset(np.flatnonzero(labels == one)) for one in range(max(labels) + 1)
    }
    assert sets_of(tracks) == expected
    assert len(expected) > 5


def test_dbscan_finds_the_particles():
    event = toy_event(50, noise=20)
    graph = chains(event, false=200)

    tracks = Dbscan(DbscanSettings(radius=0.25)).build(event, graph)

    assert sets_of(tracks) == particles_of(event)


def test_dbscan_needs_more_neighbours_than_a_chain_has():
    event = toy_event(50)

    tracks = Dbscan(DbscanSettings(neighbours=4)).build(event, chains(event))

    assert len(tracks) == 0
