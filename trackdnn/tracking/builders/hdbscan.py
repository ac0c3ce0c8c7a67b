"""HDBSCAN with 1 - score for a distance, one connected component at a time.

Source: R. Campello, D. Moulavi, J. Sander, PAKDD 2013, 160; the implementation is that
of scikit-learn. It wants a dense matrix of distances, so a component of more than
`most` hits is taken apart at ever higher cuts first: memory never exceeds the square of
`most`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trackdnn.tracking.builders.clusters import component_labels, scores_of, tracks_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from trackdnn.events.event import Event
    from trackdnn.graphs.graph import Graph
    from trackdnn.settings.finding import HdbscanSettings
    from trackdnn.tracking.found import FoundTracks

    Piece = tuple[NDArray[np.int32], NDArray[np.float32]]

# Between hits without an edge; any edge is nearer.
_FAR = 2.0


class Hdbscan:
    """Clusters that last longest while the distance within them shrinks.

    Args:
        settings: Its block of settings.
    """

    def __init__(self, settings: HdbscanSettings) -> None:
        self._settings = settings

    def build(self, event: Event, graph: Graph) -> FoundTracks:
        """The tracks of an event, hits from the origin outwards."""
        labels = np.full(graph.hits, -1, dtype=np.int32)
        score = scores_of(graph)
        good = score > self._settings.cut
        pieces = _pieces(
            graph.edges[:, good], score[good], graph.hits, self._settings.most
        )
        for edges, scores in pieces:
            hits = np.unique(edges)
            if len(hits) < self._settings.min_hits:
                continue
            own = self._split(hits, edges, scores)
            labels[hits] = np.where(own >= 0, own + labels.max(initial=-1) + 1, -1)
        return tracks_of(event, labels, self._settings.min_hits)

    def _split(
        self,
        hits: NDArray[np.int32],
        edges: NDArray[np.int32],
        scores: NDArray[np.float32],
    ) -> NDArray[np.int64]:
        """Cluster of each hit of a component, from 0, -1 for none."""
        from sklearn.cluster import HDBSCAN

        first, second = np.searchsorted(hits, edges)
        distance = np.full((len(hits), len(hits)), _FAR)
        # Good edges of one track differ by more than what parts two tracks.
        near = np.maximum(1.0 - scores, self._settings.radius)
        distance[first, second] = distance[second, first] = near
        np.fill_diagonal(distance, 0.0)
        method = HDBSCAN(
            min_cluster_size=max(self._settings.min_hits, 2),
            min_samples=min(self._settings.neighbours, len(hits)),
            metric="precomputed",
            # A component may well be one track.
            allow_single_cluster=True,
            copy=False,
        )
        found: NDArray[np.int64] = method.fit_predict(distance)
        return found


def _pieces(
    edges: NDArray[np.int32], score: NDArray[np.float32], hits: int, most: int
) -> Iterator[Piece]:
    """Components of at most `most` hits, with their edges; weak edges go first."""
    labels = component_labels(hits, edges)
    label = labels[edges[0]]
    sizes = np.bincount(labels[labels >= 0])
    order = np.argsort(label, kind="stable")
    ends = np.cumsum(np.bincount(label))
    for one, rows in enumerate(np.split(order, ends[:-1])):
        if not len(rows):
            continue
        if sizes[one] <= most:
            yield edges[:, rows], score[rows]
            continue
        # At least the weaker half of the edges go, so this comes to an end.
        strong = rows[score[rows] > np.median(score[rows])]
        yield from _pieces(edges[:, strong], score[strong], hits, most)
