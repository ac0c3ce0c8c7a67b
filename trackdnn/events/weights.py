"""What each hit is worth in the TrackML score.

weight = (weight of the particle's pT) x (weight of the place along the track), divided
by the sum over the event; 0 for noise. Of the particle's pT, at its vertex:

    pT / GeV   < 0.05   0.05 to 0.5   3 and more      (linear in between)
    weight     0        0.2           1

Of the place, counted by |z of the hit - z of the vertex|: the shape
10, 8, 6, 5, 3, 3, 3, 5, 6, stretched over the number of hits (4 to 20; longer tracks
as 20, and 0 from the 21st hit on), with the sum 1; 0 for fewer than 4 hits. Hits at
equal distance share their mean place, rounded down.

Definition: trackml-library, trackml/weights.py (phase 1 of the challenge). The second
phase gave weight to primary particles only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trackdnn.events.event import NOISE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.events.event import Particles, Truth

_PT_GEV = (0.05, 0.5, 3.0)
_PT_WEIGHT = (0.2, 0.2, 1.0)
_SHAPE = (10.0, 8.0, 6.0, 5.0, 3.0, 3.0, 3.0, 5.0, 6.0)
_FEWEST, _MOST = 4, 20


def hit_weights(
    truth: Truth, particles: Particles, *, primary_only: bool = False
) -> NDArray[np.float64]:
    """Weights of all hits of an event.

    Args:
        truth: Who made the hits; its own weights are not looked at.
        particles: Every particle in the truth, by ascending id.
        primary_only: Weight 0 for hits of particles that other particles made, as in
            the second phase; told by the ids, see `generation`.

    Returns:
        Of shape `(hits,)`, with the sum 1, or all 0 where nothing has weight. Where a
        vertex is not known (NaN), the beam spot (0) stands for it.
    """
    made = np.flatnonzero(truth.particle_id != NOISE)
    row = np.searchsorted(particles.particle_id, truth.particle_id[made])
    z = np.nan_to_num(particles.vz.astype(np.float64), nan=0.0)
    place = _places(row, np.abs(truth.z[made].astype(np.float64) - z[row]))
    count = np.bincount(row, minlength=len(particles))[row]
    weight = pt_weight(particles.pt)[row] * _ORDER[np.minimum(count, _MOST), place]
    if primary_only:
        weight[generation(particles.particle_id)[row] > 0] = 0.0
    weights = np.zeros(len(truth))
    weights[made] = weight
    total = weights.sum()
    return weights / total if total > 0 else weights


def pt_weight(pt: NDArray[np.floating]) -> NDArray[np.float64]:
    """Weight of a transverse momentum in GeV, elementwise."""
    return np.asarray(np.interp(pt, _PT_GEV, _PT_WEIGHT, left=0.0))


def generation(particle_id: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many decays or scatterings before a particle, as ids of TrackML tell.

    The 64 bits are, from the top: vertex 12, primary particle 16, generation 12,
    secondary particle 12, process 12 (trackml-library, trackml/utils.py).
    """
    return (particle_id >> 24) & 0xFFF


def _places(row: NDArray[np.int64], distance: NDArray[np.float64]) -> NDArray[np.int64]:
    """Place of each hit among those of its particle, by distance, from 0 to `_MOST`."""
    order = np.lexsort([distance, row])
    ordered = np.stack([row[order], distance[order]])
    # Each group of equal hits holds the places first to last; all get the middle one.
    new = np.ones(len(row), dtype=bool)
    new[1:] = (ordered[:, 1:] != ordered[:, :-1]).any(axis=0)
    group = np.cumsum(new) - 1
    first = np.flatnonzero(new)
    last = np.append(first[1:], len(row))[: len(first)] - 1
    start = np.searchsorted(ordered[0], ordered[0])
    places = np.empty(len(row), dtype=np.int64)
    places[order] = (first + last)[group] // 2 - start
    return np.minimum(places, _MOST)


def _order_weights() -> NDArray[np.float64]:
    """Weight by (number of hits, place); a last column for places beyond all."""
    table = np.zeros((_MOST + 1, _MOST + 1))
    for hits in range(_FEWEST, _MOST + 1):
        at = np.arange(len(_SHAPE)) * (hits - 1) / (len(_SHAPE) - 1)
        weight = np.interp(np.arange(hits), at, _SHAPE)
        table[hits, :hits] = weight / weight.sum()
    return table


_ORDER = _order_weights()
