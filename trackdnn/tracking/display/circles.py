"""Momentum and direction of tracks whose particle is not known, from their hits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trackdnn.tracking.kinematics import FIELD_TESLA, GEV_PER_TESLA_MM, circle_radii

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.events.event import Hits
    from trackdnn.tracking.found import FoundTracks

    Double = NDArray[np.float64]

_FEWEST = 3


def transverse_momenta(hits: Hits, lines: FoundTracks) -> Double:
    """Transverse momentum of each line of hits, as the circle through them tells.

    Args:
        hits: The hits of the event.
        lines: Lists of hits.

    Returns:
        GeV, float64 of shape `(tracks,)`; infinite for hits on a straight line, NaN
        for less than three hits or hits at one place.
    """
    # Tracks from afar are shown too, so the beam line is no point of the circle.
    radius = circle_radii(hits, lines, beam_line=False)
    radius[lines.lengths < _FEWEST] = np.nan
    return radius * GEV_PER_TESLA_MM * FIELD_TESLA


def pseudorapidities(hits: Hits, lines: FoundTracks) -> Double:
    """Pseudorapidity of each line of hits: the slope from its first hit to its last.

    Args:
        hits: The hits of the event.
        lines: Lists of hits, along the track.

    Returns:
        Float64 of shape `(tracks,)`; NaN for less than two hits or no way between them.
    """
    eta = np.full(len(lines), np.nan)
    some = np.flatnonzero(lines.lengths > 1)
    first = lines.hits[lines.offsets[some]]
    last = lines.hits[lines.offsets[some + 1] - 1]
    place = np.stack([hits.x, hits.y, hits.z]).astype(np.float64)
    dx, dy, dz = place[:, last] - place[:, first]
    with np.errstate(divide="ignore", invalid="ignore"):
        eta[some] = np.arcsinh(dz / np.hypot(dx, dy))
    return eta
