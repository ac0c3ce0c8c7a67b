"""How good places are: true edges among close pairs, and how many pairs there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trackdnn.graphs.neighbours import search

if TYPE_CHECKING:
    from numpy.typing import NDArray


def close_pairs(
    places: NDArray[np.floating],
    edges: NDArray[np.integer],
    *,
    radius: float,
    most: int,
) -> tuple[int, int]:
    """Counts close pairs of hits.

    Args:
        places: Of shape `(hits, dimensions)`.
        edges: True edges, rows of hits, of shape `(2, edges)`, each pair once.
        radius: Pairs further apart are none.
        most: Nearest hits of each hit.

    Returns:
        How many of the true edges are among the close pairs, and how many close pairs
        there are.
    """
    pairs, _ = search(places, radius=radius, most=most)
    keys = [
        np.minimum(*ends).astype(np.int64) * len(places) + np.maximum(*ends)
        for ends in (pairs, edges)
    ]
    return int(np.isin(keys[1], keys[0]).sum()), pairs.shape[1]
