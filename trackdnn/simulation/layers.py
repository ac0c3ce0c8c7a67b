"""Hits, layers and lost layers of tracks, counted as CMS counts them.

Everything lost is counted in layers: a layer that gave the track no measurement,
though the track crossed one of its sensors. It is inactive rather than lost when all
sensors crossed there are dead. An ACTS outlier is no measurement.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from trackdnn.simulation.detector import LONG_STRIP, PIXEL, SHORT_STRIP

if TYPE_CHECKING:
    from trackdnn.simulation.arrays import Bool, Int

# Where a layer was lost: inside the first measurement, between, outside the last.
INNER, BETWEEN, OUTER = range(3)


@dataclass(frozen=True)
class Crossings:
    """Sensors that tracks crossed, one entry per sensor.

    Attributes:
        track: Index of the track.
        volume: Volume of the sensor.
        layer: Layer of the sensor inside its volume.
    """

    track: Int
    volume: Int
    layer: Int

    @property
    def key(self) -> Int:
        """One number for each (track, volume, layer)."""
        return (self.track * 256 + self.volume) * 4096 + self.layer


def count_hits(hits: Crossings, tracks: int) -> dict[str, Int]:
    """Measurements and layers with measurements.

    Args:
        hits: Measurements of the tracks.
        tracks: Number of tracks.

    Returns:
        `nValid`, `nCluster`, `nPixel`, `nStrip`, `nPixelLay`, `nStripLay` and
        `n3DLay` (both coordinates measured well: pixels and short strips), each
        of shape `(tracks,)`.
    """
    first = np.unique(hits.key, return_index=True)[1]
    pixel = np.isin(hits.volume, PIXEL)
    precise = np.isin(hits.volume, PIXEL + SHORT_STRIP)

    def per_track(selected: Int) -> Int:
        return np.bincount(hits.track[selected], minlength=tracks)

    everything = np.arange(len(hits.track))
    valid = per_track(everything)
    return {
        "nValid": valid,
        "nCluster": valid,
        "nPixel": per_track(everything[pixel]),
        "nStrip": per_track(everything[~pixel]),
        "nPixelLay": per_track(first[pixel[first]]),
        "nStripLay": per_track(first[~pixel[first]]),
        "n3DLay": per_track(first[precise[first]]),
    }


def count_lost(
    hits: Crossings, holes: Crossings, zone: Int, dead: Bool, tracks: int
) -> dict[str, Int]:
    """Lost and inactive layers by their place on the track.

    Args:
        hits: Measurements of the tracks.
        holes: Sensors crossed without a measurement.
        zone: `INNER`, `BETWEEN` or `OUTER` of each hole.
        dead: Whether the sensor of each hole is dead.
        tracks: Number of tracks.

    Returns:
        `nLost`, `nLostLay` (both: between first and last), `nInnerLost`,
        `nOuterLost`, `nInactive` (between), `nInnerInactive`, `nOuterInactive`.
    """
    open_layer = ~np.isin(holes.key, hits.key)
    working = np.unique(holes.key[open_layer & ~dead])
    inactive = open_layer & ~np.isin(holes.key, working)

    def per_track(selected: Bool, where: int) -> Int:
        chosen = np.flatnonzero(selected & (zone == where))
        first = np.unique(holes.key[chosen], return_index=True)[1]
        return np.bincount(holes.track[chosen[first]], minlength=tracks)

    lost = open_layer & ~inactive
    between = per_track(lost, BETWEEN)
    return {
        "nLost": between,
        "nLostLay": between,
        "nInnerLost": per_track(lost, INNER),
        "nOuterLost": per_track(lost, OUTER),
        "nInactive": per_track(inactive, BETWEEN),
        "nInnerInactive": per_track(inactive, INNER),
        "nOuterInactive": per_track(inactive, OUTER),
    }


def is_strip(volume: Int) -> Bool:
    """Whether volumes hold strips rather than pixels."""
    return np.isin(volume, SHORT_STRIP + LONG_STRIP)
