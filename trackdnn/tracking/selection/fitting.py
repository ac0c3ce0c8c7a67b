"""Trains the selection on tracks that a builder has made of events with truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trackdnn.errors import InputError
from trackdnn.events.event import without_truth
from trackdnn.graphs.edge_filter.trees import Trees, fit_trees, onnx_of
from trackdnn.tracking.contingency import contingency_of
from trackdnn.tracking.judgement import verdicts
from trackdnn.tracking.presets import definitions
from trackdnn.tracking.selection.features import FEATURES, track_features
from trackdnn.tracking.selection.selection import TrackSelection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from trackdnn.events.event import Event
    from trackdnn.graphs.graph import Graph
    from trackdnn.settings.finding import FindingSettings
    from trackdnn.tracking.found import FoundTracks

    Find = Callable[[Event], tuple[Graph, FoundTracks]]


def fit_selection(
    settings: FindingSettings,
    events: Iterable[Event],
    find: Find,
    *,
    seed: int,
    threads: int = 0,
) -> TrackSelection:
    """Fits trees to tracks; true are those that the judgement does not call fakes.

    Args:
        settings: The branch `finding`.
        events: With truth, each gone through once.
        find: Edges and tracks of an event without truth.
        seed: Of the trees.
        threads: Threads to use; 0 for one per core.

    Raises:
        InputError: If there are no true or no fake tracks to learn from.
    """
    definition = definitions(settings.judgement)[0]
    features = [np.zeros((0, len(FEATURES)), dtype=np.float32)]
    fake = [np.zeros(0, dtype=bool)]
    for event in events:
        blind = without_truth(event)
        graph, tracks = find(blind)
        verdict = verdicts(event, contingency_of(event, tracks), definition)
        features.append(track_features(blind, graph, tracks)[verdict.counted])
        fake.append(verdict.fake[verdict.counted])
    true = ~np.concatenate(fake)
    if len(np.unique(true)) < 2:
        raise InputError(
            "A selection of tracks must see true and fake ones. Received: "
            f"{int(true.sum())} true and {int((~true).sum())} fake ones. Train on more "
            "events, or set finding.selection.enabled=false."
        )
    table, chosen = np.concatenate(features), settings.selection
    trees = fit_trees(chosen, table, true, seed=seed, threads=threads)
    return TrackSelection(Trees(onnx_of(trees, FEATURES)))
