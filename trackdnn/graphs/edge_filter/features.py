"""What two hits say about an edge between them.

The inner hit is 1, the outer one 2. The detector looks the same from both ends and to
both charges, so lengths along the beam are signed such that the outer hit has z > 0,
and azimuths count without sign.

| name                   | unit | what                                                 |
|------------------------|------|------------------------------------------------------|
| `r1`, `r2`             | mm   | distances from the beam line                         |
| `z1`, `z2`             | mm   | positions along the beam                             |
| `volume1`, `volume2`   |      | volumes, those of an endcap at z < 0 as at z > 0     |
| `dr`, `dz`             | mm   | differences                                          |
| `dphi`                 | rad  | difference of azimuths                               |
| `bend`                 | 1/mm | `dphi / dr`                                          |
| `curvature`            | 1/mm | of the circle through the beam line and both hits    |
| `z0`                   | mm   | where a straight line in r, z crosses the beam line  |
| `z0_helix`             | mm   | where the helix through that circle does             |
| `cot`                  |      | dz per arc length of that circle                     |
| `deta`                 |      | difference of pseudorapidities seen from the origin  |
| `wide1`, `wide2`       |      | cluster width over thickness along u                 |
| `long1`, `long2`       |      | the same along v                                     |
| `slope1`, `slope2`     |      | what the edge lets expect along v, less that         |
| `score`                |      | score of the constructor                             |

What is not known, such as clusters, is NaN: trees take it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trackdnn.events.layers import BARREL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.events.event import Event
    from trackdnn.graphs.graph import Graph

    Float = NDArray[np.float32]

FEATURES = (
    "r1",
    "r2",
    "z1",
    "z2",
    "volume1",
    "volume2",
    "dr",
    "dz",
    "dphi",
    "bend",
    "curvature",
    "z0",
    "z0_helix",
    "cot",
    "deta",
    "wide1",
    "wide2",
    "long1",
    "long2",
    "slope1",
    "slope2",
    "score",
)
# Endcaps at z < 0 by their twins at z > 0.
_FOLDED = {7: 9, 12: 14, 16: 18}
# Of `lx`, `ly` and `lz` among `events.clusters.FEATURES`.
_SIZES = (4, 5, 6)


def edge_features(event: Event, graph: Graph, rows: slice | NDArray[np.int64]) -> Float:
    """Features of some edges.

    Args:
        event: The event; its truth is not looked at.
        graph: Its edges.
        rows: Which edges.

    Returns:
        Float32 of shape `(edges, len(FEATURES))`.
    """
    hits = event.hits
    first, second = graph.edges[:, rows]
    r, phi = hits.r, hits.phi
    side = np.where(hits.z[second] < 0, np.float32(-1), np.float32(1))
    r1, r2, z1, z2 = r[first], r[second], side * hits.z[first], side * hits.z[second]
    dr, dz = r2 - r1, z2 - z1
    dphi = np.abs(turn(phi[second] - phi[first]))
    volume = _folded(hits.volume)
    eta = np.arcsinh(hits.z / np.maximum(r, 1e-3))
    columns = [r1, r2, z1, z2, volume[first], volume[second], dr, dz, dphi]
    columns += [_ratio(dphi, dr), *_helix(r1, r2, z1, z2, dphi)]
    columns += [side * (eta[second] - eta[first])]
    columns += _cluster_columns(event, first, second, _ratio(dz, dr))
    score = graph.score
    columns += [np.full(len(first), np.nan, "f4") if score is None else score[rows]]
    return np.stack(columns, axis=1, dtype=np.float32, casting="unsafe")


def turn(angle: NDArray[np.floating]) -> NDArray[np.floating]:
    """The same angles between -pi and pi."""
    return np.asarray((angle + np.pi) % (2 * np.pi) - np.pi)


def _ratio(numerator: Float, denominator: Float) -> Float:
    """The quotient; NaN where it has no meaning."""
    denominator = np.where(denominator == 0, np.float32(np.nan), denominator)
    return np.asarray(numerator / denominator)


def _helix(r1: Float, r2: Float, z1: Float, z2: Float, dphi: Float) -> list[Float]:
    """`curvature`, `z0`, `z0_helix` and `cot`."""
    chord = np.sqrt(np.maximum(r1**2 + r2**2 - 2 * r1 * r2 * np.cos(dphi), 0))
    # Of a triangle, a side over the sine of the angle across is the diameter.
    curvature = 2 * _ratio(np.sin(dphi), chord)
    arc1, arc2 = _arc(r1, curvature), _arc(r2, curvature)
    cot = _ratio(z2 - z1, arc2 - arc1)
    z0 = z1 - r1 * _ratio(z2 - z1, r2 - r1)
    return [curvature, z0, z1 - arc1 * cot, cot]


def _arc(r: Float, curvature: Float) -> Float:
    """Length along the circle from the beam line to a chord of `r`."""
    half = np.minimum(r * curvature / 2, 1)
    return np.asarray(r * np.arcsin(half) / np.maximum(half, 1e-6))


def _folded(volume: NDArray[np.int32]) -> NDArray[np.int32]:
    table = np.arange(max(volume.max(initial=0), 18) + 1, dtype=np.int32)
    for one, twin in _FOLDED.items():
        table[one] = twin
    return np.where(volume >= 0, table[volume], volume)


def _cluster_columns(
    event: Event, first: NDArray[np.int32], second: NDArray[np.int32], slope: Float
) -> list[Float]:
    """Widths over thickness of both clusters, and how they fit the edge."""
    if event.clusters is None:
        return [np.full(len(first), np.nan, dtype=np.float32)] * 6
    u, v, thickness = event.clusters[:, _SIZES].T
    wide, long = _ratio(u, thickness), _ratio(v, thickness)
    barrel = np.isin(event.hits.volume, BARREL)
    columns = [wide[first], wide[second], long[first], long[second]]
    for end in (first, second):
        expected = np.where(
            barrel[end], np.abs(slope), _ratio(np.ones_like(slope), np.abs(slope))
        )
        columns.append(np.minimum(expected, 100).astype(np.float32) - long[end])
    return columns
