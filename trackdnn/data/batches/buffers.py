"""Tracks in memory from which batches are picked."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from trackdnn.data.features import FEATURES

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclasses.dataclass(frozen=True, kw_only=True)
class Chunk:
    """The batches of some steps in a row, ready for the network.

    Args:
        features: Float32 array of shape `(rows, 29)`.
        category: Float32 array of shape `(rows, 1)`.
        label: Float32 array of shape `(rows, 1)`, 1 for a true track.
        weight: Float32 array of shape `(rows,)`, 0 where a row pads a batch.
        bounds: Int32 array of shape `(steps + 1,)`: rows `bounds[i]:bounds[i + 1]` are
            batch `i`.
        sizes: Float32 array of shape `(steps,)`, tracks of each batch, at least 1.
    """

    features: NDArray[np.float32]
    category: NDArray[np.float32]
    label: NDArray[np.float32]
    weight: NDArray[np.float32]
    bounds: NDArray[np.int32]
    sizes: NDArray[np.float32]

    @classmethod
    def empty(cls, sizes: NDArray[np.int64], rows: NDArray[np.int64]) -> Chunk:
        """Room for batches of `rows` rows, of which `sizes` are tracks."""
        bounds = np.concatenate(([0], np.cumsum(rows))).astype(np.int32)
        total = int(bounds[-1])
        padded = bool((sizes != rows).any())
        make = np.zeros if padded else np.empty
        return cls(
            features=make((total, len(FEATURES)), np.float32),
            category=make((total, 1), np.float32),
            label=make((total, 1), np.float32),
            weight=make(total, np.float32),
            bounds=bounds,
            sizes=np.maximum(sizes, 1).astype(np.float32),
        )

    @property
    def steps(self) -> int:
        """Number of batches."""
        return len(self.sizes)

    @property
    def tracks(self) -> int:
        """Tracks of all batches."""
        return int(self.sizes.sum())

    @property
    def offsets(self) -> dict[str, NDArray[np.int32]]:
        """None: each row is a track."""
        return {}

    @property
    def refers(self) -> dict[str, str]:
        """None: no column counts rows of another."""
        return {}

    def columns(self) -> dict[str, NDArray[np.float32]]:
        """Features, category, label and weight, by these names."""
        return {
            "features": self.features,
            "category": self.category,
            "label": self.label,
            "weight": self.weight,
        }


@dataclasses.dataclass(frozen=True, kw_only=True)
class Buffer:
    """Columns of equal length.

    Args:
        features: Float32 array of shape `(rows, 29)`, contiguous.
        category: Int32 array of shape `(rows,)`.
        label: UInt8 array of shape `(rows,)`.
        weight: Float32 array of shape `(rows,)`.
    """

    features: NDArray[np.float32]
    category: NDArray[np.int32]
    label: NDArray[np.uint8]
    weight: NDArray[np.float32]

    @classmethod
    def empty(cls, rows: int) -> Buffer:
        """Room for `rows` tracks."""
        return cls(
            features=np.empty((rows, len(FEATURES)), np.float32),
            category=np.empty(rows, np.int32),
            label=np.empty(rows, np.uint8),
            weight=np.ones(rows, np.float32),
        )

    def part(self, start: int, stop: int) -> Buffer:
        """A view of the rows `start:stop`."""
        fields = {
            field.name: getattr(self, field.name)[start:stop]
            for field in dataclasses.fields(self)
        }
        return Buffer(**fields)

    def columns(self) -> dict[str, NDArray[Any]]:
        """What a part reads into."""
        return {
            "features": self.features,
            "category": self.category,
            "label": self.label,
        }

    def pick(self, rows: NDArray[np.int64], chunk: Chunk, at: int) -> None:
        """Copies the tracks at `rows` to the rows of a chunk from `at` on."""
        place = slice(at, at + len(rows))
        # Only with a mode other than "raise" does NumPy write to `out` directly.
        np.take(self.features, rows, 0, out=chunk.features[place], mode="clip")
        np.take(self.weight, rows, out=chunk.weight[place], mode="clip")
        chunk.category[place, 0] = self.category[rows]
        chunk.label[place, 0] = self.label[rows]
