"""Efficiency against what is true of particles, fakes against what is seen of tracks.

Bins are the same for all events, so counts add up. A particle or a track in no bin
(outside the edges, or of unknown value) is counted as such.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from trackdnn.evaluation import intervals
from trackdnn.tracking.contingency import contingency_of
from trackdnn.tracking.judgement import verdicts
from trackdnn.tracking.kinematics import track_kinematics

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.evaluation.intervals import Fractions
    from trackdnn.events.event import Event
    from trackdnn.tracking.found import FoundTracks
    from trackdnn.tracking.presets import Definition


@dataclasses.dataclass(frozen=True)
class Axis:
    """A quantity and its bins.

    Args:
        name: Short name, used for files and in JSON.
        title: Label of the axis, with the unit.
        edges: Rising; the last bin is closed.
        logarithmic: Whether the axis is logarithmic.
    """

    name: str
    title: str
    edges: tuple[float, ...]
    logarithmic: bool = False


def _even(low: float, high: float, bins: int) -> tuple[float, ...]:
    return tuple(np.linspace(low, high, bins + 1).tolist())


_PT = (0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1.2, 1.6, 2.0, 3.0, 5.0, 10.0, 20.0, 100.0)
_ETA, _PHI = _even(-4.0, 4.0, 20), _even(-np.pi, np.pi, 16)
_HITS = _even(0.5, 24.5, 24)
# Of particles: pT, eta, phi, vz and r of the production vertex, number of hits.
PARTICLE_AXES = (
    Axis("pt", "Particle $p_T$ [GeV]", _PT, logarithmic=True),
    Axis("eta", r"Particle $\eta$", _ETA),
    Axis("phi", r"Particle $\phi$ [rad]", _PHI),
    Axis("z0", "Production vertex $z$ [mm]", _even(-200.0, 200.0, 20)),
    Axis(
        "r",
        "Production radius [mm]",
        (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0),
        logarithmic=True,
    ),
    Axis("hits", "Hits of the particle", _HITS),
)
# Of tracks, from their hits alone.
TRACK_AXES = (
    Axis("pt", "Track $p_T$ of a circle [GeV]", _PT, logarithmic=True),
    Axis("eta", r"Track $\eta$ of its hits", _ETA),
    Axis("phi", r"Track $\phi$ of its hits [rad]", _PHI),
    Axis("hits", "Hits of the track", _HITS),
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Profile:
    """Counts in the bins of one axis and beside them; profiles of events add up.

    Args:
        counts: Int64 of shape `(rows, bins + 1)`, the last column for what is in no
            bin. Rows of particles: asked for, found. Rows of tracks: all that count,
            fakes, duplicates.
    """

    counts: NDArray[np.int64]

    def __add__(self, other: Profile) -> Profile:
        return Profile(counts=self.counts + other.counts)

    @property
    def outside(self) -> int:
        """What is in no bin."""
        return int(self.counts[0, -1])

    def share(self, row: int, confidence: float) -> Fractions:
        """A row over the first one in each bin, with Clopper-Pearson intervals."""
        total = self.counts[0, :-1]
        # A track may be a duplicate once, so no row exceeds the first.
        return intervals.fractions(self.counts[row, :-1], total, confidence)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Profiles:
    """All profiles of one finder and one definition; those of events add up.

    Args:
        particles: Asked for and found, by the names of `PARTICLE_AXES`.
        tracks: Counted, fake and duplicate, by the names of `TRACK_AXES`.
    """

    particles: dict[str, Profile]
    tracks: dict[str, Profile]

    def __add__(self, other: Profiles) -> Profiles:
        return Profiles(
            particles=_added(self.particles, other.particles),
            tracks=_added(self.tracks, other.tracks),
        )

    def to_dict(self, confidence: float) -> dict[str, Any]:
        """Edges and rates as plain lists and numbers."""
        rates = {
            "efficiency": (PARTICLE_AXES, self.particles, 1),
            "fake_rate": (TRACK_AXES, self.tracks, 1),
            "duplicate_rate": (TRACK_AXES, self.tracks, 2),
        }
        return {
            rate: {
                axis.name: {
                    "edges": list(axis.edges),
                    "bins": filled[axis.name].share(row, confidence).to_list(),
                    "outside": filled[axis.name].outside,
                }
                for axis in axes
            }
            for rate, (axes, filled, row) in rates.items()
        }


def profile_event(event: Event, found: FoundTracks, definition: Definition) -> Profiles:
    """The profiles of one event.

    Args:
        event: With truth.
        found: Its tracks.
        definition: Which particles are asked for, and what finds them.

    Raises:
        ValueError: If the event has no truth.
    """
    verdict = verdicts(event, contingency_of(event, found), definition)
    seen = (verdict.wanted, verdict.wanted & verdict.found)
    judged = (verdict.counted, verdict.fake, verdict.duplicate)
    values = _of_particles(event)
    mine = track_kinematics(event, found)
    return Profiles(
        particles={a.name: _profile(a, values[a.name], seen) for a in PARTICLE_AXES},
        tracks={a.name: _profile(a, mine[a.name], judged) for a in TRACK_AXES},
    )


def _of_particles(event: Event) -> dict[str, NDArray[Any]]:
    particles = event.known()[1]
    return {
        "pt": particles.pt,
        "eta": particles.eta,
        # In single precision, pi is more than pi, and would be in no bin.
        "phi": np.clip(particles.phi.astype(np.float64), -np.pi, np.pi),
        "z0": particles.vz,
        # What comes from the beam itself has its place in the first bin.
        "r": np.maximum(particles.radius, np.float32(0.0101)),
        "hits": particles.hits,
    }


def _profile(
    axis: Axis, values: NDArray[Any], masks: tuple[NDArray[np.bool_], ...]
) -> Profile:
    edges = np.asarray(axis.edges)
    bins = len(edges) - 1
    which = np.searchsorted(edges, values, side="right") - 1
    which = np.where(values == edges[-1], bins - 1, which)
    # NaN is sorted behind everything.
    which = np.where((which < 0) | (which >= bins), bins, which)
    counts = [np.bincount(which[mask], minlength=bins + 1) for mask in masks]
    return Profile(counts=np.array(counts, dtype=np.int64))


def _added(one: dict[str, Profile], other: dict[str, Profile]) -> dict[str, Profile]:
    return {name: one[name] + other[name] for name in one}
