"""Several tracks out of the same measurements: keep the best, remember the rest."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from trackdnn.simulation.arrays import Float, Int

# Weights of CMS' trajectory cleaner: a found hit counts, a lost one costs.
FOUND_BONUS = 10.0
LOST_PENALTY = 5.0


def rank(valid: Int, lost: Int, chi2: Float) -> Int:
    """Order of tracks, best first; equal scores keep their order.

    Args:
        valid: Measurements of each track, shape `(tracks,)`.
        lost: Layers without measurement, shape `(tracks,)`.
        chi2: Chi2 of the fit, shape `(tracks,)`.

    Returns:
        Track indices of shape `(tracks,)`.
    """
    score = FOUND_BONUS * valid - LOST_PENALTY * lost - chi2
    return np.argsort(-score, kind="stable")


class TrackList:
    """Tracks kept so far and the measurements they use.

    Args:
        fraction: A track that shares more than this fraction of its measurements
            with a kept one is a duplicate of it; 1 keeps every track.
    """

    def __init__(self, fraction: float) -> None:
        self._fraction = fraction
        self._users: dict[int, list[int]] = defaultdict(list)
        self.masks: list[int] = []

    def add(self, tracks: Sequence[Sequence[int]], algo: int) -> list[bool]:
        """Offer the tracks of one pass, best first.

        The pass is noted in the mask of the kept track in either case.

        Args:
            tracks: Measurement indices of each track.
            algo: Number of the pass.

        Returns:
            For each track whether it was kept.
        """
        return [self._add_one(track, 1 << algo) for track in tracks]

    def _add_one(self, hits: Sequence[int], bit: int) -> bool:
        sharing = Counter(user for hit in hits for user in self._users.get(hit, ()))
        if sharing:
            partner, shared = sharing.most_common(1)[0]
            if shared > self._fraction * len(hits):
                self.masks[partner] |= bit
                return False
        for hit in hits:
            self._users[hit].append(len(self.masks))
        self.masks.append(bit)
        return True
