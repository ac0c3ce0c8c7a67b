"""The 48 layers of the TrackML detector, which ACTS' generic detector shares.

| volumes    | what        | layers in endcap, barrel, endcap |
|------------|-------------|----------------------------------|
| 7, 8, 9    | pixel       | 7, 4, 7                          |
| 12, 13, 14 | short strip | 6, 4, 6                          |
| 16, 17, 18 | long strip  | 6, 2, 6                          |

Layer ids are even: 2, 4, and so on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

BARREL = (8, 13, 17)
PIXEL = (7, 8, 9)
_COUNTS = {7: 7, 8: 4, 9: 7, 12: 6, 13: 4, 14: 6, 16: 6, 17: 2, 18: 6}
LAYERS = tuple(
    (volume, 2 * number)
    for volume, count in _COUNTS.items()
    for number in range(1, count + 1)
)

_INDEX = np.full((19, 15), -1, dtype=np.int32)
for _place, (_volume, _layer) in enumerate(LAYERS):
    _INDEX[_volume, _layer] = _place


def layer_index(
    volume: NDArray[np.int32], layer: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Place of each layer in `LAYERS`; -1 for a layer of another detector.

    Args:
        volume: Of shape `(hits,)`.
        layer: Of shape `(hits,)`.

    Returns:
        Int32 of shape `(hits,)`.
    """
    rows, columns = _INDEX.shape
    known = (volume >= 0) & (volume < rows) & (layer >= 0) & (layer < columns)
    found = _INDEX[np.where(known, volume, 0), np.where(known, layer, 0)]
    return np.where(known, found, -1).astype(np.int32)
