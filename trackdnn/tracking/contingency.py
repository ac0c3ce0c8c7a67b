"""How many hits each track shares with each particle: what all judgement stands on.

A sparse table with one row per pair that shares a hit. Noise is a column of its own,
the particle -1, so that hits of nobody count in the length of a track.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.events.event import Event
    from trackdnn.tracking.found import FoundTracks

# The particle of hits that no particle made.
NOBODY = -1


@dataclasses.dataclass(frozen=True, kw_only=True)
class Contingency:
    """Pairs of a track and a particle with at least one common hit.

    Args:
        track: Track of each pair, int64 of shape `(pairs,)`, ascending.
        particle: Row of its particle, ascending within a track, `NOBODY` for noise.
        shared: Hits that both have, int64 of shape `(pairs,)`.
        track_hits: Hits of each track, int64 of shape `(tracks,)`.
        particle_hits: Hits of each particle in the event, on a track or not, int64 of
            shape `(particles,)`.
        majority: Row of the particle with most hits of each track, int64 of shape
            `(tracks,)`; of equally many, noise first and then the lower row. `NOBODY`
            for noise and for tracks without hits.
    """

    track: NDArray[np.int64]
    particle: NDArray[np.int64]
    shared: NDArray[np.int64]
    track_hits: NDArray[np.int64]
    particle_hits: NDArray[np.int64]
    majority: NDArray[np.int64]

    @property
    def purity(self) -> NDArray[np.float64]:
        """Share of the hits of the track that the particle made, `(pairs,)`."""
        return np.asarray(self.shared / self.track_hits[self.track])

    @property
    def completeness(self) -> NDArray[np.float64]:
        """Share of the hits of the particle on the track, `(pairs,)`; 0 for noise."""
        hits = np.append(self.particle_hits, 1)[self.particle]
        return np.where(self.particle == NOBODY, 0.0, self.shared / hits)


def contingency(
    owner: NDArray[np.integer], found: FoundTracks, particles: int
) -> Contingency:
    """The table of an event.

    Args:
        owner: Row of the particle of each hit, `NOBODY` for noise, `(hits,)`.
        found: The tracks; none may have a hit twice.
        particles: Number of particles.
    """
    # Noise in column 0 keeps the keys positive, and wins when counts are equal.
    columns = particles + 1
    keys = found.track_of_entry() * columns + owner[found.hits] + 1
    pairs, shared = np.unique(keys, return_counts=True)
    track, column = np.divmod(pairs, columns)
    particle = column - 1
    return Contingency(
        track=track,
        particle=particle,
        shared=shared.astype(np.int64),
        track_hits=found.lengths,
        particle_hits=np.bincount(owner[owner >= 0], minlength=particles),
        majority=_majority(len(found), track, particle, shared),
    )


def contingency_of(event: Event, found: FoundTracks) -> Contingency:
    """The table of an event with truth.

    Raises:
        ValueError: If the event has no truth.
    """
    particles = event.known()[1]
    return contingency(event.owner(), found, len(particles))


def _majority(
    tracks: int,
    track: NDArray[np.int64],
    particle: NDArray[np.int64],
    shared: NDArray[np.integer],
) -> NDArray[np.int64]:
    # The last write stands: most hits, of equally many the lowest row.
    order = np.lexsort((-particle, shared))
    majority = np.full(tracks, NOBODY, dtype=np.int64)
    majority[track[order]] = particle[order]
    return majority
