"""The selection of tracks: a score for each, and the worst ones gone."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from trackdnn.data.prepared.atomic import write_bytes
from trackdnn.graphs.edge_filter.trees import Trees, load_trees
from trackdnn.tracking.selection.features import FEATURES, track_features

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

    import numpy as np
    from numpy.typing import NDArray

    from trackdnn.events.event import Event
    from trackdnn.graphs.graph import Graph
    from trackdnn.tracking.found import FoundTracks

FILE = "tracks.onnx"


@dataclasses.dataclass(frozen=True)
class TrackSelection:
    """Scores of tracks from boosted trees.

    Args:
        trees: Of the features of `selection.features`.
    """

    trees: Trees

    def score(
        self, event: Event, graph: Graph, tracks: FoundTracks
    ) -> NDArray[np.float32]:
        """Probability that each track is true, float32 of shape `(tracks,)`.

        Args:
            event: Of the tracks; truth is not looked at.
            graph: The edges that the tracks were built of, with scores.
            tracks: What a builder has made.
        """
        return self.trees.score(track_features(event, graph, tracks))

    def save(self, folder: Path) -> None:
        """Writes into an existing, empty folder."""
        write_bytes(folder / FILE, self.trees.content)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Reads what `save` has written.

        Raises:
            BadFileError: If the file is missing or damaged.
        """
        return cls(load_trees(folder / FILE, len(FEATURES), "A selection of tracks"))
