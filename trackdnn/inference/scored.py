"""Events with a score for each of their tracks, between reading and writing."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


@dataclasses.dataclass(frozen=True, kw_only=True)
class ScoredEvents:
    """A range of events of one file; events without tracks included.

    Args:
        path: The file.
        number: Number of the file among the inputs, from 0.
        start: Number of the first event in its tree.
        counts: Int64 array of shape `(events,)`, tracks of each event.
        identity: `run`, `lumi` and `event`, arrays of shape `(events,)`; zeros where
            the file has none.
        category: Int32 array of shape `(tracks,)`, `originalAlgo`.
        probability: Float32 array of shape `(tracks,)`, p.
        passing: Bool arrays of shape `(tracks,)`, one per working point.
    """

    path: Path
    number: int
    start: int
    counts: NDArray[np.int64]
    identity: dict[str, NDArray[np.unsignedinteger]]
    category: NDArray[np.int32]
    probability: NDArray[np.float32]
    passing: dict[str, NDArray[np.bool_]]

    @property
    def entry(self) -> NDArray[np.int64]:
        """Number of each event in its tree, shape `(events,)`."""
        return np.arange(self.start, self.start + len(self.counts))

    @property
    def score(self) -> NDArray[np.float32]:
        """2p - 1 in single precision, as CMSSW computes it, shape `(tracks,)`."""
        return score_of(self.probability)


def score_of(probability: NDArray[np.float32]) -> NDArray[np.float32]:
    """2p - 1 in single precision."""
    return np.float32(2.0) * probability - np.float32(1.0)
