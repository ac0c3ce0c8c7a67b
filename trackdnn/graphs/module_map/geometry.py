"""What tells a doublet or a triplet of one particle from an accident.

A particle from near the beam line with a helix of radius R has between two of its hits

| quantity | what                                                                     |
|----------|--------------------------------------------------------------------------|
| `dphi`   | difference of azimuth, rad                                               |
| `bend`   | 1/R of the circle through both hits and the beam line, 1/mm, with a sign:|
|          | `2 sin(dphi) / chord`                                                    |
| `theta`  | angle of the line through both with the beam, in r and z, rad            |
| `miss`   | how far from the origin that line passes, mm: `z0 sin(theta)`            |

and, at the hit that two doublets share, nearly the same `bend` and `theta` before and
after. Scattering makes both differ in proportion to 1/p, so differences count in units
of `|bend|` and of that of a stiff particle. All of it stays finite for hits of
overlapping modules, whose `dr` is about 0.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.graphs.module_map.regions import Places

    Float = NDArray[np.float32]

# 1/R of 1 GeV at 2 T, 1/mm: where resolution and scattering are about as large.
_STIFF = 6e-4
_TINY = 1e-3


@dataclasses.dataclass(frozen=True, kw_only=True)
class Doublets:
    """Quantities of pairs of hits; each array has the shape `(pairs,)`, float32.

    Args:
        dphi: Difference of azimuth, -pi to pi.
        bend: See above.
        theta: 0 to pi, beyond it for hits that come back to the beam line.
        miss: See above.
    """

    dphi: Float
    bend: Float
    theta: Float
    miss: Float

    def take(self, rows: NDArray[np.bool_] | NDArray[np.integer]) -> Doublets:
        """Those of a mask or of indices."""
        return Doublets(
            dphi=self.dphi[rows],
            bend=self.bend[rows],
            theta=self.theta[rows],
            miss=self.miss[rows],
        )


def doublets(places: Places, pairs: NDArray[np.integer]) -> Doublets:
    """Quantities of pairs of hits.

    Args:
        places: Of all hits.
        pairs: Rows of hits, of shape `(2, pairs)`, from the inside to the outside.
    """
    first, second = pairs
    dphi = places.phi[second] - places.phi[first]
    dphi -= 2 * np.pi * np.round(dphi / (2 * np.pi))
    chord = np.hypot(
        places.x[second] - places.x[first], places.y[second] - places.y[first]
    )
    dr = places.r[second] - places.r[first]
    dz = places.z[second] - places.z[first]
    length = np.maximum(np.hypot(dr, dz), _TINY)
    miss = (places.z[first] * dr - places.r[first] * dz) / length
    return Doublets(
        dphi=dphi.astype(np.float32),
        bend=(2 * np.sin(dphi) / np.maximum(chord, _TINY)).astype(np.float32),
        theta=np.arctan2(dr, dz).astype(np.float32),
        miss=miss.astype(np.float32),
    )


def scale(bend: Float) -> Float:
    """What differences of a triplet count in, of shape `(pairs,)`."""
    return np.abs(bend) + np.float32(_STIFF)


def differences(
    quantities: Doublets, first: NDArray[np.integer], second: NDArray[np.integer]
) -> tuple[Float, Float]:
    """How much theta and bend change between two doublets that share a hit.

    Args:
        quantities: Of all doublets.
        first: Those before the shared hit, of shape `(triplets,)`.
        second: Those after it.

    Returns:
        Changes of theta and of bend, in units of `scale` of the first, float32.
    """
    unit = scale(quantities.bend[first])
    theta = np.abs(quantities.theta[second] - quantities.theta[first]) / unit
    bend = np.abs(quantities.bend[second] - quantities.bend[first]) / unit
    return theta, bend
