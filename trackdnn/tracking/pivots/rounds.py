"""Round after round: micrographs of all seeds, their masks, and the hits that leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trackdnn.tracking.pivots.surroundings import surroundings
from trackdnn.tracking.pivots.walking import ranks, seeds, walk

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from trackdnn.settings.finding import PivotsSettings
    from trackdnn.tracking.pivots.adjacency import Adjacency

    Int = NDArray[np.int64]
    Mask = NDArray[np.bool_]
    # From tokens, which exist, pivots and which exist, to a probability per token.
    Judge = Callable[[Int, Mask, Int, Mask], NDArray[np.float32]]

NO_TRACK = -1


def cluster(table: Adjacency, judge: Judge, settings: PivotsSettings) -> Int:
    """Tracks of hits that edges connect.

    A hit that was a seed in vain `failures` times leaves; all hits of a track leave.
    So each round is a step towards the end.

    Args:
        table: Edges above the cut.
        judge: The probability of each token to be of the track of the pivots; it is
            given arrays of shape `(micrographs, tokens)` and `(micrographs, pivots)`,
            of at least one micrograph.
        settings: Of the builder.

    Returns:
        Track of each hit, from 0, `NO_TRACK` for none, of shape `(hits,)`.
    """
    labels = np.full(table.hits, NO_TRACK, dtype=np.int64)
    failures = np.zeros(table.hits, dtype=np.int64)
    span = settings.reach + settings.pivots - 1
    found = 0
    while True:
        active = (labels == NO_TRACK) & (failures < settings.failures)
        table = table.among(active)
        starts = seeds(table, ranks(table, failures), span)
        if not len(starts):
            return labels
        tokens, chosen = _chosen(table, starts, judge, settings)
        taken = chosen.sum(axis=1) >= settings.min_hits
        failures[starts[~taken]] += 1
        mine = chosen & taken[:, None]
        number = found + np.cumsum(taken) - 1
        labels[tokens[mine]] = np.broadcast_to(number[:, None], mine.shape)[mine]
        found += int(taken.sum())


def _chosen(
    table: Adjacency, starts: Int, judge: Judge, settings: PivotsSettings
) -> tuple[Int, Mask]:
    """Tokens around each seed, and which of them its mask has chosen."""
    pivots, pivot_valid = walk(table, starts, settings.pivots, settings.walk_cut)
    tokens, valid = surroundings(
        table,
        pivots,
        pivot_valid,
        reach=settings.reach,
        most=max(settings.tokens, settings.pivots),
    )
    chosen = np.zeros(tokens.shape, dtype=bool)
    # What is too small is not asked about; `rows` keeps the others in their places.
    rows = np.flatnonzero(valid.sum(axis=1) >= settings.min_hits)
    if len(rows):
        given = tokens[rows], valid[rows], pivots[rows], pivot_valid[rows]
        chosen[rows] = (judge(*given) > settings.mask_cut) & valid[rows]
    return tokens, chosen
