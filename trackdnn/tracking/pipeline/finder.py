"""Hits to tracks: constructor, perhaps filter and network, builder, selection."""

from __future__ import annotations

import dataclasses
import itertools
import time
from typing import TYPE_CHECKING, Protocol

from trackdnn.events.event import without_truth
from trackdnn.tracking.pipeline.building import build_tracks, missing

if TYPE_CHECKING:
    from trackdnn.events.event import Event
    from trackdnn.graphs.constructor import Constructor
    from trackdnn.graphs.graph import Graph
    from trackdnn.settings.finding import FindingSettings
    from trackdnn.tracking.found import FoundTracks
    from trackdnn.tracking.joining.joining import TrackJoining
    from trackdnn.tracking.pivots.mask_network import MaskNetwork
    from trackdnn.tracking.selection.selection import TrackSelection

STAGES = ("construct", "filter", "network", "build", "select")


class Scorer(Protocol):
    """What gives the edges of a graph new scores, and leaves the bad ones out."""

    def apply(self, event: Event, graph: Graph) -> Graph:
        """The edges that are good enough; truth is not looked at."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Found:
    """What a finder made of an event.

    Args:
        tracks: The tracks.
        graph: The edges that they were built of, with scores.
        candidates: Edges of the constructor.
        seconds: Wall time of each of `STAGES`.
    """

    tracks: FoundTracks
    graph: Graph
    candidates: int
    seconds: dict[str, float]


@dataclasses.dataclass(frozen=True)
class Finder:
    """A chain of trained parts.

    Args:
        settings: The branch `finding`: which builder, and with which cuts.
        constructor: Trained.
        filter: Trained, or `None` for the scores of the constructor.
        network: Trained, or `None` for the scores of the filter.
        masks: The pivot transformer, where it was trained with the network.
        joining: Trained, or `None` where no tracks are joined.
        selection: Trained, or `None` where all tracks stay.
    """

    settings: FindingSettings
    constructor: Constructor
    filter: Scorer | None
    network: Scorer | None = None
    masks: MaskNetwork | None = None
    joining: TrackJoining | None = None
    selection: TrackSelection | None = None

    def find(self, event: Event) -> Found:
        """The tracks of an event, which loses its truth before the first step.

        Raises:
            SettingsError: If the settings ask for a part that was not trained.
        """
        event = without_truth(event)
        times = [time.perf_counter()]
        candidates = self.constructor.build(event)
        times.append(time.perf_counter())
        graph = self.filter.apply(event, candidates) if self.filter else candidates
        times.append(time.perf_counter())
        graph = self.network.apply(event, graph) if self.network else graph
        times.append(time.perf_counter())
        tracks = self._tracks(event, graph)
        times.append(time.perf_counter())
        tracks = self._selected(event, graph, tracks)
        times.append(time.perf_counter())
        spent = [end - start for start, end in itertools.pairwise(times)]
        return Found(
            tracks=tracks,
            graph=graph,
            candidates=len(candidates),
            seconds=dict(zip(STAGES, spent, strict=True)),
        )

    def built(self, event: Event) -> tuple[Graph, FoundTracks]:
        """Edges with scores, and the tracks built of them before any selection."""
        event = without_truth(event)
        graph = self.scored(event)
        return graph, self._tracks(event, graph)

    def scored(self, event: Event) -> Graph:
        """The edges that tracks would be built of, with scores."""
        event = without_truth(event)
        graph = self.filtered(event)
        return self.network.apply(event, graph) if self.network else graph

    def _tracks(self, event: Event, graph: Graph) -> FoundTracks:
        return build_tracks(
            self.settings, event, graph, masks=self.masks, joining=self.joining
        )

    def _selected(self, event: Event, graph: Graph, tracks: FoundTracks) -> FoundTracks:
        wanted = self.settings.selection
        if not wanted.enabled:
            return tracks
        if self.selection is None:
            raise missing("selection")
        return tracks.take(self.selection.score(event, graph, tracks) > wanted.cut)

    def filtered(self, event: Event) -> Graph:
        """The edges that a network is given."""
        event = without_truth(event)
        graph = self.constructor.build(event)
        return self.filter.apply(event, graph) if self.filter else graph
