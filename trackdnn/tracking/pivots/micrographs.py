"""Micrographs to learn masks from: walks over true edges, clean ones and dirty ones.

A micrograph starts at a hit that the graph connects to another hit of its particle, and
walks on over such edges. A share of them starts at any hit that has an edge, and takes
one step over a false one: that is how a seed goes astray. A micrograph is of the
particle that most of its pivots belong to; where noise has as many, or another
particle, it is of none, and all of its tokens are false.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from trackdnn.tracking.pivots.adjacency import adjacency_of
from trackdnn.tracking.pivots.surroundings import surroundings
from trackdnn.tracking.pivots.walking import NO_HIT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.settings.finding import MaskSettings
    from trackdnn.tracking.pivots.adjacency import Adjacency

    Int = NDArray[np.int64]
    Mask = NDArray[np.bool_]
    Columns = dict[str, NDArray[Any]]

# Of no particle; unlike noise, equal to nothing.
_NOBODY = -2


def draw_micrographs(
    owner: NDArray[np.integer],
    edges: NDArray[np.integer],
    score: NDArray[np.floating],
    rng: np.random.Generator,
    settings: MaskSettings,
    total: float,
) -> Columns:
    """Draws the micrographs of one event.

    Args:
        owner: Particle of each hit, below 0 for noise, of shape `(hits,)`.
        edges: Candidate edges, of shape `(2, edges)`.
        score: Of the edges, of shape `(edges,)`.
        rng: Of the event and the epoch.
        settings: How many, and how.
        total: What the weights of all micrographs add up to.

    Returns:
        `tokens` and `pivots`, hits, int32; `token_valid`, `pivot_valid` and
        `mask_label`, float32; of shape `(micrographs, tokens)` or
        `(micrographs, pivots)`; `mask_weight`, float32 of shape `(micrographs,)`. An
        event without edges has no micrographs.
    """
    whose = np.asarray(owner, dtype=np.int64)
    table = adjacency_of(len(whose), edges, score)
    pivots = _walks(whose, table, rng, settings)
    there = pivots != NO_HIT
    target = majority(whose, pivots)
    # Two numbers for a hit in a micrograph, from one for each: uniform, and cheap.
    share, shift = rng.random((2, len(pivots)))
    chance = rng.random(len(whose))

    def allowed(graph: Int, hit: Int) -> Mask:
        kept = (chance[hit] + shift[graph]) % 1.0 < share[graph]
        may: Mask = kept | (whose[hit] == target[graph])
        return may

    tokens, valid = surroundings(
        table,
        pivots,
        there,
        reach=settings.reach,
        most=settings.tokens,
        allowed=allowed,
    )
    label = valid & (whose[tokens] == target[:, None]) if len(whose) else valid
    weight = np.full(len(pivots), total / max(len(pivots), 1))
    return {
        "tokens": tokens.astype(np.int32),
        "token_valid": valid.astype(np.float32),
        "pivots": np.where(there, pivots, 0).astype(np.int32),
        "pivot_valid": there.astype(np.float32),
        "mask_label": label.astype(np.float32),
        "mask_weight": weight.astype(np.float32),
    }


def majority(owner: Int, pivots: Int) -> Int:
    """The particle that most pivots belong to.

    Args:
        owner: Particle of each hit, below 0 for noise, of shape `(hits,)`.
        pivots: Hits, `NO_HIT` where there is none, `(micrographs, pivots)`.

    Returns:
        Particles, of shape `(micrographs,)`; below -1 where it is noise, or no one
        particle.
    """
    there = pivots != NO_HIT
    if not len(pivots):
        return np.zeros(0, dtype=np.int64)
    whose = np.where(there, np.maximum(owner[pivots], -1), _NOBODY)
    same = (whose[:, :, None] == whose[:, None, :]) & there[:, None, :]
    votes = np.where(there, same.sum(axis=2), 0)
    first = np.argmax(votes, axis=1)[:, None]
    winner = np.take_along_axis(whose, first, axis=1)
    most = np.take_along_axis(votes, first, axis=1)
    rivals = ((votes == most) & (whose != winner)).any(axis=1)
    return np.where(rivals | (winner[:, 0] < 0), _NOBODY, winner[:, 0])


def _walks(
    owner: Int, table: Adjacency, rng: np.random.Generator, settings: MaskSettings
) -> Int:
    """Pivots, `NO_HIT` behind the end of a walk, of shape `(micrographs, pivots)`."""
    one, other = owner[table.hit], owner[table.neighbour]
    true = (one == other) & (one >= 0)
    good, bad = table.take(true), table.take(~true)
    anywhere = np.flatnonzero(table.degree)
    number = settings.micrographs if len(anywhere) else 0
    some = np.flatnonzero(good.degree)
    astray = rng.random(number) < (settings.wrong if len(some) else 1.0)
    path = np.full((number, settings.pivots), NO_HIT, dtype=np.int64)
    path[astray, 0] = rng.choice(anywhere, astray.sum()) if number else 0
    path[~astray, 0] = rng.choice(some, (~astray).sum()) if len(some) else 0
    turn = np.where(astray, rng.integers(1, max(settings.pivots, 2), number), 0)
    for step in range(1, settings.pivots):
        for edges, which in ((good, turn != step), (bad, turn == step)):
            rows = np.flatnonzero(which & (path[:, step - 1] != NO_HIT))
            path[rows, step] = random_step(edges, path[rows, :step], rng)
    return path


def random_step(table: Adjacency, path: Int, rng: np.random.Generator) -> Int:
    """A neighbour of the last hit of each way that is not on it, each as likely.

    Args:
        table: The edges.
        path: Hits, of shape `(ways, steps)`, at least one step.
        rng: Gives one number per neighbour.

    Returns:
        Hits, `NO_HIT` where there is no such neighbour, of shape `(ways,)`.
    """
    way, entry = table.of(path[:, -1])
    hit = table.neighbour[entry]
    lot = rng.random(len(hit))
    new = (path[way] != hit[:, None]).all(axis=1)
    order = np.flatnonzero(new)
    # Written from the highest lot down: the lowest stands.
    order = order[np.argsort(-lot[order], kind="stable")]
    step = np.full(len(path), NO_HIT, dtype=np.int64)
    step[way[order]] = hit[order]
    return step
