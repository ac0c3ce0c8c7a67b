"""What all builders share: scores, components, tracks from the origin outwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.special import logit

from trackdnn.tracking.found import FoundTracks, from_labels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.events.event import Event
    from trackdnn.graphs.graph import Graph

# Logits of scores of 0 and 1 end here.
MOST = 14.0


def scores_of(graph: Graph) -> NDArray[np.float32]:
    """The score of each edge, 1 where nobody has given any, of shape `(edges,)`."""
    if graph.score is None:
        return np.ones(len(graph), dtype=np.float32)
    return graph.score


def logits_of(graph: Graph) -> NDArray[np.float64]:
    """The logit of the score of each edge, between -`MOST` and `MOST`, `(edges,)`."""
    return np.asarray(np.clip(logit(scores_of(graph).astype(np.float64)), -MOST, MOST))


def component_labels(hits: int, edges: NDArray[np.integer]) -> NDArray[np.int32]:
    """Component of each hit, where edges connect in both directions.

    Args:
        hits: Number of hits.
        edges: Rows of the two hits, of shape `(2, edges)`.

    Returns:
        Labels from 0 in the order of the lowest row, -1 for hits without an edge, int32
        of shape `(hits,)`.
    """
    labels = np.full(hits, -1, dtype=np.int32)
    touched = np.unique(edges)
    if not len(touched):
        return labels
    first, second = np.searchsorted(touched, edges)
    size = len(touched)
    ones = np.ones(edges.shape[1], dtype=np.int8)
    matrix = coo_array((ones, (first, second)), shape=(size, size))
    labels[touched] = connected_components(matrix, directed=False)[1]
    return labels


def tracks_of(event: Event, labels: NDArray[np.integer], least: int) -> FoundTracks:
    """Tracks out of one label per hit, the hits of each from the origin outwards.

    Args:
        event: The event.
        labels: Of shape `(hits,)`; negative ones are no track.
        least: Fewest hits of a track.
    """
    outwards = np.argsort(event.hits.distance, kind="stable")
    found = from_labels(labels[outwards], least)
    hits = outwards[found.hits].astype(np.int32)
    return FoundTracks(hits=hits, offsets=found.offsets)


def outwards(event: Event, tracks: FoundTracks) -> FoundTracks:
    """The same tracks, the hits of each by distance from the origin."""
    distance = event.hits.distance[tracks.hits]
    order = np.lexsort((distance, tracks.track_of_entry()))
    return FoundTracks(hits=tracks.hits[order], offsets=tracks.offsets)
