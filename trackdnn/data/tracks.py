"""Tracks in memory: float32 columns of equal length, one row per track."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from trackdnn.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclasses.dataclass(frozen=True, kw_only=True)
class Tracks:
    """Reconstructed tracks of many events.

    Args:
        features: Float32 array of shape `(tracks, 29)`, columns as in `FEATURES`;
            may hold NaN and infinities, which the network's sanitizer maps.
        category: Int32 array of shape `(tracks,)`, `trk_originalAlgo`.
        label: Bool array of shape `(tracks,)`, true for a true track, false for a
            fake one; `None` where the files hold no truth.
        event: UInt64 array of shape `(tracks,)`: a key that is equal for tracks of one
            event and, but for chance, different otherwise.
        sample: Int16 array of shape `(tracks,)`, index into `sample_names`.
        sample_names: Names of the samples.
        extras: More columns of shape `(tracks,)` that plots need, such as
            `trk_mva` and `n_vertices`.
    """

    features: NDArray[np.float32]
    category: NDArray[np.int32]
    label: NDArray[np.bool_] | None
    event: NDArray[np.uint64]
    sample: NDArray[np.int16]
    sample_names: tuple[str, ...] = ("tracks",)
    extras: dict[str, NDArray[np.float32]] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        columns: dict[str, NDArray[Any]] = {"category": self.category}
        columns |= {"event": self.event, "sample": self.sample, **self.extras}
        if self.label is not None:
            columns["label"] = self.label
        for name, column in columns.items():
            if column.shape != (len(self),):
                raise InputError(
                    f"Column `{name}` must have one entry per track. "
                    f"Received: shape={column.shape} for {len(self)} tracks"
                )

    def __len__(self) -> int:
        return len(self.features)

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Tracks:
        """The tracks at `rows` (indices, or a mask of all tracks), in that order."""
        return dataclasses.replace(
            self,
            features=self.features[rows],
            category=self.category[rows],
            label=None if self.label is None else self.label[rows],
            event=self.event[rows],
            sample=self.sample[rows],
            extras={name: column[rows] for name, column in self.extras.items()},
        )
