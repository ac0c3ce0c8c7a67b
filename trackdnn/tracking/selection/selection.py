"""The selection of tracks: a score for each, and the worst ones gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackdnn.data.prepared.atomic import write_bytes
from trackdnn.errors import BadFileError
from trackdnn.graphs.edge_filter.trees import Trees
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


class TrackSelection:
    """Scores of tracks from boosted trees.

    Args:
        content: ONNX graph.

    Raises:
        ValueError: If it is none of `trees.onnx_of` for these features.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._trees = Trees(content)
        if self._trees.features != len(FEATURES):
            raise ValueError(
                f"{self._trees.features} features in place of {len(FEATURES)}"
            )

    def score(
        self, event: Event, graph: Graph, tracks: FoundTracks
    ) -> NDArray[np.float32]:
        """Probability that each track is true, float32 of shape `(tracks,)`.

        Args:
            event: Of the tracks; truth is not looked at.
            graph: The edges that the tracks were built of, with scores.
            tracks: What a builder has made.
        """
        return self._trees.score(track_features(event, graph, tracks))

    def save(self, folder: Path) -> None:
        """Writes into an existing, empty folder."""
        write_bytes(folder / FILE, self._content)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Reads what `save` has written.

        Raises:
            BadFileError: If the file is missing or damaged.
        """
        path = folder / FILE
        try:
            return cls(path.read_bytes())
        except OSError as error:
            raise BadFileError(
                f"A selection of tracks must have the file '{path}'. Received: "
                f"{error.strerror}. Train the finder again."
            ) from error
        except ValueError as error:
            raise BadFileError(
                f"'{path}' must hold boosted trees of a selection of tracks. Received: "
                f"{error}. Train the finder again."
            ) from error
