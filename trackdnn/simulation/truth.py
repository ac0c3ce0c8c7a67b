"""Which simulated particle a track belongs to.

The rule of CMS: a track is true when one particle holds MORE than 75 % of its
measurements; every other track is a fake.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from trackdnn.simulation.arrays import Bool, Float, Int

SHARE_TRUE = 0.75


@dataclass(frozen=True)
class Match:
    """The particle with most measurements of each track.

    Attributes:
        particle: Index of the particle, -1 without any, shape `(tracks,)`.
        share: Fraction of the measurements it holds, shape `(tracks,)`.
    """

    particle: Int
    share: Float

    @property
    def is_true(self) -> Bool:
        """Whether the particle holds more than 75 % of the measurements."""
        return self.share > SHARE_TRUE


def match_tracks(hit_particle: Int, hit_counts: Int) -> Match:
    """Match tracks to particles by majority; the lower index wins a draw.

    Args:
        hit_particle: Particle of each measurement, track after track, -1 for none,
            shape `(measurements,)`.
        hit_counts: Measurements of each track, shape `(tracks,)`.

    Returns:
        The best particle of each track and its share.
    """
    tracks = len(hit_counts)
    track = np.repeat(np.arange(tracks), hit_counts)
    has_particle = hit_particle >= 0
    pairs, count = np.unique(
        np.stack([track[has_particle], hit_particle[has_particle]]),
        axis=1,
        return_counts=True,
    )
    # Ascending by count, then by falling index: the last write of a track is its best.
    order = np.lexsort((-pairs[1], count))
    particle = np.full(tracks, -1, dtype=np.int64)
    held = np.zeros(tracks)
    particle[pairs[0, order]] = pairs[1, order]
    held[pairs[0, order]] = count[order]
    return Match(particle, held / np.maximum(hit_counts, 1))


def count_shared(hits: Int, hit_counts: Int) -> Int:
    """Measurements of each track that another track uses too.

    Args:
        hits: Measurement indices, track after track, shape `(measurements,)`.
        hit_counts: Measurements of each track, shape `(tracks,)`.

    Returns:
        Counts of shape `(tracks,)`.
    """
    track = np.repeat(np.arange(len(hit_counts)), hit_counts)
    users = np.bincount(hits, minlength=1)
    return np.bincount(
        track, weights=users[hits] > 1, minlength=len(hit_counts)
    ).astype(np.int64)
