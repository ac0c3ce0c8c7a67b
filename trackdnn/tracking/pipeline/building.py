"""Edges with scores to tracks: a builder, and what joins its pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackdnn.errors import SettingsError
from trackdnn.tracking.builder import make_builder

if TYPE_CHECKING:
    from trackdnn.events.event import Event
    from trackdnn.graphs.graph import Graph
    from trackdnn.settings.finding import FindingSettings
    from trackdnn.tracking.builders.pivots import Masks
    from trackdnn.tracking.found import FoundTracks
    from trackdnn.tracking.joining.joining import TrackJoining


def build_tracks(
    settings: FindingSettings,
    event: Event,
    graph: Graph,
    *,
    masks: Masks | None = None,
    joining: TrackJoining | None = None,
) -> FoundTracks:
    """The tracks of an event, before any selection.

    Args:
        settings: The branch `finding`: which builder, with which cuts.
        event: Truth is not looked at.
        graph: Its edges, with scores.
        masks: The pivot transformer, where there is one.
        joining: What joins broken tracks, where there is one.

    Raises:
        SettingsError: If the settings ask for a part that there is not.
    """
    tracks = make_builder(settings, masks).build(event, graph)
    if not settings.joining.enabled:
        return tracks
    if joining is None:
        raise missing("joining")
    return joining.join(event, graph, tracks, settings.joining)


def missing(part: str) -> SettingsError:
    """What to say of a part that settings ask for and a finder does not have."""
    return SettingsError(
        f"finding.{part}.enabled must be on in the training of the finder. Received: a "
        f"finder without a {part}. Train it again, or leave the setting out."
    )
