"""Tracks, fakes and particles at the stages of a reconstruction."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from trackdnn.simulation import truth

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trackdnn.simulation.arrays import Bool, Int
    from trackdnn.simulation.event import EventState

# Particles that a reconstruction is asked for: GeV, pseudorapidity, mm, measurements.
MIN_PT = 0.9
MAX_ABS_ETA = 2.5
MAX_RADIUS_MM = 3.0
MIN_MEASUREMENTS = 7


@dataclasses.dataclass(frozen=True, kw_only=True)
class Counts:
    """What one stage leaves.

    Attributes:
        tracks: Number of tracks.
        true: Tracks that belong to a particle.
        repeated: True tracks beyond the first one of their particle.
        wanted: Particles of `wanted_particles` with at least one true track.
    """

    tracks: int = 0
    true: int = 0
    repeated: int = 0
    wanted: int = 0

    @property
    def fakes(self) -> int:
        """Tracks that belong to no particle."""
        return self.tracks - self.true

    @property
    def particles(self) -> int:
        """Particles with at least one true track, wanted or not."""
        return self.true - self.repeated

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            tracks=self.tracks + other.tracks,
            true=self.true + other.true,
            repeated=self.repeated + other.repeated,
            wanted=self.wanted + other.wanted,
        )


def count_tracks(hits: Sequence[Int], owner: Int, wanted: Bool) -> Counts:
    """Count the tracks of one event by what their measurements say.

    Args:
        hits: Measurement indices of each track.
        owner: Particle of each measurement, -1 for none, shape `(measurements,)`.
        wanted: Whether a particle is asked for, shape `(particles,)`.

    Returns:
        The counts.
    """
    counts = np.array([len(track) for track in hits], dtype=np.int64)
    flat = np.concatenate([np.zeros(0, dtype=np.int64), *hits])
    match = truth.match_tracks(owner[flat], counts)
    particles = match.particle[match.is_true]
    found = np.unique(particles)
    return Counts(
        tracks=len(counts),
        true=len(particles),
        repeated=len(particles) - len(found),
        wanted=int(wanted[found].sum()),
    )


def wanted_particles(state: EventState) -> Bool:
    """Prompt particles well inside of the detector, of shape `(particles,)`.

    They start within 3 mm of the beam line, have pt > 0.9 GeV, abs(eta) < 2.5 and at
    least 7 measurements that were not lost.
    """
    particles = state.particles
    owner = state.owner[state.measured]
    hits = np.bincount(owner[owner >= 0], minlength=len(particles.pt))
    return (
        (particles.pt > MIN_PT)
        & (np.abs(np.arctanh(np.cos(particles.theta))) < MAX_ABS_ETA)
        & (np.hypot(particles.x, particles.y) < MAX_RADIUS_MM)
        & (hits >= MIN_MEASUREMENTS)
    )
