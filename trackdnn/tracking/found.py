"""Tracks as lists of hits."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# The label of a hit that is on no track.
NO_TRACK = -1


@dataclasses.dataclass(frozen=True, kw_only=True)
class FoundTracks:
    """Tracks of one event; a hit may be on several of them.

    Args:
        hits: Rows of hits, track after track, int32 of shape `(total,)`; along the
            track where the finder knows the order.
        offsets: Where each track starts, int64 of shape `(tracks + 1,)`.
    """

    hits: NDArray[np.int32]
    offsets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, track: int) -> NDArray[np.int32]:
        return self.hits[self.offsets[track] : self.offsets[track + 1]]

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Hits of each track, of shape `(tracks,)`."""
        return np.diff(self.offsets)

    def track_of_entry(self) -> NDArray[np.int64]:
        """Track of each entry of `hits`, of shape `(total,)`."""
        return np.repeat(np.arange(len(self)), self.lengths)

    def take(self, kept: NDArray[np.bool_]) -> FoundTracks:
        """Some of the tracks.

        Args:
            kept: Which, of shape `(tracks,)`.
        """
        offsets = np.concatenate([[0], np.cumsum(self.lengths[kept])])
        hits = self.hits[np.repeat(kept, self.lengths)]
        return FoundTracks(hits=hits, offsets=offsets.astype(np.int64))

    def labels(self, hits: int) -> NDArray[np.int32]:
        """One track per hit: of those that share a hit, the longest has it.

        Args:
            hits: Number of hits of the event.

        Returns:
            Track of each hit, `NO_TRACK` for none, int32 of shape `(hits,)`.
        """
        track = self.track_of_entry()
        # The last write stands: the longest, of equally long ones the first.
        order = np.lexsort((-track, self.lengths[track]))
        labels = np.full(hits, NO_TRACK, dtype=np.int32)
        labels[self.hits[order]] = track[order]
        return labels


def from_lists(lists: Sequence[Sequence[int] | NDArray[np.integer]]) -> FoundTracks:
    """Tracks out of one sequence of hits each."""
    lengths = [len(one) for one in lists]
    flat = [np.asarray(one, dtype=np.int32) for one in lists]
    hits = np.concatenate([np.zeros(0, np.int32), *flat])
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return FoundTracks(hits=hits, offsets=offsets)


def from_labels(labels: NDArray[np.integer], least: int = 1) -> FoundTracks:
    """Tracks out of one label per hit.

    Args:
        labels: Any numbers, of shape `(hits,)`; negative ones are no track.
        least: Fewest hits of a track.

    Returns:
        The tracks by ascending label, hits by ascending row.
    """
    hits = np.flatnonzero(labels >= 0)
    _, label, counts = np.unique(labels[hits], return_inverse=True, return_counts=True)
    hits, label = hits[counts[label] >= least], label[counts[label] >= least]
    order = np.argsort(label, kind="stable")
    lengths = counts[counts >= least]
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return FoundTracks(hits=hits[order].astype(np.int32), offsets=offsets)
