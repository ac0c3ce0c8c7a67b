"""An event in memory: its hits, and the truth where it is known.

Lengths are in mm, momenta in GeV, as in the files of the TrackML challenge. Rows are in
the order of the hits file; everything below counts hits by their row, from 0.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray

    Float = NDArray[np.float32]
    Int = NDArray[np.int32]

# `particle_id` of a hit that no particle made.
NOISE = 0
# Of a coordinate, mm: no detector is larger, and squares stay far within float32.
MOST_MM = 1e6


@dataclasses.dataclass(frozen=True, kw_only=True)
class Columns:
    """Arrays that have one row per thing, in the same order."""

    def __len__(self) -> int:
        return len(getattr(self, dataclasses.fields(self)[0].name))

    def take(self, rows: NDArray[np.bool_] | NDArray[np.integer]) -> Self:
        """The rows of a mask or of indices."""
        names = [field.name for field in dataclasses.fields(self)]
        return dataclasses.replace(
            self, **{name: getattr(self, name)[rows] for name in names}
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Hits(Columns):
    """What the detector has seen; each array has the shape `(hits,)`.

    Args:
        hit_id: Name of the hit in its file, int64; unique in the event.
        x: Global position, mm, float32.
        y: Global position, mm, float32.
        z: Global position, mm, float32.
        volume: Volume of the sensor, int32.
        layer: Layer within the volume, int32.
        module: Module within the layer, int32.
    """

    hit_id: NDArray[np.int64]
    x: Float
    y: Float
    z: Float
    volume: Int
    layer: Int
    module: Int

    @property
    def r(self) -> Float:
        """Distance from the beam line, mm; infinite where float32 has no room."""
        with np.errstate(over="ignore"):
            return np.hypot(self.x, self.y)

    @property
    def phi(self) -> Float:
        """Azimuth, rad, -pi to pi."""
        return np.arctan2(self.y, self.x)

    @property
    def distance(self) -> Float:
        """Distance from the origin, mm: what orders the two ends of an edge."""
        with np.errstate(over="ignore"):
            return np.asarray(np.sqrt(self.x**2 + self.y**2 + self.z**2))


@dataclasses.dataclass(frozen=True, kw_only=True)
class Truth(Columns):
    """Who made each hit; each array has the shape `(hits,)`, in the order of the hits.

    Args:
        particle_id: The particle, int64; `NOISE` for none.
        x: Where the particle crossed the sensor, mm, float32.
        y: As `x`.
        z: As `x`.
        px: Momentum there, GeV, float32; without meaning for noise.
        py: As `px`.
        pz: As `px`.
        weight: Share of the hit in the TrackML score, float64.
    """

    particle_id: NDArray[np.int64]
    x: Float
    y: Float
    z: Float
    px: Float
    py: Float
    pz: Float
    weight: NDArray[np.float64]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Particles(Columns):
    """Particles of an event, by ascending id; each array `(particles,)`.

    Args:
        particle_id: Int64, unique, never `NOISE`.
        vx: Where it was made, mm, float32; NaN where the files do not tell.
        vy: As `vx`.
        vz: As `vx`.
        px: Momentum there, GeV, float32.
        py: As `px`.
        pz: As `px`.
        charge: In units of e, int32; 0 where the files do not tell.
        hits: Number of its hits in the event, int32.
    """

    particle_id: NDArray[np.int64]
    vx: Float
    vy: Float
    vz: Float
    px: Float
    py: Float
    pz: Float
    charge: Int
    hits: Int

    @property
    def pt(self) -> Float:
        """Transverse momentum, GeV; infinite where float32 has no room."""
        with np.errstate(over="ignore"):
            return np.hypot(self.px, self.py)

    @property
    def eta(self) -> Float:
        """Pseudorapidity."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.arcsinh(self.pz / self.pt))

    @property
    def phi(self) -> Float:
        """Azimuth of the momentum, rad."""
        return np.arctan2(self.py, self.px)

    @property
    def radius(self) -> Float:
        """Distance of the production vertex from the beam line, mm."""
        with np.errstate(over="ignore"):
            return np.hypot(self.vx, self.vy)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Event:
    """One event.

    Args:
        name: As in its files, such as `event000001000`.
        hits: All hits, at least none.
        clusters: The nine features of `events.clusters`, float32 of shape
            `(hits, 9)`, or `None` where there are no cells.
        truth: Who made the hits, or `None`.
        particles: Every particle with at least one hit, and perhaps others; `None`
            exactly where `truth` is.
    """

    name: str
    hits: Hits
    clusters: NDArray[np.float32] | None = None
    truth: Truth | None = None
    particles: Particles | None = None

    def __len__(self) -> int:
        return len(self.hits)

    def owner(self) -> Int:
        """Row of the particle of each hit, -1 for noise, int32 of shape `(hits,)`.

        Raises:
            ValueError: If there is no truth.
        """
        truth, particles = self.known()
        row = np.searchsorted(particles.particle_id, truth.particle_id)
        return np.where(truth.particle_id == NOISE, -1, row).astype(np.int32)

    def known(self) -> tuple[Truth, Particles]:
        """Truth and particles.

        Raises:
            ValueError: If there is no truth; commands ask before they come here.
        """
        if self.truth is None or self.particles is None:
            raise ValueError(f"Event {self.name} must have truth. Received: none")
        return self.truth, self.particles

    def take(self, rows: NDArray[np.bool_] | NDArray[np.integer]) -> Event:
        """The event with some of its hits; all particles stay, with fewer hits."""
        clusters = None if self.clusters is None else self.clusters[rows]
        hits = self.hits.take(rows)
        if self.truth is None or self.particles is None:
            return dataclasses.replace(self, hits=hits, clusters=clusters)
        cut = dataclasses.replace(
            self, hits=hits, clusters=clusters, truth=self.truth.take(rows)
        )
        return dataclasses.replace(cut, particles=count_hits(self.particles, cut))


def count_hits(particles: Particles, event: Event) -> Particles:
    """The particles with the number of hits that the event has of each."""
    owner = event.owner()
    counts = np.bincount(owner[owner >= 0], minlength=len(particles))
    return dataclasses.replace(particles, hits=counts.astype(np.int32))


def without_truth(event: Event) -> Event:
    """What a detector would give: nothing that is found may depend on more."""
    return dataclasses.replace(event, truth=None, particles=None)
