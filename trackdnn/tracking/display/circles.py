"""Momentum of tracks whose particle is not known, from a circle through their hits.

The circle `x^2 + y^2 = 2 a x + 2 b y + c` is fitted by least squares in the transverse
plane, for all tracks at once. With radius R in mm and field B in Tesla

    pT / GeV = 0.3e-3 B R

Source: I. Kasa, IEEE Trans. Instrum. Meas. 25 (1976) 8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.events.event import Hits
    from trackdnn.tracking.found import FoundTracks

    Double = NDArray[np.float64]

# That of the TrackML detector, and of our simulation.
FIELD_TESLA = 2.0
_GEV_PER_MM_TESLA = 0.299792458e-3
_FEWEST = 3
# A circle is a straight line where its determinant is this small against its terms.
_STRAIGHT = 1e-14


def transverse_momenta(hits: Hits, lines: FoundTracks) -> Double:
    """Transverse momentum of each line of hits, as the circle through them tells.

    Args:
        hits: The hits of the event.
        lines: Lists of hits.

    Returns:
        GeV, float64 of shape `(tracks,)`; infinite for hits on a straight line, NaN
        for less than three hits or hits at one place.
    """
    radius = np.full(len(lines), np.nan)
    enough = lines.lengths >= _FEWEST
    radius[enough] = _radii(hits, lines)[enough]
    return radius * _GEV_PER_MM_TESLA * FIELD_TESLA


def _radii(hits: Hits, lines: FoundTracks) -> Double:
    track = lines.track_of_entry()

    def means(values: Double) -> Double:
        total = np.bincount(track, values, len(lines))
        return total / np.maximum(lines.lengths, 1)

    x, y = (place[lines.hits].astype(np.float64) for place in (hits.x, hits.y))
    # About their mean, or the digits of long lines would not be enough.
    u, v = x - means(x)[track], y - means(y)[track]
    square = u**2 + v**2
    uu, uv, vv = means(u * u), means(u * v), means(v * v)
    u_side, v_side = means(u * square) / 2, means(v * square) / 2
    determinant = uu * vv - uv * uv
    straight = determinant <= _STRAIGHT * (uu + vv) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        a = (u_side * vv - v_side * uv) / determinant
        b = (v_side * uu - u_side * uv) / determinant
        radius = np.sqrt(a**2 + b**2 + uu + vv)
    radius[straight] = np.inf
    radius[uu + vv == 0] = np.nan
    return radius


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
