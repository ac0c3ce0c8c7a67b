"""Small random graphs, and the plain words of what the tables of edges say."""

import numpy as np

from trackdnn.tracking.pivots.adjacency import adjacency_of


def draw(seed, hits=40, edges=60, levels=None):
    """Edges, each pair once, and scores; with `levels`, scores that are often equal."""
    rng = np.random.default_rng([seed, hits, edges])
    pairs = {tuple(sorted(pair)) for pair in rng.integers(0, hits, (edges, 2)).tolist()}
    pairs = sorted(pair for pair in pairs if pair[0] != pair[1])
    rows = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    score = rng.random(rows.shape[1])
    if levels is not None:
        score = np.ceil(score * levels) / levels
    return rows, score.astype(np.float32)


def drawn_table(seed, hits=40, edges=60, levels=None):
    rows, score = draw(seed, hits, edges, levels)
    return adjacency_of(hits, rows, score)


def neighbours(table):
    """By hit: its neighbours and their scores, best first, then by row."""
    found = {hit: [] for hit in range(table.hits)}
    entries = (table.hit.tolist(), table.neighbour.tolist(), table.score.tolist())
    for hit, other, score in zip(*entries, strict=True):
        found[hit].append((other, score))
    return {
        hit: sorted(pairs, key=lambda pair: (-pair[1], pair[0]))
        for hit, pairs in found.items()
    }


def plain_walk(around, start, pivots, cut):
    """From a hit to the best new neighbour of the last one, again and again."""
    path = [start]
    while len(path) < pivots:
        new = [hit for hit, score in around[path[-1]] if score > cut if hit not in path]
        if not new:
            break
        path.append(new[0])
    return path


def plain_surroundings(around, pivots, reach, most, allowed=lambda hit: True):
    """Pivots, their neighbours, the neighbours of those, and so on, best ones first."""
    tokens, ring = list(pivots), list(pivots)
    for _ in range(reach):
        best = {}
        for hit in ring:
            for other, score in around[hit]:
                if other not in tokens and allowed(other):
                    best[other] = max(best.get(other, -1.0), score)
        ring = sorted(best, key=lambda hit: (-best[hit], hit))[: most - len(tokens)]
        tokens += ring
    return tokens
