"""The order in which a particle has made its hits.

Distance from the production vertex orders the hits of a particle that turns little. One
that turns more comes back, so its hits are ordered by the angle `turn` through which
its momentum has turned since the vertex. With the displacement `d` from the vertex and
the momentum `p` at a hit, both in the transverse plane, a helix of radius R has

    d x p = +-2 R |p| sin^2(turn / 2)        |d|^2 = 4 R^2 sin^2(turn / 2)

at any number of turns: the sign tells the sense of rotation, the ratio tells R, and
neither charge nor field has to be known. The momentum tells `turn` up to whole turns,
and these follow from `z - vz = R turn sinh(eta)`. Of steep loopers, whose radius
shrinks as they lose energy, z alone tells the order.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.events.event import Event

    Double = NDArray[np.float64]

# From where on a particle may come back towards its vertex, rad.
_STRAIGHT = 1.0
# As far as scattering may turn the first hits the wrong way, rad.
_BACK = 0.2
# sinh(eta) from which on z alone orders: scattering does not turn such hits round.
_STEEP = 0.3
# Below this length of a turn along z, mm, scattering hides the number of turns.
_SHORT_PITCH = 20.0
# Passes that put neighbours right; a hit is rarely more than one place off.
_PASSES = 30


def vertex_distance(event: Event) -> Double:
    """Distance of each hit from where its particle was made, mm, float64 `(hits,)`.

    From the origin where the vertex is not known, and for noise.
    """
    move = _displacement(event)
    return np.asarray(np.sqrt((move**2).sum(axis=0)))


def along_trajectory(event: Event) -> Double:
    """A number per hit that grows along the trajectory of its particle.

    Args:
        event: An event with truth.

    Returns:
        Float64 of shape `(hits,)`, of use within a particle: the place of the hit on
        it, from 0. Particles without vertex or momentum are ordered by distance from
        the vertex or else the origin. 0 for noise.
    """
    owner = event.owner()
    distance = vertex_distance(event)
    turn = _turn(event, owner)
    key = np.where(np.isfinite(turn), turn, distance)
    order = np.lexsort((distance, key, owner))
    loops = np.isfinite(turn[order])
    order[loops] = _neighbours_right(event, owner, turn, order[loops])
    place = np.empty(len(event))
    starts = np.searchsorted(owner[order], owner[order], side="left")
    place[order] = np.arange(len(event)) - starts
    return np.where(owner >= 0, place, 0.0)


def _displacement(event: Event) -> Double:
    """From vertex to hit, of shape `(3, hits)`."""
    truth, particles = event.known()
    owner = event.owner()
    vertex = np.zeros((3, len(event)))
    own = owner >= 0
    made = np.stack([particles.vx, particles.vy, particles.vz]).astype(np.float64)
    vertex[:, own] = made[:, owner[own]]
    unknown = ~np.isfinite(vertex).all(axis=0)
    vertex[:, unknown] = 0.0
    return np.stack([truth.x, truth.y, truth.z]).astype(np.float64) - vertex


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Helix:
    """Per particle: radius in mm, sense of rotation, sinh(eta), direction at vertex."""

    radius: Double
    sense: Double
    sinh_eta: Double
    phi: Double


def _turn(event: Event, owner: NDArray[np.int32]) -> Double:
    """Turn of each hit since the vertex, rad; NaN where distance is as good."""
    turn = np.full(len(event), np.nan)
    own = np.flatnonzero(owner >= 0)
    helix, row = _helices(event, owner), owner[own]
    truth, particles = event.known()
    z = _displacement(event)[2, own]
    radius, sinh_eta = helix.radius[row], helix.sinh_eta[row]
    with np.errstate(all="ignore"):
        by_z = z / (radius * sinh_eta)
        phi = np.arctan2(truth.py[own].astype(np.float64), truth.px[own])
        phase = helix.sense[row] * (phi - helix.phi[row])
        first = np.mod(phase + _BACK, 2 * np.pi) - _BACK
        whole = 2 * np.pi * np.round((by_z - first) / (2 * np.pi))
        unsure = 2 * np.pi * radius * np.abs(sinh_eta) < _SHORT_PITCH
        angle = first + np.where(unsure, 0.0, whole)
        turn[own] = np.where(np.abs(sinh_eta) > _STEEP, by_z, angle)
    far = np.zeros(len(particles))
    np.maximum.at(far, row, np.where(np.isfinite(turn[own]), turn[own], 0.0))
    broken = np.zeros(len(particles), dtype=bool)
    broken[row[~np.isfinite(turn[own])]] = True
    turn[own[(far[row] < _STRAIGHT) | broken[row]]] = np.nan
    return turn


def _helices(event: Event, owner: NDArray[np.int32]) -> _Helix:
    truth, particles = event.known()
    own = owner >= 0
    move = _displacement(event)[:2, own]
    px, py = truth.px[own].astype(np.float64), truth.py[own].astype(np.float64)
    pt = np.hypot(px, py)
    with np.errstate(all="ignore"):
        cross = (move[0] * py - move[1] * px) / pt
        area = np.bincount(owner[own], cross, len(particles))
        square = np.bincount(owner[own], (move**2).sum(axis=0), len(particles))
        radius = square / (2 * np.abs(area))
        unknown = ~np.isfinite(particles.vx + particles.vy + particles.vz)
        sinh_eta = particles.pz.astype(np.float64) / particles.pt
    return _Helix(
        radius=np.where(unknown, np.nan, radius),
        sense=np.sign(area),
        sinh_eta=sinh_eta,
        phi=np.where(particles.pt > 0, particles.phi, np.nan).astype(np.float64),
    )


def _neighbours_right(
    event: Event, owner: NDArray[np.int32], turn: Double, order: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Swaps hits that follow each other against the momentum between them.

    Hits of overlapping sensors are closer than what scattering does to the turn.
    """
    truth, _ = event.known()
    place = np.stack([truth.x, truth.y, truth.z]).astype(np.float64)
    momentum = np.stack([truth.px, truth.py, truth.pz]).astype(np.float64)
    order = order.copy()
    for _ in range(_PASSES):
        swaps = 0
        for start in (0, 1):
            pair = np.stack([order[start:-1:2], order[start + 1 :: 2]])
            near = np.abs(turn[pair[1]] - turn[pair[0]]) < _STRAIGHT
            move = place[:, pair[1]] - place[:, pair[0]]
            ahead = (move * momentum[:, pair].sum(axis=1)).sum(axis=0)
            swap = near & (owner[pair[0]] == owner[pair[1]]) & (ahead < 0)
            pair[:, swap] = pair[::-1, swap]
            order[start:-1:2], order[start + 1 :: 2] = pair
            swaps += int(swap.sum())
        if not swaps:
            break
    return order
