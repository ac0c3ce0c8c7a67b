"""Connected components: what hangs together by good edges is a track."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackdnn.tracking.builders.clusters import component_labels, scores_of, tracks_of

if TYPE_CHECKING:
    from trackdnn.events.event import Event
    from trackdnn.graphs.graph import Graph
    from trackdnn.settings.finding import ComponentsSettings
    from trackdnn.tracking.found import FoundTracks


class Components:
    """Components of the edges whose score is above `cut`.

    Quick, O(edges), and without mercy: one false edge joins two tracks for good.

    Args:
        settings: Its block of settings.
    """

    def __init__(self, settings: ComponentsSettings) -> None:
        self._settings = settings

    def build(self, event: Event, graph: Graph) -> FoundTracks:
        """The tracks of an event, hits from the origin outwards."""
        good = scores_of(graph) > self._settings.cut
        labels = component_labels(graph.hits, graph.edges[:, good])
        return tracks_of(event, labels, self._settings.min_hits)
