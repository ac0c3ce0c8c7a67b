"""Graphs of toy events: the chain of each particle, and false edges between chains."""

import numpy as np

from trackdnn.graphs.graph import graph_of


def chains(event, *, false=0, seed=1, good=(0.8, 1.0), bad=(0.0, 0.3)):
    """Scores are uniform in `good` for edges along a particle, in `bad` for others."""
    rng = np.random.default_rng(seed)
    owner = event.owner()
    order = np.lexsort((event.hits.distance, owner))
    pairs = np.stack([order[:-1], order[1:]])
    pairs = pairs[:, (owner[pairs[0]] == owner[pairs[1]]) & (owner[pairs[0]] >= 0)]
    loose = rng.integers(0, max(len(event), 1), (2, false))
    loose = loose[:, owner[loose[0]] != owner[loose[1]]]
    scores = [rng.uniform(*good, pairs.shape[1]), rng.uniform(*bad, loose.shape[1])]
    both = np.concatenate([pairs, loose], axis=1)
    return graph_of(event, both, np.concatenate(scores).astype("f4"))


def sets_of(tracks):
    return {frozenset(track.tolist()) for track in tracks}


def particles_of(event, least=3):
    owner = event.owner()
    rows = [np.flatnonzero(owner == one) for one in range(owner.max(initial=-1) + 1)]
    return {frozenset(row.tolist()) for row in rows if len(row) >= least}
