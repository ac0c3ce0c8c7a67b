"""Regions of the detector, and its mirror image.

A region is a layer and a bin of z in a barrel, of r in an endcap, all around the beam:
few enough to be learned from few events, and the same for two detectors whose modules
are numbered differently. Or it is a single module.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from trackdnn.events.layers import BARREL, LAYERS, layer_index

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.events.event import Event, Hits
    from trackdnn.settings.finding import ModuleMapSettings

NOWHERE = -1
# Room for bins or modules in one layer.
_ROOM = 8192
_MIDDLE = _ROOM // 2
_IN_BARREL = np.array([volume in BARREL for volume, _ in LAYERS])
# Volumes of the endcaps, and the number of their last layer.
_ENDCAPS = {7: (9, 14), 9: (7, 14), 12: (14, 12), 14: (12, 12), 16: (18, 12)}
_ENDCAPS[18] = (16, 12)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Places:
    """Where hits are, as the map sees them; each array has the shape `(hits,)`.

    Args:
        x: mm, float64.
        y: mm, float64.
        z: mm, float64.
        r: Distance from the beam line, mm, float64.
        phi: Azimuth, rad, float64.
        distance: From the origin, mm, float32, which orders the ends of an edge.
        layer: Place in `LAYERS`, int32; `NOWHERE` for a layer of another detector.
        region: Int64; `NOWHERE` where the layer is.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    z: NDArray[np.float64]
    r: NDArray[np.float64]
    phi: NDArray[np.float64]
    distance: NDArray[np.float32]
    layer: NDArray[np.int32]
    region: NDArray[np.int64]


def places_of(hits: Hits, settings: ModuleMapSettings) -> Places:
    """Where the hits are, with their regions."""
    x, y, z = (np.asarray(one, np.float64) for one in (hits.x, hits.y, hits.z))
    r = np.hypot(x, y)
    layer = layer_index(hits.volume, hits.layer)
    if settings.regions == "modules":
        within = np.asarray(hits.module, np.int64)
    else:
        along = np.where(_IN_BARREL[layer], z / settings.z_bin, r / settings.r_bin)
        within = np.floor(along).astype(np.int64) + _MIDDLE
    known = (layer >= 0) & (within >= 0) & (within < _ROOM)
    return Places(
        x=x,
        y=y,
        z=z,
        r=r,
        phi=np.arctan2(y, x),
        distance=hits.distance,
        layer=np.where(known, layer, NOWHERE).astype(np.int32),
        region=np.where(known, layer * np.int64(_ROOM) + within, NOWHERE),
    )


def mirrored(event: Event) -> Event:
    """The event with z turned round, as a symmetric detector would have seen it.

    A field along z stays as it is, so tracks bend as before. Truth keeps its places:
    the order of hits along a track does not change.
    """
    hits = event.hits
    volume, layer = hits.volume.copy(), hits.layer.copy()
    for endcap, (other, last) in _ENDCAPS.items():
        inside = hits.volume == endcap
        volume[inside] = other
        layer[inside] = last + 2 - hits.layer[inside]
    turned = dataclasses.replace(hits, z=-hits.z, volume=volume, layer=layer)
    return dataclasses.replace(event, hits=turned)
