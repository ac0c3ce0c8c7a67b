"""What a track builder is, and which ones there are.

A builder is one module with one class in `trackdnn.tracking.builders`, one block of
settings (`trackdnn.settings.finding.builders`) and one line in `KINDS`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from trackdnn.events.event import Event
    from trackdnn.graphs.graph import Graph
    from trackdnn.settings.finding import FindingSettings
    from trackdnn.tracking.found import FoundTracks

# Module and class by the `kind` of the settings.
KINDS = {
    "components": ("trackdnn.tracking.builders.components", "Components"),
    "walkthrough": ("trackdnn.tracking.builders.walkthrough", "Walkthrough"),
    "dbscan": ("trackdnn.tracking.builders.dbscan", "Dbscan"),
    "hdbscan": ("trackdnn.tracking.builders.hdbscan", "Hdbscan"),
}


class Builder(Protocol):
    """Edges with scores to tracks."""

    def build(self, event: Event, graph: Graph) -> FoundTracks:
        """The tracks of an event; truth is not looked at.

        Args:
            event: The event.
            graph: Its edges, with scores.
        """


def make_builder(settings: FindingSettings) -> Builder:
    """The builder that the branch `finding` of the settings names."""
    module, name = KINDS[settings.builder]
    made: Builder = getattr(import_module(module), name)(settings.builder_settings)
    return made
