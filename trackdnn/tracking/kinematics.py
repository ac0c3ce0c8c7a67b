"""Momentum and direction of tracks from their hits alone, for plots of fakes.

A circle through the hits in the transverse plane, by Kasa's linear least squares: with
`s = x^2 + y^2`, the circle `s = a x + b y + c` has its centre at `(a, b) / 2` and the
radius `R = sqrt(c + (a^2 + b^2) / 4)`, and a, b, c minimise the sum of squares over all
hits and the beam line, which is one more point. Then pT = 0.3 B R in GeV, Tesla and m.

Source: I. Kasa, IEEE Transactions on Instrumentation and Measurement 25 (1976) 8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.events.event import Event
    from trackdnn.tracking.found import FoundTracks

FIELD_TESLA = 2.0
# GeV per Tesla and mm: the speed of light in 1e12 m/s.
_GEV = 0.299792458e-3
# Below it a triple of points is a straight line, as far as 64 bits tell.
_SMALLEST = 1e-12


def track_kinematics(
    event: Event, found: FoundTracks, *, field: float = FIELD_TESLA
) -> dict[str, NDArray[np.float64]]:
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
    radius = _radius(track, len(found), x, y)
    mean_x, mean_y, mean_z, mean_r = (
        np.bincount(track, values, minlength=len(found))
        for values in (x, y, z, np.hypot(x, y))
    )
    empty = count == 0
    with np.errstate(divide="ignore", invalid="ignore"):
        eta = np.arcsinh(mean_z / mean_r)
    phi = np.arctan2(mean_y, mean_x)
    return {
        "pt": np.where(empty, np.nan, _GEV * field * radius),
        "eta": np.where(empty, np.nan, eta),
        "phi": np.where(empty, np.nan, phi),
        "hits": count,
    }


def _radius(
    track: NDArray[np.int64],
    tracks: int,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Radius of the circle of each track, mm; infinite where there is none."""
    # In metres, so that all sums have about the same size.
    u, v = x * 1e-3, y * 1e-3
    s = u * u + v * v

    def total(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(track, values, minlength=tracks).astype(np.float64)

    # The beam line adds one point to the number, and nothing to the other sums.
    matrix = np.array(
        [
            [total(u * u), total(u * v), total(u)],
            [total(u * v), total(v * v), total(v)],
            [total(u), total(v), total(np.ones_like(u)) + 1.0],
        ]
    )
    right = np.array([total(s * u), total(s * v), total(s)])
    matrix, right = np.moveaxis(matrix, -1, 0), right.T[..., None]
    round_ = np.abs(np.linalg.det(matrix)) > _SMALLEST
    radius = np.full(tracks, np.inf)
    a, b, c = np.linalg.solve(matrix[round_], right[round_])[..., 0].T
    radius[round_] = 1e3 * np.sqrt(np.maximum(c + (a * a + b * b) / 4.0, 0.0))
    return radius
