"""Units of a training on disk, each made once, also after an interruption.

```
<folder>/00007/nodes.npy, edges.npy, …     the arrays of unit 7
```
A unit is written beside its place and then renamed: a folder that is there is whole.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    Unit = dict[str, NDArray[Any]]


class Shelf:
    """A row of units on disk.

    Args:
        folder: Where they lie; made when the first one is put.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __contains__(self, number: int) -> bool:
        return self._place(number).is_dir()

    def put(self, number: int, unit: Mapping[str, NDArray[Any]]) -> None:
        """Writes the arrays of a unit."""
        place = self._place(number)
        partial = place.with_name(f".{place.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        for name, array in unit.items():
            np.save(partial / f"{name}.npy", array, allow_pickle=False)
        partial.replace(place)

    def get(self, number: int, names: tuple[str, ...] = ()) -> Unit:
        """Reads the arrays of a unit, or some of them."""
        place = self._place(number)
        wanted = names or tuple(path.stem for path in sorted(place.glob("*.npy")))
        return {
            name: np.load(place / f"{name}.npy", allow_pickle=False) for name in wanted
        }

    def _place(self, number: int) -> Path:
        return self._folder / f"{number:05d}"
