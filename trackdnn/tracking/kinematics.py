"""Momentum and direction of tracks from their hits alone, for plots of fakes.

A circle through the hits in the transverse plane, by Kasa's linear least squares: with
u and v the coordinates less their means, a and b minimise the sum of the squares of
`u^2 + v^2 - 2 a u - 2 b v - c` over all points, `c` is the mean of `u^2 + v^2`, and the
radius is `R = sqrt(a^2 + b^2 + c)`. The beam line may be one more point. Then
`pT = 0.3e-3 B R` in GeV, Tesla and mm.

Source: I. Kasa, IEEE Transactions on Instrumentation and Measurement 25 (1976) 8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.events.event import Event, Hits
    from trackdnn.tracking.found import FoundTracks

    Double = NDArray[np.float64]

# That of the TrackML detector, and of our simulation.
FIELD_TESLA = 2.0
# GeV per Tesla and mm: the speed of light in 1e12 m/s.
GEV_PER_TESLA_MM = 0.299792458e-3
# A circle is a straight line where its determinant is this small against its terms.
_STRAIGHT = 1e-14


def track_kinematics(
    event: Event, found: FoundTracks, *, field: float = FIELD_TESLA
) -> dict[str, Double]:
    """What the hits of each track tell of it.

    Args:
        event: The event; truth is not looked at.
        found: Its tracks.
        field: Along the beam, Tesla.

    Returns:
        `pt` in GeV (infinite for a straight line), `eta` and `phi` in rad of the mean
        direction of the hits from the origin, `hits`; each float64 of shape
        `(tracks,)`. All but `hits` are NaN for tracks without hits.
    """
    count = found.lengths.astype(np.float64)
    track = found.track_of_entry()
    x, y, z = (
        getattr(event.hits, axis)[found.hits].astype(np.float64) for axis in "xyz"
    )
    radius = circle_radii(event.hits, found, beam_line=True)
    mean_x, mean_y, mean_z, mean_r = (
        np.bincount(track, values, minlength=len(found))
        for values in (x, y, z, np.hypot(x, y))
    )
    empty = count == 0
    with np.errstate(divide="ignore", invalid="ignore"):
        eta = np.arcsinh(mean_z / mean_r)
    phi = np.arctan2(mean_y, mean_x)
    return {
        "pt": np.where(empty, np.nan, GEV_PER_TESLA_MM * field * radius),
        "eta": np.where(empty, np.nan, eta),
        "phi": np.where(empty, np.nan, phi),
        "hits": count,
    }


def circle_radii(hits: Hits, lines: FoundTracks, *, beam_line: bool) -> Double:
    """Radius of the circle through each line of hits.

    Args:
        hits: The hits of the event.
        lines: Lists of hits.
        beam_line: Whether the beam line counts as one more hit of each.

    Returns:
        mm, float64 of shape `(tracks,)`; infinite for points on a straight line, NaN
        for no points or points at one place.
    """
    track = lines.track_of_entry()
    x, y = (place[lines.hits].astype(np.float64) for place in (hits.x, hits.y))
    if beam_line:
        track = np.concatenate([track, np.arange(len(lines))])
        x, y = (np.concatenate([one, np.zeros(len(lines))]) for one in (x, y))
    return _radii(track, len(lines), x, y)


def _radii(track: NDArray[np.int64], tracks: int, x: Double, y: Double) -> Double:
    points = np.maximum(np.bincount(track, minlength=tracks), 1)

    def means(values: Double) -> Double:
        return np.asarray(np.bincount(track, values, tracks) / points)

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
