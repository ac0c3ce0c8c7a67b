"""Which particles a finder is asked for.

This cuts what is counted at the end, never the hits that a finder sees.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.events.event import Event, Hits, Particles

# More than any volume or layer id of a file.
_MANY = 1 << 31


@dataclasses.dataclass(frozen=True, kw_only=True)
class Wanted:
    """Cuts on particles.

    Args:
        min_hits: Fewest of `counted`.
        counted: `hits` of the particle, distinct `layers` (volume and layer) with a
            hit, or distinct `layer_ids`, whatever the volume.
        min_pt: pT in GeV at the production vertex must be above it; `None`: any, also
            unknown.
        with_min: Whether a pT of exactly `min_pt` is enough.
        max_abs_eta: `|eta|` must be below it; `None`: any, also unknown.
        charged: Whether neutral particles are left out, where charges are known.
        max_radius: Distance of the production vertex from the beam line in mm must be
            below it, unknown ones stay; `None`: any.
    """

    min_hits: int
    counted: Literal["hits", "layers", "layer_ids"] = "hits"
    min_pt: float | None = None
    with_min: bool = False
    max_abs_eta: float | None = None
    charged: bool = False
    max_radius: float | None = None

    def __str__(self) -> str:
        things = {"hits": "hits", "layers": "layers", "layer_ids": "layer ids"}
        words = [f">= {self.min_hits} {things[self.counted]}"]
        if self.min_pt is not None:
            words.append(f"pT {'>=' if self.with_min else '>'} {self.min_pt:g} GeV")
        if self.max_abs_eta is not None:
            words.append(f"|eta| < {self.max_abs_eta:g}")
        if self.max_radius is not None:
            words.append(f"made within {self.max_radius:g} mm of the beam line")
        kind = "charged particles" if self.charged else "particles"
        return f"{kind} with {', '.join(words)}"

    def mask(self, event: Event) -> NDArray[np.bool_]:
        """The particles that are asked for, bool of shape `(particles,)`.

        Raises:
            ValueError: If the event has no truth.
        """
        particles = event.known()[1]
        mask = self._count(event, particles) >= max(self.min_hits, 1)
        if self.min_pt is not None:
            pt = particles.pt
            # Of the type of pT, or 0.9 GeV would lie above itself; beyond it, infinite.
            with np.errstate(over="ignore"):
                least = pt.dtype.type(self.min_pt)
            mask &= pt >= least if self.with_min else pt > least
        if self.max_abs_eta is not None:
            mask &= np.abs(particles.eta) < self.max_abs_eta
        if self.max_radius is not None:
            mask &= ~(particles.radius >= self.max_radius)
        if self.charged and np.any(particles.charge != 0):
            mask &= particles.charge != 0
        return mask

    def _count(self, event: Event, particles: Particles) -> NDArray[np.int64]:
        owner = event.owner()
        if self.counted == "hits":
            return np.bincount(owner[owner >= 0], minlength=len(particles))
        return distinct_layers(
            owner, event.hits, len(particles), volumes=self.counted == "layers"
        )


def distinct_layers(
    owner: NDArray[np.integer], hits: Hits, particles: int, *, volumes: bool
) -> NDArray[np.int64]:
    """On how many layers each particle has hits.

    Args:
        owner: Row of the particle of each hit, -1 for noise, `(hits,)`.
        hits: The hits.
        particles: Number of particles.
        volumes: Whether equal ids in two volumes are two layers.

    Returns:
        Int64 of shape `(particles,)`.
    """
    rows = np.flatnonzero(owner >= 0)
    layer = hits.layer[rows].astype(np.int64)
    if volumes:
        layer += hits.volume[rows].astype(np.int64) * _MANY
    _, layer = np.unique(layer, return_inverse=True)
    span = int(layer.max(initial=0)) + 1
    pairs = np.unique(owner[rows].astype(np.int64) * span + layer)
    return np.bincount(pairs // span, minlength=particles)
