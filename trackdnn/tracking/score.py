"""The score of the TrackML challenge.

    score = sum over good tracks of w(hits of the majority particle in the track)
            / sum of w over all hits

A track is good if its majority particle made more than half of its hits, and more than
half of the hits of that particle are in the track. Every hit counts for one track: of
those that share it, the longest has it (`FoundTracks.labels`). Noise is no particle.

Source: `LAL/trackml-library:trackml/score.py`.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from trackdnn.tracking.contingency import NOBODY, contingency
from trackdnn.tracking.found import from_labels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.events.event import Event
    from trackdnn.tracking.found import FoundTracks


@dataclasses.dataclass(frozen=True, kw_only=True)
class Score:
    """Scores of events, which add up.

    Args:
        events: Number of events with a weight above 0; no other has a score.
        weight: Sum of the weights of good tracks.
        total: Sum of all weights.
        normalised: Sum over events of `weight / total`.
    """

    events: int = 0
    weight: float = 0.0
    total: float = 0.0
    normalised: float = 0.0

    @property
    def mean(self) -> float | None:
        """The TrackML score: the mean over events of `weight / total`."""
        return self.normalised / self.events if self.events else None

    @property
    def mean_weight(self) -> float | None:
        """As `mean`, with the weights as they are, also where they do not sum to 1."""
        return self.weight / self.events if self.events else None

    def __add__(self, other: Score) -> Score:
        return Score(
            events=self.events + other.events,
            weight=self.weight + other.weight,
            total=self.total + other.total,
            normalised=self.normalised + other.normalised,
        )

    def to_dict(self) -> dict[str, Any]:
        """The score as plain numbers."""
        return {
            "score": self.mean,
            "score_unnormalised": self.mean_weight,
            "events": self.events,
            "weight": self.weight,
            "total_weight": self.total,
        }


def score_event(event: Event, found: FoundTracks) -> Score:
    """The score of the tracks of one event.

    Raises:
        ValueError: If the event has no truth.
    """
    truth, particles = event.known()
    labels = found.labels(len(event))
    good = good_weight(labels, event.owner(), truth.weight, len(particles))
    total = float(truth.weight.sum())
    if total <= 0.0:
        return Score()
    return Score(events=1, weight=good, total=total, normalised=good / total)


def good_weight(
    labels: NDArray[np.integer],
    owner: NDArray[np.integer],
    weight: NDArray[np.float64],
    particles: int,
) -> float:
    """Sum of the weights of good tracks, not normalised.

    Args:
        labels: Track of each hit, negative for none, `(hits,)`.
        owner: Row of the particle of each hit, `NOBODY` for noise, `(hits,)`.
        weight: Of shape `(hits,)`.
        particles: Number of particles.
    """
    tracks = from_labels(labels)
    table = contingency(owner, tracks, particles)
    of_somebody = table.particle != NOBODY
    good = of_somebody & (table.purity > 0.5) & (table.completeness > 0.5)
    # A track has one pair above one half at most, and that is its majority.
    best = np.full(len(tracks), NOBODY, dtype=np.int64)
    best[table.track[good]] = table.particle[good]
    whose = owner[tracks.hits]
    counts = (whose != NOBODY) & (whose == best[tracks.track_of_entry()])
    return float(weight[tracks.hits[counts]].sum())
