"""A helix through the hits of each track, in closed form for all tracks at once.

In the transverse plane it is the circle of least squares of V. Karimaki, Effective
circle fitting for particle trajectories, NIM A 305 (1991) 187, with equal weights. With
the means C of products of centred coordinates x, y and r^2 = x^2 + y^2

    tan(2 phi) = 2 (C_rr C_xy - C_xr C_yr) / (C_rr (C_xx - C_yy) - C_xr^2 + C_yr^2)
    kappa = (sin phi C_xr - cos phi C_yr) / C_rr
    delta = -kappa <r^2> + sin phi <x> - cos phi <y>
    rho = 2 kappa / sqrt(1 - 4 delta kappa)      d = 2 delta / (1 + sqrt(...))

are its curvature and its distance from the beam line. Along it, z is a straight line
of least squares over the arc length, asin(rho r / 2) / (rho / 2) where d is small.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.events.event import Hits
    from trackdnn.tracking.found import FoundTracks

    Double = NDArray[np.float64]

# Coordinates are in metres inside, so that fourth powers stay near 1.
_METRE = 1000.0
# Below this a determinant is that of hits without extent.
_TINY = 1e-12


@dataclasses.dataclass(frozen=True, kw_only=True)
class Helices:
    """What was fitted to each track; each array has the shape `(tracks,)`.

    Args:
        curvature: Of the circle, without sign, 1/m.
        d0: Distance of the circle from the beam line, without sign, mm.
        z0: Where the helix is nearest to the beam line, mm.
        cot_theta: dz over arc length.
        residual: Root mean square of the distances of hits from the circle, mm.
        residual_z: The same of z from the straight line, mm.
    """

    curvature: Double
    d0: Double
    z0: Double
    cot_theta: Double
    residual: Double
    residual_z: Double


def fit_helices(hits: Hits, tracks: FoundTracks) -> Helices:
    """Fits a helix to each track; tracks have three hits or more.

    Args:
        hits: Of the event.
        tracks: None of them empty.
    """
    x, y, z = (
        one[tracks.hits].astype(np.float64) / _METRE for one in (hits.x, hits.y, hits.z)
    )
    square = x**2 + y**2
    mean = _Means(tracks)
    xx, yy, xy = mean.product(x, x), mean.product(y, y), mean.product(x, y)
    xr, yr = mean.product(x, square), mean.product(y, square)
    rr = np.maximum(mean.product(square, square), _TINY)
    phi = 0.5 * np.arctan2(2 * (rr * xy - xr * yr), rr * (xx - yy) - xr**2 + yr**2)
    sine, cosine = np.sin(phi), np.cos(phi)
    kappa = (sine * xr - cosine * yr) / rr
    delta = -kappa * mean(square) + sine * mean(x) - cosine * mean(y)
    root = np.sqrt(np.maximum(1 - 4 * delta * kappa, _TINY))
    rho, distance = 2 * kappa / root, 2 * delta / (1 + root)
    spread = sine**2 * xx - 2 * sine * cosine * xy + cosine**2 * yy - kappa**2 * rr
    length = _arc(np.sqrt(square), rho[tracks.track_of_entry()])
    ss = np.maximum(mean.product(length, length), _TINY)
    slope = mean.product(length, z) / ss
    spread_z = mean.product(z, z) - slope * mean.product(length, z)
    return Helices(
        curvature=np.abs(rho),
        d0=np.abs(distance) * _METRE,
        z0=(mean(z) - slope * mean(length)) * _METRE,
        cot_theta=slope,
        residual=np.abs(1 + rho * distance) * _root(spread) * _METRE,
        residual_z=_root(spread_z) * _METRE,
    )


class _Means:
    """Means over the hits of each track."""

    def __init__(self, tracks: FoundTracks) -> None:
        self._starts, self._lengths = tracks.offsets[:-1], tracks.lengths
        self._track = tracks.track_of_entry()

    def __call__(self, values: Double) -> Double:
        if not len(self._starts):
            return np.zeros(0)
        return np.add.reduceat(values, self._starts) / self._lengths

    def product(self, one: Double, other: Double) -> Double:
        """Mean of the product of both, each less its own mean."""
        first = one - self(one)[self._track]
        return self(first * (other - self(other)[self._track]))


def _arc(radius: Double, curvature: Double) -> Double:
    """Length of an arc of a circle through the origin, as far as `radius` from it."""
    half = curvature / 2
    bent = np.arcsin(np.clip(half * radius, -1.0, 1.0))
    straight = np.abs(half) < _TINY
    return np.where(straight, radius, bent / np.where(straight, 1.0, half))


def _root(values: Double) -> Double:
    """Square root of what is not negative but for rounding."""
    return np.asarray(np.sqrt(np.maximum(values, 0.0)))
