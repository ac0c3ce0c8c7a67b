"""The pivot transformer: a network says which hits around some pivots are a track.

Components without a branch are tracks. In the others, a seed and a greedy walk from it
give pivots; a network looks at all hits around them at once and keeps those of the
track of the pivots; they leave, and so on (`trackdnn.tracking.pivots`).

Source: mieskolainen/hypertrack (arXiv:2309.14113), whose seeds are random and which
goes through its components one by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from trackdnn.errors import InputError
from trackdnn.tracking.builders.clusters import component_labels, scores_of, tracks_of
from trackdnn.tracking.builders.walkthrough import without_branch
from trackdnn.tracking.pivots.adjacency import adjacency_of
from trackdnn.tracking.pivots.rounds import NO_TRACK, cluster

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.events.event import Event
    from trackdnn.graphs.graph import Graph
    from trackdnn.settings.finding import PivotsSettings
    from trackdnn.tracking.found import FoundTracks

    Int = NDArray[np.int64]
    Mask = NDArray[np.bool_]
    Float = NDArray[np.float32]


class Masks(Protocol):
    """What says which hits belong to the track of some pivots."""

    def of_hits(
        self, state: Float, tokens: Int, valid: Mask, pivots: Int, pivot_valid: Mask
    ) -> Float:
        """Probability of each token, of shape `(micrographs, tokens)`."""


class Pivots:
    """Tracks by masks of micrographs.

    Args:
        settings: Its block of settings.
        masks: The trained network.
    """

    def __init__(self, settings: PivotsSettings, masks: Masks) -> None:
        self._settings, self._masks = settings, masks

    def build(self, event: Event, graph: Graph) -> FoundTracks:
        """The tracks of an event: simple components, then masks, hits outwards.

        Raises:
            InputError: If the graph has no states of hits.
        """
        good = scores_of(graph) > self._settings.cut
        score = scores_of(graph)[good]
        # By place, not by row: where two hits are equally good, the inner one is first.
        outwards = np.argsort(event.hits.distance, kind="stable")
        place = np.empty(graph.hits, dtype=np.int64)
        place[outwards] = np.arange(graph.hits)
        edges = place[graph.edges[:, good]]
        labels = self._simple(graph.hits, edges)
        left = labels[edges[0]] == NO_TRACK
        more = self._split(graph, outwards, edges[:, left], score[left])
        after = int(labels.max(initial=NO_TRACK)) + 1
        labels = np.where(more == NO_TRACK, labels, more + after)
        return tracks_of(event, labels[place], self._settings.min_hits)

    def _simple(self, hits: int, edges: Int) -> Int:
        """Component of each hit of those without a branch."""
        if not self._settings.simple:
            return np.full(hits, NO_TRACK, dtype=np.int64)
        labels = component_labels(hits, edges)
        simple = without_branch(labels, edges)
        return np.where(simple[labels], labels, NO_TRACK).astype(np.int64)

    def _split(self, graph: Graph, outwards: Int, edges: Int, score: Float) -> Int:
        """Tracks of components with branches, by hits outwards."""
        if graph.state is None:
            raise InputError(
                "The pivot transformer must be given the state of each hit. Received: "
                "a graph without states. Let a network with masks score the edges, or "
                "choose another `finding.builder`."
            )
        state = graph.state

        def judge(tokens: Int, valid: Mask, pivots: Int, pivot_valid: Mask) -> Float:
            return self._masks.of_hits(
                state, outwards[tokens], valid, outwards[pivots], pivot_valid
            )

        return cluster(adjacency_of(graph.hits, edges, score), judge, self._settings)
