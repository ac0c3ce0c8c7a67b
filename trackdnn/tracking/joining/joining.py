"""The joining of broken tracks: a score for each pair, and the best ones put together.

Builders follow edges, and an edge that the graph has lost parts a track in two. Neither
piece may have half of its hits, so both are fakes and their particle is lost, though
they lie on one helix. A pair of pieces that is likely enough is one track; the best
pairs come first, and no end of a track is used twice.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from trackdnn.data.prepared.atomic import write_bytes
from trackdnn.graphs.edge_filter.trees import Trees, load_trees
from trackdnn.tracking.builders.clusters import outwards
from trackdnn.tracking.found import FoundTracks, from_lists
from trackdnn.tracking.joining.features import FEATURES, pair_features
from trackdnn.tracking.joining.pairs import ends_of, pairs_of

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

    from numpy.typing import NDArray

    from trackdnn.events.event import Event
    from trackdnn.graphs.graph import Graph
    from trackdnn.settings.finding import JoiningSettings

FILE = "pairs.onnx"


@dataclasses.dataclass(frozen=True)
class TrackJoining:
    """Joins tracks by scores of pairs from boosted trees.

    Args:
        trees: Of the features of `joining.features`.
    """

    trees: Trees

    def join(
        self,
        event: Event,
        graph: Graph,
        tracks: FoundTracks,
        settings: JoiningSettings,
    ) -> FoundTracks:
        """The same tracks, some of them in one.

        Args:
            event: Of the tracks; truth is not looked at.
            graph: The edges that the tracks were built of, with scores.
            tracks: Of two hits or more.
            settings: The block `finding.joining`.
        """
        tracks, pairs, features = look(settings, event, graph, tracks)
        return joined(tracks, pairs, self.trees.score(features), settings.cut)

    def save(self, folder: Path) -> None:
        """Writes into an existing, empty folder."""
        write_bytes(folder / FILE, self.trees.content)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Reads what `save` has written.

        Raises:
            BadFileError: If the file is missing or damaged.
        """
        return cls(load_trees(folder / FILE, len(FEATURES), "A joining of tracks"))


def look(
    settings: JoiningSettings, event: Event, graph: Graph, tracks: FoundTracks
) -> tuple[FoundTracks, NDArray[np.int64], NDArray[np.float32]]:
    """Tracks from the inside outwards, pairs of them, and what speaks for each pair."""
    tracks = outwards(event, tracks)
    ends = ends_of(event.hits, tracks)
    pairs = pairs_of(event.hits, ends, settings)
    return tracks, pairs, pair_features(event, graph, tracks, ends, pairs)


def joined(
    tracks: FoundTracks,
    pairs: NDArray[np.int64],
    score: NDArray[np.float32],
    cut: float,
) -> FoundTracks:
    """Joins the best pairs, as long as both ends are free.

    Args:
        tracks: From the inside outwards.
        pairs: Rows of inner and outer tracks, of shape `(2, pairs)`; outer ones begin
            behind the end of inner ones, so no chain comes back to its start.
        score: Of each pair.
        cut: Score that a pair must exceed.

    Returns:
        Chains in the order of their innermost tracks.
    """
    behind: dict[int, int] = {}
    taken: set[int] = set()
    good = np.flatnonzero(score > cut)
    # Of equally good pairs the first one comes first.
    for pair in good[np.argsort(-score[good], kind="stable")]:
        inner, outer = pairs[:, pair].tolist()
        if inner not in behind and outer not in taken:
            behind[inner] = outer
            taken.add(outer)
    starts = (track for track in range(len(tracks)) if track not in taken)
    return from_lists([_chain(tracks, start, behind) for start in starts])


def _chain(
    tracks: FoundTracks, start: int, behind: dict[int, int]
) -> NDArray[np.integer]:
    pieces = [tracks[start]]
    while start in behind:
        start = behind[start]
        pieces.append(tracks[start])
    return np.concatenate(pieces)
