"""Pairs of hits that lie in connected regions and in the ranges of the map.

Hits are sorted by region and azimuth, so each hit asks for one window per region that
its own is connected with: time and memory go with the pairs, not with hits times hits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trackdnn.graphs.module_map.geometry import doublets
from trackdnn.graphs.module_map.joining import pieces, spread
from trackdnn.graphs.module_map.learning import pair_of_layers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.graphs.module_map.learning import Map
    from trackdnn.graphs.module_map.regions import Places

    Pairs = NDArray[np.int32]

# More than a turn and two windows: keeps regions apart on one axis.
_SPAN = 16.0
# Pairs looked at together.
_AT_A_TIME = 1_000_000


def find_doublets(places: Places, learned: Map) -> Pairs:
    """All pairs of hits that the map allows.

    Args:
        places: Of the hits of an event.
        learned: The map.

    Returns:
        Rows of hits, the nearer to the origin first, int32 of shape `(2, pairs)`; no
        pair twice, and none of hits at one place.
    """
    axis, hit = _axis(places)
    inner = np.flatnonzero(places.region >= 0)
    start = np.searchsorted(learned.first, places.region[inner], side="left")
    stop = np.searchsorted(learned.first, places.region[inner], side="right")
    which, link = spread(start, stop)
    inner = inner[which]
    middle = _position(learned.second[link], places.phi[inner])
    low = np.searchsorted(axis, middle - learned.dphi[link], side="left")
    high = np.searchsorted(axis, middle + learned.dphi[link], side="right")
    found = [np.zeros((2, 0), np.int32)]
    for part in pieces(high - low, _AT_A_TIME):
        row, place = spread(low[part], high[part])
        pairs = np.stack([inner[part][row], hit[place]]).astype(np.int32)
        found.append(pairs[:, _allowed(places, pairs, learned)])
    return np.concatenate(found, axis=1)


def _axis(places: Places) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Hits on one axis, by region and azimuth, and once more beyond +-pi.

    Windows are at most half a turn to each side, so no hit is met twice.
    """
    rows = np.flatnonzero(places.region >= 0)
    phi = places.phi[rows]
    turned = phi - np.where(phi > 0, 2 * np.pi, -2 * np.pi)
    region = np.concatenate([places.region[rows]] * 2)
    axis = _position(region, np.concatenate([phi, turned]))
    order = np.argsort(axis, kind="stable")
    return axis[order], np.concatenate([rows, rows])[order]


def _position(
    region: NDArray[np.int64], phi: NDArray[np.float64]
) -> NDArray[np.float64]:
    return region * _SPAN + phi


def _allowed(places: Places, pairs: Pairs, learned: Map) -> NDArray[np.bool_]:
    inner, outer = places.distance[pairs]
    ordered = (inner < outer) | ((inner == outer) & (pairs[0] < pairs[1]))
    # Hits at one place have no direction, and a thousand of them a million pairs.
    apart = np.zeros(pairs.shape[1], dtype=bool)
    for axis in (places.x, places.y, places.z):
        apart |= axis[pairs[0]] != axis[pairs[1]]
    found = doublets(places, pairs)
    layers = pair_of_layers(places.layer[pairs[0]], places.layer[pairs[1]])
    low, high = learned.miss[:, layers]
    straight = (found.miss >= low) & (found.miss <= high)
    allowed: NDArray[np.bool_] = (
        ordered & apart & straight & (np.abs(found.bend) <= learned.bend[layers])
    )
    return allowed
