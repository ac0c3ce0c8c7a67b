"""What a track builder is, and which ones there are.

A builder is one module with one class in `trackdnn.tracking.builders`, one block of
settings (`trackdnn.settings.finding.builders`) and one line in `KINDS`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from trackdnn.errors import SettingsError

if TYPE_CHECKING:
    from trackdnn.events.event import Event
    from trackdnn.graphs.graph import Graph
    from trackdnn.settings.finding import FindingSettings
    from trackdnn.tracking.builders.pivots import Masks
    from trackdnn.tracking.found import FoundTracks

# Module and class by the `kind` of the settings.
KINDS = {
    "components": ("trackdnn.tracking.builders.components", "Components"),
    "walkthrough": ("trackdnn.tracking.builders.walkthrough", "Walkthrough"),
    "dbscan": ("trackdnn.tracking.builders.dbscan", "Dbscan"),
    "hdbscan": ("trackdnn.tracking.builders.hdbscan", "Hdbscan"),
    "pivots": ("trackdnn.tracking.builders.pivots", "Pivots"),
}
# Those that are made with a network of masks.
WITH_MASKS = ("pivots",)


class Builder(Protocol):
    """Edges with scores to tracks."""

    def build(self, event: Event, graph: Graph) -> FoundTracks:
        """The tracks of an event; truth is not looked at.

        Args:
            event: The event.
            graph: Its edges, with scores.
        """


def make_builder(settings: FindingSettings, masks: Masks | None = None) -> Builder:
    """The builder that the branch `finding` of the settings names.

    Args:
        settings: The branch.
        masks: The pivot transformer, where the finder has one.

    Raises:
        SettingsError: If the builder needs a pivot transformer and there is none.
    """
    module, name = KINDS[settings.builder]
    given: list[object] = [settings.builder_settings]
    if settings.builder in WITH_MASKS:
        if masks is None:
            raise SettingsError(
                f"finding.builder={settings.builder} must have a pivot transformer. "
                "Received: a finder without one. Train a finder with "
                "finding.masks.enabled=true, or choose another builder."
            )
        given.append(masks)
    made: Builder = getattr(import_module(module), name)(*given)
    return made
