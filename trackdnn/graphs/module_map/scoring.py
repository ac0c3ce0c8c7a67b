"""How likely a doublet of the map is one of a particle.

For each quantity, the logarithm of (density of true doublets / density of false ones)
is a table, filled with the doublets that the map makes of some events with truth. The
tables of a doublet are added up, as if its quantities were independent; as they are
not, the share of true doublets among those of similar sums is the score.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from trackdnn.graphs.module_map.learning import COUNT, pair_of_layers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trackdnn.graphs.module_map.confirming import Fits
    from trackdnn.graphs.module_map.geometry import Doublets
    from trackdnn.graphs.module_map.learning import Map
    from trackdnn.graphs.module_map.regions import Places

    Bins = NDArray[np.int64]

# Bins of each quantity: layers, bend, miss, fit before and after, rivals.
_BEND, _MISS, _FIT, _RIVALS = 24, 96, 16, 24
SIZES = (COUNT**2, _BEND, _MISS, (_FIT + 1) ** 2, _RIVALS)
# Doublets per bin of the sum, at least, and bins at most.
_PER_BIN, _MOST_BINS = 50, 200


@dataclasses.dataclass(frozen=True, kw_only=True)
class Scoring:
    """Tables that give a score.

    Args:
        ratios: Log ratios of all quantities one after another, float64 of shape
            `(sum(SIZES),)`.
        sums: Ascending sums of log ratios, float64 of shape `(bins,)`.
        scores: Share of true doublets there, never falling, float64 of shape `(bins,)`.
    """

    ratios: NDArray[np.float64]
    sums: NDArray[np.float64]
    scores: NDArray[np.float64]

    def score(self, bins: Bins) -> NDArray[np.float32]:
        """Scores of doublets.

        Args:
            bins: As from `bins_of`.

        Returns:
            Float32 of shape `(doublets,)`, 0 to 1.
        """
        total = self.ratios[bins].sum(axis=0)
        score = np.interp(total, self.sums, self.scores)
        return np.asarray(score, np.float32)


def bins_of(
    places: Places,
    pairs: NDArray[np.int32],
    found: Doublets,
    fits: Fits,
    learned: Map,
) -> Bins:
    """Where each doublet is in the tables, of shape `(len(SIZES), doublets)`."""
    layers = pair_of_layers(places.layer[pairs[0]], places.layer[pairs[1]])
    low, high = learned.miss[:, layers]
    width = np.maximum(high - low, 1e-9)
    softest = np.maximum(learned.bend[layers], 1e-12)
    fit = _fit_bin(fits.before) * (_FIT + 1) + _fit_bin(fits.after)
    columns = [
        layers.astype(np.int64),
        _bin(np.sqrt(np.abs(found.bend) / softest), _BEND),
        _bin((found.miss - low) / width, _MISS),
        fit,
        _rivals(pairs, len(places.layer)),
    ]
    offsets = np.cumsum((0, *SIZES[:-1]))
    return np.asarray(np.stack(columns) + offsets[:, None])


def learn_scoring(bins: Sequence[Bins], true: Sequence[NDArray[np.bool_]]) -> Scoring:
    """Tables out of doublets with truth.

    Args:
        bins: Of the doublets of each event.
        true: Whether both hits are of one particle, of shape `(doublets,)` each.
    """
    rows = np.concatenate([np.zeros((len(SIZES), 0), np.int64), *bins], axis=1)
    right = np.concatenate([np.zeros(0, bool), *true])
    size = sum(SIZES)
    counts = [
        np.bincount(rows[:, side].ravel(), minlength=size) + 1.0
        for side in (right, ~right)
    ]
    totals = [max(int(side.sum()), 1) for side in (right, ~right)]
    ratios = np.log(counts[0] / totals[0]) - np.log(counts[1] / totals[1])
    return Scoring(ratios=ratios, **_calibrated(ratios[rows].sum(axis=0), right))


def _calibrated(
    total: NDArray[np.float64], right: NDArray[np.bool_]
) -> dict[str, NDArray[np.float64]]:
    """The share of true doublets by the sum of their log ratios."""
    order = np.argsort(total, kind="stable")
    number = int(np.clip(len(total) // _PER_BIN, 1, _MOST_BINS))
    parts = np.array_split(order, number)
    sums = [total[part].mean() if len(part) else 0.0 for part in parts]
    shares = [(right[part].sum() + 0.5) / (len(part) + 1.0) for part in parts]
    return {"sums": np.array(sums), "scores": np.maximum.accumulate(shares)}


def _bin(share: NDArray[np.floating], number: int) -> Bins:
    return np.clip((share * number).astype(np.int64), 0, number - 1)


def _fit_bin(share: NDArray[np.float32]) -> Bins:
    """Finer for good fits; the last bin is that of no triplet."""
    none = ~np.isfinite(share)
    place = np.cbrt(np.where(none, 0.0, share) / np.sqrt(2.0))
    return np.where(none, _FIT, _bin(place, _FIT))


def _rivals(pairs: NDArray[np.int32], hits: int) -> Bins:
    """How many other doublets the two hits have, in steps of sqrt(2)."""
    leaving = np.bincount(pairs[0], minlength=hits)[pairs[0]]
    coming = np.bincount(pairs[1], minlength=hits)[pairs[1]]
    steps = np.log2(np.maximum(leaving * coming, 1)) / 16.0
    return _bin(steps, _RIVALS)
