"""The nine numbers that say what the cluster of cells of each hit looks like.

| name         | unit | what                                                       |
|--------------|------|------------------------------------------------------------|
| `cell_count` |      | cells of the hit                                           |
| `cell_val`   |      | sum of their values (charge, in the unit of the file)      |
| `leta`       |      | pseudorapidity of the direction `l = (lx, ly, lz)`         |
| `lphi`       | rad  | azimuth of `l`                                             |
| `lx`         | mm   | extent along u: (largest - smallest `ch0` + 1) `pitch_u`   |
| `ly`         | mm   | extent along v: (largest - smallest `ch1` + 1) `pitch_v`   |
| `lz`         | mm   | thickness: 2 `module_t`                                    |
| `geta`       |      | pseudorapidity of `g = R l`, `R` the rotation of the module |
| `gphi`       | rad  | azimuth of `g`                                             |

Pseudorapidity is -ln tan(theta / 2) = asinh(z / hypot(x, y)). A cluster does not tell
the sign of a slope: `lx` and `ly` are positive, so `l` is one of four directions that
the particle may have had. The set of features is that of Exa.TrkX (EPJC 81, 876).
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from trackdnn.events.event import Columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.events.detectors import Detectors
    from trackdnn.events.event import Float, Hits, Int

FEATURES = (
    "cell_count",
    "cell_val",
    "leta",
    "lphi",
    "lx",
    "ly",
    "lz",
    "geta",
    "gphi",
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Cells(Columns):
    """Cells that a hit was made of, in any order; each array `(cells,)`.

    Args:
        hit_id: The hit, int64.
        ch0: Channel along u, int32.
        ch1: Channel along v, int32.
        value: What was read out, float32.
    """

    hit_id: NDArray[np.int64]
    ch0: Int
    ch1: Int
    value: Float


def cluster_features(
    hits: Hits, cells: Cells, detectors: Detectors
) -> NDArray[np.float32]:
    """The features of all hits at once.

    Args:
        hits: The hits; each must have a cell, and a module that is known.
        cells: The cells, each of one of the hits.
        detectors: The modules.

    Returns:
        Of shape `(hits, 9)`, in the order of `FEATURES`.

    Raises:
        ValueError: If a hit has no cell, a cell no hit, or a module is not known;
            readers look before they come here, as they know the files.
    """
    module = detectors.rows_of(hits.volume, hits.layer, hits.module)
    owner = rows_by_id(hits.hit_id, cells.hit_id)
    count = np.bincount(owner[owner >= 0], minlength=len(hits))
    if (module < 0).any() or (owner < 0).any() or not count.all():
        raise ValueError(
            "Every hit must have a known module and cells, and every cell "
            "a hit. Received: others"
        )
    u, v = _extent(owner, cells.ch0, count), _extent(owner, cells.ch1, count)
    length = np.stack(
        [
            u * detectors.pitch_u[module],
            v * detectors.pitch_v[module],
            2.0 * detectors.half_thickness[module],
        ],
        axis=-1,
    )
    turned = np.einsum("hij,hj->hi", detectors.rotation[module], length)
    value = np.bincount(owner, weights=cells.value, minlength=len(hits))
    columns = [count, value, *_angles(length), *length.T, *_angles(turned)]
    return np.stack(columns, axis=-1).astype(np.float32)


def rows_by_id(ids: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each wanted id stands among unique ids, -1 if nowhere.

    Args:
        ids: Unique, of shape `(hits,)`.
        wanted: Of shape `(rows,)`.

    Returns:
        Of shape `(rows,)`.
    """
    if not len(ids):
        return np.full(len(wanted), -1, dtype=np.int64)
    order = np.argsort(ids, kind="stable")
    place = np.minimum(np.searchsorted(ids, wanted, sorter=order), len(ids) - 1)
    rows = order[place]
    return np.where(ids[rows] == wanted, rows, -1)


def _extent(
    owner: NDArray[np.int64], channel: Int, count: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Number of channels from the first to the last of each hit."""
    if not len(count):
        return np.empty(0)
    ordered = channel[np.argsort(owner, kind="stable")].astype(np.float64)
    starts = np.cumsum(count) - count
    most = np.maximum.reduceat(ordered, starts)
    return np.asarray(most - np.minimum.reduceat(ordered, starts) + 1.0)


def _angles(
    direction: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Pseudorapidity and azimuth of vectors of shape `(hits, 3)`."""
    x, y, z = direction.T
    # A direction along the beam has a large pseudorapidity, not an infinite one.
    across = np.maximum(np.hypot(x, y), np.finfo(np.float32).tiny)
    return np.arcsinh(z / across), np.arctan2(y, x)
