"""DBSCAN with 1 - score for a distance; pairs without an edge are far apart.

A hit with at least `neighbours` hits within `radius`, itself among them, is a core.
Cores within `radius` of each other are of one cluster. A hit that is no core belongs to
the first cluster that has a core within its `radius`.

Source: M. Ester et al., KDD-96, 226, Definitions 1 to 5. On a graph it needs no search,
so it is O(edges).

`sklearn.cluster.DBSCAN` takes a sparse matrix of distances and gives the same labels,
borders too (tested). It makes an array of neighbours for each hit, which takes several
times as long as all of this, and would have to be imported wherever tracks are found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trackdnn.tracking.builders.clusters import component_labels, scores_of, tracks_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.events.event import Event
    from trackdnn.graphs.graph import Graph
    from trackdnn.settings.finding import DbscanSettings
    from trackdnn.tracking.found import FoundTracks


class Dbscan:
    """Clusters of hits with enough good edges.

    Args:
        settings: Its block of settings.
    """

    def __init__(self, settings: DbscanSettings) -> None:
        self._settings = settings

    def build(self, event: Event, graph: Graph) -> FoundTracks:
        """The tracks of an event, hits from the origin outwards."""
        near = 1.0 - scores_of(graph) <= self._settings.radius
        edges = graph.edges[:, near]
        labels = cluster_labels(graph.hits, edges, self._settings.neighbours)
        return tracks_of(event, labels, self._settings.min_hits)


def cluster_labels(
    hits: int, edges: NDArray[np.integer], neighbours: int
) -> NDArray[np.int32]:
    """Cluster of each hit.

    Args:
        hits: Number of hits.
        edges: Pairs of hits within the radius, each once, of shape `(2, edges)`.
        neighbours: Fewest hits within the radius of a core, itself among them.

    Returns:
        Labels from 0 in the order of the first core, -1 for no cluster, of shape
        `(hits,)`.
    """
    core = 1 + np.bincount(edges.ravel(), minlength=hits) >= neighbours
    # A core alone is a cluster too, so each core has a loop here.
    loops = np.tile(np.flatnonzero(core), (2, 1))
    both = core[edges[0]] & core[edges[1]]
    labels = component_labels(hits, np.concatenate([edges[:, both], loops], axis=1))
    _join_borders(labels, edges, core)
    return labels


def _join_borders(
    labels: NDArray[np.int32], edges: NDArray[np.integer], core: NDArray[np.bool_]
) -> None:
    pairs = np.concatenate([edges, edges[::-1]], axis=1)
    inner, outer = pairs[:, core[pairs[0]] & ~core[pairs[1]]]
    # The last write stands: the lowest label.
    order = np.argsort(-labels[inner], kind="stable")
    labels[outer[order]] = labels[inner[order]]
