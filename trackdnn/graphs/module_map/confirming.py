"""Doublets that are part of a triplet, and how well they fit into it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from trackdnn.graphs.module_map.geometry import differences, scale
from trackdnn.graphs.module_map.joining import pieces, spread
from trackdnn.graphs.module_map.learning import COUNT, pair_of_layers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.graphs.module_map.geometry import Doublets
    from trackdnn.graphs.module_map.learning import Map
    from trackdnn.graphs.module_map.regions import Places

    Rows = NDArray[np.intp]

# Windows are a little too wide, for what rounding does on a long axis.
_ROOM = 1.001
_TINY = np.float32(1e-12)
# Triplets looked at together.
_AT_A_TIME = 1_000_000


@dataclasses.dataclass(frozen=True, kw_only=True)
class Fits:
    """How well each doublet fits to the best one before and after it.

    Args:
        before: Change of theta and bend as a share of what the map allows, together,
            float32 of shape `(doublets,)`, 0 to sqrt(2); infinite for no triplet.
        after: The same at the outer hit.
    """

    before: NDArray[np.float32]
    after: NDArray[np.float32]

    @property
    def confirmed(self) -> NDArray[np.bool_]:
        """Which doublets are part of any triplet."""
        return np.isfinite(np.minimum(self.before, self.after))

    def take(self, rows: NDArray[np.bool_] | NDArray[np.integer]) -> Fits:
        """Those of a mask or of indices."""
        return Fits(before=self.before[rows], after=self.after[rows])


def find_fits(
    places: Places, pairs: NDArray[np.int32], found: Doublets, learned: Map
) -> Fits:
    """Looks for triplets among doublets.

    Args:
        places: Of the hits of an event.
        pairs: Rows of hits, of shape `(2, doublets)`.
        found: Their quantities.
        learned: The map.
    """
    layers = pair_of_layers(places.layer[pairs[0]], places.layer[pairs[1]])
    order, low, high = _windows(pairs, found, layers, learned)
    before = np.full(len(layers), np.inf, dtype=np.float32)
    after = before.copy()
    outer = places.layer[pairs[1]]
    most = np.stack([learned.theta_change, learned.bend_change]).astype(np.float32)
    for part in pieces(high - low, _AT_A_TIME):
        row, place = spread(low[part], high[part])
        first, second = row + part.start, order[place]
        triple = layers[first] * COUNT + outer[second]
        changes = np.stack(differences(found, first, second))
        limits = most[:, triple]
        good = np.flatnonzero((changes <= limits).all(axis=0))
        first, second = first[good], second[good]
        share = np.hypot(*(changes[:, good] / np.maximum(limits[:, good], _TINY)))
        np.minimum.at(after, first, share)
        np.minimum.at(before, second, share)
    return Fits(before=before, after=after)


def _windows(
    pairs: NDArray[np.int32],
    found: Doublets,
    layers: NDArray[np.int32],
    learned: Map,
) -> tuple[Rows, Rows, Rows]:
    """Where the doublets are that may follow each.

    Doublets are sorted by their first hit and theta, and once more by their first hit
    and bend; each looks where its window holds fewer.

    Returns:
        Both orders one after another, and the ends of each window in them.
    """
    unit = scale(found.bend)
    changes = (
        (found.theta, learned.theta_change),
        (found.bend, learned.bend_change),
    )
    theta, bend = (
        # What the map allows after this pair of layers, whatever the third.
        _window(pairs, value, change.reshape(-1, COUNT).max(axis=1)[layers] * unit)
        for value, change in changes
    )
    shift = len(layers)
    fewer = theta[2] - theta[1] <= bend[2] - bend[1]
    return (
        np.concatenate([theta[0], bend[0]]),
        np.where(fewer, theta[1], bend[1] + shift),
        np.where(fewer, theta[2], bend[2] + shift),
    )


def _window(
    pairs: NDArray[np.int32], value: NDArray[np.float32], width: NDArray[np.float64]
) -> tuple[Rows, Rows, Rows]:
    """Doublets by first hit and value; the window of each around its second hit."""
    none = width < 0
    width = np.where(none, 0.0, width * _ROOM)
    reach = np.abs(value).max(initial=0.0) + width.max(initial=0.0)
    # Keeps hits apart on one axis.
    span = 2.0 * float(reach) + 1.0
    axis = pairs[0] * span + value
    order = np.argsort(axis, kind="stable")
    axis, middle = axis[order], pairs[1] * span + value
    low, high = np.empty((2, len(order)), dtype=np.intp)
    # In order, so that one search goes on near where the last one ended.
    turn = np.argsort(middle)
    low[turn] = np.searchsorted(axis, (middle - width)[turn], side="left")
    high[turn] = np.searchsorted(axis, (middle + width)[turn], side="right")
    return order, low, np.where(none, low, high)
