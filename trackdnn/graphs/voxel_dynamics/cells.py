"""Cells of hits: the space around points that are placed by k-means.

Unfolded cells divide (x, y, z). Folded ones divide (r, z), and phi is in bins of equal
width: a pair of hits is then two cells and a difference of bins, the same all around
the beam line. The second half of the points is the first one mirrored at z = 0, so that
a cell has a mirror image.

Source: unfolded cells, HyperTrack (arXiv:2309.14113); folding and mirror, this project.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.events.event import Hits

    Points = NDArray[np.float32]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Cells:
    """Where the cells are.

    Args:
        points: A point in each cell, mm, float32 of shape `(cells, 2)` for folded
            cells (r, z) and `(cells, 3)` for others (x, y, z).
        bins: Number of bins of phi; 1 for cells that are not folded.
    """

    points: Points
    bins: int

    def __len__(self) -> int:
        return len(self.points)

    def of(self, hits: Hits) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Cell and bin of each hit, int32 of shape `(hits,)` each."""
        fold = self.points.shape[1] == 2
        cell = self._tree.query(positions(hits, fold=fold), workers=-1)[1]
        # In single precision, phi may be less than -pi.
        phi = np.arctan2(hits.y.astype(np.float64), hits.x.astype(np.float64))
        turn = (phi + np.pi) / (2 * np.pi)
        phi_bin = np.floor(turn * self.bins).astype(np.int32) % self.bins
        return cell.astype(np.int32), phi_bin

    def neighbours(self, count: int) -> NDArray[np.int32]:
        """The nearest other cells of each cell, int32 of shape `(cells, count)`."""
        count = min(count, len(self) - 1)
        found = self._tree.query(self.points, k=np.arange(1, count + 2), workers=-1)[1]
        # Of points at the same place, any may come first.
        itself = found == np.arange(len(self))[:, None]
        itself[~itself.any(axis=1), -1] = True
        return np.asarray(found[~itself].reshape(len(self), count), dtype=np.int32)

    @functools.cached_property
    def mirrored(self) -> NDArray[np.int32]:
        """The mirror image of each cell, int32 of shape `(cells,)`."""
        return np.roll(np.arange(len(self), dtype=np.int32), len(self) // 2)

    @functools.cached_property
    def _tree(self) -> cKDTree:
        return cKDTree(self.points)


def positions(hits: Hits, *, fold: bool) -> Points:
    """Where hits are, in the space that is divided into cells.

    Args:
        hits: The hits.
        fold: Whether phi is left out.

    Returns:
        Float32 of shape `(hits, 2)` or `(hits, 3)`, mm.
    """
    columns = (hits.r, hits.z) if fold else (hits.x, hits.y, hits.z)
    return np.stack(columns, axis=1).astype(np.float32)


def place_cells(
    positions: Points,
    *,
    cells: int,
    bins: int,
    iterations: int,
    random: np.random.Generator,
) -> Cells:
    """Cells for hits at some positions: k-means, and its mirror image.

    Points start at hits, each at another place. An iteration moves each point to the
    mean of the hits in its cell (Lloyd); a cell without hits stays.

    Args:
        positions: Of hits, mm, float32 of shape `(hits, 2 or 3)`, at least one.
        cells: How many to make; an odd one more, fewer where there are fewer hits.
        bins: Of phi.
        iterations: How often points are moved.
        random: Chooses the hits to start at.
    """
    half = positions.copy()
    half[:, -1] = np.abs(half[:, -1])
    different = np.unique(half, axis=0)
    count = min((cells + 1) // 2, len(different))
    chosen = np.sort(random.choice(len(different), count, replace=False))
    points = different[chosen].astype(np.float64)
    for _ in range(iterations):
        points = _moved(points, half)
    mirrored = points * np.append(np.ones(points.shape[1] - 1), -1.0)
    return Cells(points=np.concatenate([points, mirrored]).astype("f4"), bins=bins)


def _moved(points: NDArray[np.float64], hits: Points) -> NDArray[np.float64]:
    cell = cKDTree(points).query(hits, workers=-1)[1]
    counts = np.bincount(cell, minlength=len(points))
    sums = [np.bincount(cell, column, len(points)) for column in hits.T]
    means = np.stack(sums, axis=1) / np.maximum(counts, 1)[:, None]
    return np.where(counts[:, None] > 0, means, points)
