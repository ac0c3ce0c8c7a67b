"""Trains the joining on tracks that a builder has made of events with truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trackdnn.errors import InputError
from trackdnn.events.event import without_truth
from trackdnn.graphs.edge_filter.trees import Trees, fit_trees, onnx_of
from trackdnn.tracking.contingency import contingency_of
from trackdnn.tracking.joining.features import FEATURES
from trackdnn.tracking.joining.joining import TrackJoining, look
from trackdnn.tracking.matching import Matching, match

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from trackdnn.events.event import Event
    from trackdnn.graphs.graph import Graph
    from trackdnn.settings.finding import JoiningSettings
    from trackdnn.tracking.found import FoundTracks

    Find = Callable[[Event], tuple[Graph, FoundTracks]]


def fit_joining(
    settings: JoiningSettings,
    events: Iterable[Event],
    find: Find,
    *,
    seed: int,
    threads: int = 0,
) -> TrackJoining:
    """Fits trees to pairs of tracks; true are those of one particle.

    Args:
        settings: The block `finding.joining`.
        events: With truth, each gone through once.
        find: Edges and tracks of an event without truth.
        seed: Of the trees.
        threads: Threads to use; 0 for one per core.

    Raises:
        InputError: If there are no true or no false pairs to learn from.
    """
    features = [np.zeros((0, len(FEATURES)), dtype=np.float32)]
    same = [np.zeros(0, dtype=bool)]
    for event in events:
        blind = without_truth(event)
        tracks, pairs, columns = look(settings, blind, *find(blind))
        particle = particles_of(event, tracks)[pairs]
        features.append(columns)
        same.append((particle[0] == particle[1]) & (particle[0] >= 0))
    true = np.concatenate(same)
    if len(np.unique(true)) < 2:
        raise InputError(
            "A joining of tracks must see pairs of one particle and of two. Received: "
            f"{int(true.sum())} of one and {int((~true).sum())} of two. Train on more "
            "events, or set finding.joining.enabled=false."
        )
    table = np.concatenate(features)
    trees = fit_trees(settings, table, true, seed=seed, threads=threads)
    return TrackJoining(Trees(onnx_of(trees, FEATURES)))


def particles_of(event: Event, tracks: FoundTracks) -> NDArray[np.int64]:
    """Row of the particle that has made more than half of the hits of each track.

    Args:
        event: With truth.
        tracks: Its tracks.

    Returns:
        Of shape `(tracks,)`, -1 where there is none.
    """
    table = contingency_of(event, tracks)
    return match(table, Matching("atlas", 0.5)).particle
