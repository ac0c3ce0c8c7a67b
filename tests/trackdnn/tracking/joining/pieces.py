"""Toy events whose tracks were built in pieces."""

import numpy as np

from tests.trackdnn.toy_events import toy_event
from tests.trackdnn.tracking.builders.chains import chains
from trackdnn.graphs.graph import Graph
from trackdnn.tracking.found import from_lists


def broken(particles=30, *, seed=1, noise=20):
    """An event, its edges, and its tracks: every second one of them in two pieces.

    Returns:
        Also the number of tracks that were broken.
    """
    event = toy_event(particles, seed=seed, noise=noise)
    owner, distance = event.owner(), event.hits.distance
    tracks, parted = [], set()
    for one in range(particles):
        rows = np.flatnonzero(owner == one)
        rows = rows[np.argsort(distance[rows], kind="stable")]
        if len(rows) < 8 or one % 2:
            tracks.append(rows)
            continue
        tracks += [rows[:4], rows[4:]]
        parted.add((rows[3], rows[4]))
    graph = chains(event, false=100)
    lost = [edge in parted for edge in map(tuple, graph.edges.T)]
    kept = ~np.array(lost)
    graph = Graph(hits=len(event), edges=graph.edges[:, kept], score=graph.score[kept])
    return event, graph, from_lists([one for one in tracks if len(one) > 2]), parted
