"""Primary vertices out of tracks: soft clustering along the beam, then a fit.

Each track belongs to vertex k with the probability

    p_k = exp(-(z - z_k)^2 / (2 s^2)) / (exp(-c^2 / 2) + sum_j exp(-(z - z_j)^2 / (2 s^2)))

(the assignment of deterministic annealing at temperature 1; the first term lets a
track belong nowhere). Maxima of the track density start the z_k; assignment and
weighted means alternate. The transverse position is a fit to dxy, held by the beam.

Source:
    E. Chabanat, N. Estre, "Deterministic annealing for vertex finding at CMS",
    CHEP 2004; the equations, not the annealing.
"""  # noqa: E501

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from trackdnn.simulation.arrays import Float

BEAM_SIGMA = 0.00125  # cm, transverse
_CUTOFF = 4.0
_BIN = 0.01  # cm
_SMOOTHING = 2.0  # bins
_ITERATIONS = 10
_MIN_TRACKS = 2


@dataclass(frozen=True)
class Vertices:
    """Vertices, the largest sum of squared track pt first.

    Attributes:
        position: Shape `(vertices, 3)`, cm.
        error: Shape `(vertices, 3)`, cm.
        chi2: Shape `(vertices,)`.
        ndof: Twice the sum of weights less one (the beam gives x and y).
    """

    position: Float
    error: Float
    chi2: Float
    ndof: Float


def find_vertices(columns: dict[str, Float]) -> Vertices:
    """Find vertices of an event.

    Args:
        columns: `dxy`, `dz`, `dxyErr`, `dzErr`, `phi`, `pt` of good prompt tracks,
            each of shape `(tracks,)`, cm, rad, GeV.

    Returns:
        The vertices with at least two tracks; possibly none.
    """
    z, sigma = columns["dz"], np.maximum(columns["dzErr"], 1e-3)
    position = _seed(z)
    for _ in range(_ITERATIONS):
        weight = _assign(z, sigma, position)
        inverse = weight / sigma[:, None] ** 2
        position = inverse.T @ z / np.maximum(inverse.sum(0), 1e-12)
        position = _merge(position[weight.sum(0) > 1.0])
    weight = _assign(z, sigma, position)
    weight = weight[:, (weight > 0.5).sum(0) >= _MIN_TRACKS]
    order = np.argsort(-(columns["pt"] ** 2 @ weight), kind="stable")
    return _fit(columns, sigma, weight[:, order])


def beam_spot(sigma_z: float) -> Vertices:
    """The beam spot as a single vertex, for events without one.

    Args:
        sigma_z: Length of the beam spot, cm.

    Returns:
        One vertex with no degrees of freedom.
    """
    error = np.array([[BEAM_SIGMA, BEAM_SIGMA, sigma_z]])
    return Vertices(np.zeros((1, 3)), error, np.zeros(1), np.zeros(1))


def _seed(z: Float) -> Float:
    """Maxima of the smoothed track density."""
    if not len(z):
        return np.zeros(0)
    edges = np.arange(z.min() - 10 * _BIN, z.max() + 11 * _BIN, _BIN)
    offset = np.arange(-8, 9)
    kernel = np.exp(-0.5 * (offset / _SMOOTHING) ** 2)
    density = np.convolve(np.histogram(z, edges)[0], kernel, mode="same")
    inside = density[1:-1]
    peak = (inside > density[:-2]) & (inside >= density[2:]) & (inside > 1.0)
    return edges[1:-2][peak] + 0.5 * _BIN


def _assign(z: Float, sigma: Float, position: Float) -> Float:
    """Probabilities of shape `(tracks, vertices)`."""
    pull = (z[:, None] - position) / sigma[:, None]
    likelihood: Float = np.exp(-0.5 * pull**2)
    nowhere = np.exp(-0.5 * _CUTOFF**2)
    likelihood /= nowhere + likelihood.sum(1, keepdims=True)
    return likelihood


def _merge(position: Float) -> Float:
    """Drop a vertex that has moved onto its neighbour."""
    position = np.sort(position)
    return position[np.diff(position, prepend=-np.inf) > 0.5 * _BIN]


def _fit(columns: dict[str, Float], sigma: Float, weight: Float) -> Vertices:
    """Weighted means in z; least squares with the beam in x and y."""
    inverse = weight / sigma[:, None] ** 2
    total = np.maximum(inverse.sum(0), 1e-12)
    z = inverse.T @ columns["dz"] / total
    xy, xy_error, xy_chi2 = _fit_transverse(columns, weight)
    pull = (columns["dz"][:, None] - z) / sigma[:, None]
    return Vertices(
        position=np.column_stack([xy, z]),
        error=np.column_stack([xy_error, total**-0.5]),
        chi2=(weight * pull**2).sum(0) + xy_chi2,
        ndof=2.0 * weight.sum(0) - 1.0,
    )


def _fit_transverse(
    columns: dict[str, Float], weight: Float
) -> tuple[Float, Float, Float]:
    """Solve dxy = -x sin(phi) + y cos(phi) for all vertices at once."""
    slope = np.column_stack([-np.sin(columns["phi"]), np.cos(columns["phi"])])
    sigma = np.maximum(columns["dxyErr"], 1e-4)
    inverse = weight / sigma[:, None] ** 2
    beam = np.eye(2) / BEAM_SIGMA**2
    normal = np.einsum("tv,ti,tj->vij", inverse, slope, slope) + beam
    right = np.einsum("tv,ti,t->vi", inverse, slope, columns["dxy"])
    covariance = np.linalg.inv(normal)
    xy = np.einsum("vij,vj->vi", covariance, right)
    pull = (columns["dxy"][:, None] - slope @ xy.T) / sigma[:, None]
    chi2 = (weight * pull**2).sum(0) + (xy**2).sum(1) / BEAM_SIGMA**2
    return xy, np.sqrt(np.diagonal(covariance, axis1=1, axis2=2)), chi2
