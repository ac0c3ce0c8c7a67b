"""Where the layers of the detector are, as far as the hits tell."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.events.event import Hits

# A layer with fewer hits is left out: its shape cannot be told.
_FEWEST = 5


@dataclasses.dataclass(frozen=True, kw_only=True)
class Layer:
    """A cylinder or a disc about the beam line, mm.

    Args:
        barrel: A cylinder.
        r_low: Its radius, or the inner one of a disc.
        r_high: As `r_low` of a cylinder, or the outer one of a disc.
        z_low: Where it begins along the beam.
        z_high: Where it ends; as `z_low` for a disc.
    """

    barrel: bool
    r_low: float
    r_high: float
    z_low: float
    z_high: float


def layer_of_hit(hits: Hits) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
    """The layers that have hits, and which of them each hit is on.

    Returns:
        Volume and layer, int32 of shape `(layers, 2)`; row in it of each hit.
    """
    pairs = np.stack([hits.volume, hits.layer], axis=1).reshape(-1, 2)
    layers, row = np.unique(pairs, axis=0, return_inverse=True)
    return layers, row.reshape(-1)


def outline(hits: Hits) -> list[Layer]:
    """The layers of the detector that have enough hits to show their shape."""
    _, row = layer_of_hit(hits)
    placed = np.flatnonzero(np.isfinite(hits.x + hits.y + hits.z))
    order = placed[np.argsort(row[placed], kind="stable")]
    groups = np.split(order, np.flatnonzero(np.diff(row[order])) + 1)
    r, z = hits.r, hits.z
    return [_shape(r[one], z[one]) for one in groups if len(one) >= _FEWEST]


def _shape(r: NDArray[np.float32], z: NDArray[np.float32]) -> Layer:
    barrel = bool(np.ptp(r) < np.ptp(z))
    middle_r, middle_z = float(np.median(r)), float(np.median(z))
    return Layer(
        barrel=barrel,
        r_low=middle_r if barrel else float(r.min()),
        r_high=middle_r if barrel else float(r.max()),
        z_low=float(z.min()) if barrel else middle_z,
        z_high=float(z.max()) if barrel else middle_z,
    )
