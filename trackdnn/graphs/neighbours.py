"""Hits that lie close to each other in a space of features.

In a learned space, hits of one particle are close. In plain coordinates they are not
much closer than others, so the constructor here is a yardstick, not a finder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np
from scipy.spatial import cKDTree

from trackdnn.graphs.graph import graph_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    from trackdnn.events.event import Event, Hits
    from trackdnn.graphs.graph import Graph
    from trackdnn.settings.finding import NeighboursSettings

_CHUNK = 20_000


def search(
    points: NDArray[np.floating],
    *,
    radius: float | None = None,
    most: int = 50,
    chunk: int = _CHUNK,
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Pairs of which one is among the nearest points of the other.

    Args:
        points: Of shape `(points, dimensions)`; one that is not finite has no pair.
        radius: Pairs further apart are left out; `None` for no limit.
        most: Nearest points to take of each point.
        chunk: Points to ask for at a time. Memory is that of the pairs, and of
            `chunk * most` distances.

    Returns:
        Rows of the points, ascending in each pair, int32 of shape `(2, pairs)`, each
        pair once and in ascending order; and their distances.
    """
    rows = np.flatnonzero(np.isfinite(points).all(axis=1))
    points = points[rows]
    keys, distances = [np.zeros(0, np.int64)], [np.zeros(0)]
    tree = cKDTree(points) if len(points) > 1 else None
    for start in range(0, len(points) if tree is not None else 0, chunk):
        here = np.arange(start, min(start + chunk, len(points)))
        distance, near = _nearest(tree, points[here], here, most, radius)
        first, column = np.nonzero(near < len(points))
        other, mine = near[first, column], here[first]
        keys.append(np.minimum(mine, other) * len(points) + np.maximum(mine, other))
        distances.append(distance[first, column])
    key, place = np.unique(np.concatenate(keys), return_index=True)
    pairs = np.stack(np.divmod(key, max(len(points), 1)))
    return rows[pairs].astype(np.int32), np.concatenate(distances)[place]


def _nearest(
    tree: cKDTree,
    points: NDArray[np.floating],
    rows: NDArray[np.intp],
    most: int,
    radius: float | None,
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """The nearest others of some points, `(points, most)`; `tree.n` for none."""
    limit = np.inf if radius is None else radius
    distance, near = tree.query(
        points, k=np.arange(1, most + 2), distance_upper_bound=limit
    )
    own = near == rows[:, None]
    # Of many points at one place, a point itself may not be among its nearest.
    own[~own.any(axis=1), -1] = True
    shape = len(points), most
    return distance[~own].reshape(shape), near[~own].reshape(shape)


def coordinates(hits: Hits, depth: float) -> NDArray[np.float64]:
    """Direction from the origin, and distance from it, without a seam in azimuth.

    Args:
        hits: Of an event.
        depth: Distance that counts as much as one radian, mm.

    Returns:
        `(cos phi, sin phi, eta, distance / depth)`, float64 of shape `(hits, 4)`.
    """
    phi, r = hits.phi.astype(np.float64), hits.r.astype(np.float64)
    eta = np.arcsinh(hits.z / np.maximum(r, 1e-3))
    return np.stack([np.cos(phi), np.sin(phi), eta, hits.distance / depth], axis=1)


class Neighbours:
    """Hits close to each other in plain coordinates; nothing is learned.

    Args:
        settings: How close, and how many.
    """

    def __init__(self, settings: NeighboursSettings) -> None:
        self.settings = settings

    @classmethod
    def train(
        cls,
        settings: NeighboursSettings,
        events: Iterable[Event],
        *,
        seed: int,
        progress: bool,
        folder: Path | None = None,
    ) -> Self:
        """Looks at no event; see `Constructor.train`."""
        del events, seed, progress, folder
        return cls(settings)

    def build(self, event: Event) -> Graph:
        """The graph of an event; the closer two hits, the higher the score."""
        settings = self.settings
        points = coordinates(event.hits, settings.depth)
        pairs, distance = search(points, radius=settings.radius, most=settings.most)
        unit = 1.0 if settings.radius is None else settings.radius
        return graph_of(event, pairs, np.exp(-distance / unit).astype(np.float32))

    def save(self, folder: Path) -> None:
        """Writes nothing: all there is to know are the settings."""

    @classmethod
    def load(cls, settings: NeighboursSettings, folder: Path) -> Self:
        """Reads nothing; see `save`."""
        del folder
        return cls(settings)
