"""Which track has found which particle, by each definition in use.

With s hits that a track t and a particle p share, purity is s / hits of t and
completeness is s / hits of p in the event. Noise never matches. All limits are strict.

| name              | a track is matched to p    | p is found by t              |
|-------------------|----------------------------|------------------------------|
| `double_majority` | purity and completeness > f| the same                     |
| `perfect`         | both are 1                 | the same                     |
| `lhc`, `atlas`    | purity > f                 | the same                     |
| `one_way`         | purity > f                 | completeness > f             |
| `two_way`         | as `double_majority`       | the same                     |

Sources: `gnn-tracking/gnn_tracking:src/gnn_tracking/metrics/cluster_metrics.py` for the
first three, `HSF-reco-and-software-triggers/Tracking-ML-Exa.TrkX:Examples/
TrackML_Quickstart/Scripts/Step_6_Evaluate_Reconstruction.py` for the others.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from trackdnn.tracking.contingency import NOBODY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.tracking.contingency import Contingency

# The fraction of each definition, where none is given.
FRACTIONS = {
    "double_majority": 0.5,
    "perfect": 0.5,
    "lhc": 0.75,
    "atlas": 0.5,
    "one_way": 0.5,
    "two_way": 0.5,
}
_BY_PURITY = ("lhc", "atlas")


@dataclasses.dataclass(frozen=True)
class Matching:
    """A definition of what it means that a track has found a particle.

    Args:
        name: One of `FRACTIONS`.
        fraction: What must be exceeded, 0.5 to 1; `None` for that of `FRACTIONS`. It
            says nothing for `perfect`.

    Raises:
        ValueError: If the name is unknown, or two particles could match one track.
    """

    name: str
    fraction: float | None = None

    def __post_init__(self) -> None:
        if self.name not in FRACTIONS:
            raise ValueError(
                f"A matching must be one of {', '.join(FRACTIONS)}. "
                f"Received: {self.name}"
            )
        if not 0.5 <= self.limit < 1.0:
            raise ValueError(
                "The fraction of a matching must be at least 0.5, so that no track has "
                f"two particles, and less than 1. Received: {self.limit}"
            )

    @property
    def limit(self) -> float:
        """The fraction in use."""
        return FRACTIONS[self.name] if self.fraction is None else self.fraction

    @property
    def title(self) -> str:
        """Name and fraction, as in tables."""
        if self.name == "perfect":
            return "perfect"
        return f"{self.name.replace('_', ' ')} > {self.limit:g}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Matches:
    """What has found what.

    Args:
        matched: Whether the track of each pair is matched to its particle, bool of
            shape `(pairs,)`; for at most one pair of a track.
        finds: Whether the track of each pair finds its particle, `(pairs,)`.
        particle: Row of the particle of each track, `NOBODY` where none is matched,
            int64 of shape `(tracks,)`.
    """

    matched: NDArray[np.bool_]
    finds: NDArray[np.bool_]
    particle: NDArray[np.int64]


def match(table: Contingency, matching: Matching) -> Matches:
    """Applies a definition to an event.

    Args:
        table: Hits that tracks and particles share.
        matching: The definition.
    """
    some = table.particle != NOBODY
    pure = some & (table.purity > matching.limit)
    complete = some & (table.completeness > matching.limit)
    if matching.name == "perfect":
        matched = some & (table.purity == 1.0) & (table.completeness == 1.0)
    elif matching.name in (*_BY_PURITY, "one_way"):
        matched = pure
    else:
        matched = pure & complete
    particle = np.full(len(table.track_hits), NOBODY, dtype=np.int64)
    particle[table.track[matched]] = table.particle[matched]
    finds = complete if matching.name == "one_way" else matched
    return Matches(matched=matched, finds=finds, particle=particle)
