"""Batches of units that are no rows, such as graphs, from whatever makes them.

Each unit is a mapping of names to arrays, with as many rows per array as it likes:
nodes, edges, labels of edges. Those of some batches are put one after the other into a
chunk, which is one call into TensorFlow. Units that are padded to a fixed number of
rows are no different: what pads them has no weight, and does not count.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from trackdnn.errors import TrainingError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Unit = Mapping[str, NDArray[Any]]
    # From the number of the epoch, and how many units are left out at its start.
    Make = Callable[[int, int], Iterator[Unit]]

# Batches of a chunk: fewer than of tracks, since a graph may fill a device by itself.
STEPS = 4


@dataclasses.dataclass(frozen=True, kw_only=True)
class UnitChunk:
    """The batches of some steps in a row.

    Args:
        arrays: By name, the rows of all units, one unit after the other. Indices count
            rows from the start of the chunk.
        offsets: By name, an int32 array of shape `(units + 1,)`: where units start.
        refers: By array of indices, the array whose rows they count.
        bounds: Int32 array of shape `(steps + 1,)`: units of each batch.
        sizes: Float32 array of shape `(steps,)`, samples that count in each batch.
    """

    arrays: Mapping[str, NDArray[Any]]
    offsets: Mapping[str, NDArray[np.int32]]
    refers: Mapping[str, str]
    bounds: NDArray[np.int32]
    sizes: NDArray[np.float32]

    @property
    def steps(self) -> int:
        """Number of batches."""
        return len(self.sizes)

    @property
    def tracks(self) -> int:
        """Samples of all batches."""
        return int(self.sizes.sum())

    def columns(self) -> Mapping[str, NDArray[Any]]:
        """The arrays by name."""
        return self.arrays


class UnitSource:
    """The batches of the epochs of a training, made when they are needed.

    Args:
        make: From the number of an epoch, from 1, and a number of units that are left
            out, the other units of the epoch in their order. Both the units and their
            order must follow from the epoch, or no training could go on exactly.
        units: Units of an epoch.
        batch_size: Units of a batch; the last one may have fewer.
        samples: About how many samples an epoch has, for the progress.
        weight: Array of weights: rows with none pad, all others are samples.
        refers: By array of indices, the array whose rows they count, within a unit.

    Raises:
        TrainingError: If there is no unit.
    """

    def __init__(
        self,
        make: Make,
        *,
        units: int,
        batch_size: int = 1,
        samples: int = 0,
        weight: str = "weight",
        refers: Mapping[str, str] | None = None,
    ) -> None:
        if units < 1 or batch_size < 1:
            raise TrainingError(
                "A training needs at least one unit, and one in each batch. Received: "
                f"units={units}, batch_size={batch_size}"
            )
        self._make, self._units, self._batch_size = make, units, batch_size
        self._weight, self._refers = weight, dict(refers or {})
        self.tracks = samples or units

    @property
    def steps(self) -> int:
        """Batches of an epoch."""
        return -(-self._units // self._batch_size)

    def epochs(
        self, last: int, *, first: int = 1, skip: int = 0
    ) -> Iterator[UnitChunk]:
        """The chunks of some epochs in a row.

        Args:
            last: Number of the last epoch.
            first: Number of the first one.
            skip: Batches of the first one that are left out.

        Raises:
            TrainingError: If an epoch has too few units, or two differ in their arrays.
        """
        for epoch in range(first, last + 1):
            yield from self._epoch(epoch, skip if epoch == first else 0)

    def _epoch(self, epoch: int, skip: int) -> Iterator[UnitChunk]:
        done = skip * self._batch_size
        made = self._make(epoch, done)
        while done < self._units:
            wanted = min(STEPS * self._batch_size, self._units - done)
            units = list(itertools.islice(made, wanted))
            if len(units) < wanted:
                raise TrainingError(
                    f"An epoch must have {self._units} units. Received: "
                    f"{done + len(units)} in epoch {epoch}"
                )
            yield self._chunk(units)
            done += wanted

    def _chunk(self, units: Sequence[Unit]) -> UnitChunk:
        _check(units, (self._weight, *self._refers, *self._refers.values()))
        offsets = {
            name: np.cumsum([0, *(len(unit[name]) for unit in units)], dtype=np.int32)
            for name in units[0]
        }
        arrays = {name: self._joined(name, units, offsets) for name in units[0]}
        edges = np.append(np.arange(0, len(units), self._batch_size), len(units))
        counts = [np.count_nonzero(unit[self._weight]) for unit in units]
        sizes = np.add.reduceat(counts, edges[:-1])
        return UnitChunk(
            arrays=arrays,
            offsets=offsets,
            refers=self._refers,
            bounds=edges.astype(np.int32),
            sizes=np.maximum(sizes, 1).astype(np.float32),
        )

    def _joined(
        self,
        name: str,
        units: Sequence[Unit],
        offsets: Mapping[str, NDArray[np.int32]],
    ) -> NDArray[Any]:
        if name not in self._refers:
            return np.concatenate([unit[name] for unit in units])
        starts = offsets[self._refers[name]]
        # int32, which TensorFlow gathers by as fast as by int64.
        return np.concatenate(
            [
                np.asarray(unit[name], np.int32) + starts[i]
                for i, unit in enumerate(units)
            ]
        )


def _check(units: Sequence[Unit], needed: Sequence[str]) -> None:
    names = set(units[0])
    for unit in units:
        if set(unit) != names or not names.issuperset(needed):
            raise TrainingError(
                "Each unit must have the same arrays, among them "
                f"{', '.join(needed)}. Received: {', '.join(sorted(unit))}"
            )
