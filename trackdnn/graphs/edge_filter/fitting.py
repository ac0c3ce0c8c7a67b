"""Trains the edge filter on edges that a constructor makes of events with truth."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from trackdnn.data.randomness import generator
from trackdnn.errors import InputError
from trackdnn.events.event import without_truth
from trackdnn.graphs.edge_filter.context import CONTEXT
from trackdnn.graphs.edge_filter.drawing import draw, labels_of
from trackdnn.graphs.edge_filter.features import FEATURES
from trackdnn.graphs.edge_filter.filter import (
    EdgeFilter,
    first_features,
    second_features,
)
from trackdnn.graphs.edge_filter.trees import fit_trees, onnx_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from trackdnn.events.event import Event
    from trackdnn.events.source import EventSource
    from trackdnn.graphs.edge_filter.filter import Features
    from trackdnn.graphs.graph import Graph
    from trackdnn.settings.finding import EdgeFilterSettings

    Float = NDArray[np.float32]
    Build = Callable[[Event], Graph]
    Step = Callable[[], None]
    Table = tuple[Float, NDArray[np.bool_], Float]

# Every so many events are seen without clusters, so that trees can do without.
_BARE = 4


def fit_filter(
    settings: EdgeFilterSettings,
    sources: Sequence[EventSource],
    build: Build,
    *,
    seed: int,
    threads: int = 0,
    step: Step = lambda: None,
) -> EdgeFilter:
    """Fits one pass, or two; each sees every second event then.

    The second pass reads scores of the first, which are too good for edges that the
    first has been trained on.

    Args:
        settings: The block `finding.filter`.
        sources: Events with truth, each loaded once.
        build: Graph of an event.
        seed: Of what is drawn.
        threads: Threads to use; 0 for one per core.
        step: Called after each event.

    Raises:
        InputError: If there are no true or no false edges to learn from.
    """
    two = settings.context and len(sources) > 1
    parts = (sources[::2], sources[1::2]) if two else (sources, [])
    table = _table(settings, parts[0], build, first_features, seed, step)
    first = _fit(settings, table, FEATURES, seed, threads)
    done = EdgeFilter(settings.cut, first, None, threads=threads)
    if not two:
        return done

    def passed(event: Event) -> Graph:
        return done.apply(event, build(event))

    table = _table(settings, parts[1], passed, second_features, seed, step)
    if len(np.unique(table[1])) < 2:
        # The first pass has left nothing to tell apart.
        return done
    second = _fit(settings, table, (*FEATURES, *CONTEXT), seed, threads)
    return EdgeFilter(settings.cut, first, second, threads=threads)


def _table(
    settings: EdgeFilterSettings,
    sources: Sequence[EventSource],
    build: Build,
    features: Features,
    seed: int,
    step: Step,
) -> Table:
    """Features, labels and weights of edges, the same number of each event at most."""
    most = max(settings.edges // max(len(sources), 1), 2)
    parts = []
    for number, source in enumerate(sources):
        event = source.load()
        if number % _BARE == _BARE - 1:
            event = dataclasses.replace(event, clusters=None)
        bare = without_truth(event)
        graph = build(bare)
        rng = generator(seed, "edges to train on", number)
        drawn = draw(labels_of(event, graph, settings), most, rng)
        of = features(bare, graph)
        parts.append((of(drawn.rows), drawn.true, drawn.weight))
        step()
    columns, true, weight = (np.concatenate(one) for one in zip(*parts, strict=True))
    return columns, true, weight


def _fit(
    settings: EdgeFilterSettings,
    table: Table,
    names: Sequence[str],
    seed: int,
    threads: int,
) -> bytes:
    features, true, weight = table
    if len(np.unique(true)) < 2:
        raise InputError(
            "An edge filter must see true and false edges. Received: "
            f"{int(true.sum())} true and {int((~true).sum())} false ones. Train on "
            "more events, or with another constructor."
        )
    # scikit-learn fails where all of a column is NaN; no tree asks for a constant one.
    features[:, np.isnan(features).all(axis=0)] = 0.0
    trees = fit_trees(settings, features, true, seed=seed, threads=threads)
    return onnx_of(trees, names, _shift(true, weight))


def _shift(true: NDArray[np.bool_], weight: Float) -> float:
    """What makes logits of drawn edges those of all edges.

    The more edges a drawn one of a kind stands for, the likelier is the kind. The same
    as weights in the fit, for which scikit-learn takes many times as long.
    """
    return float(
        np.log(weight[true].mean(dtype=float) / weight[~true].mean(dtype=float))
    )
