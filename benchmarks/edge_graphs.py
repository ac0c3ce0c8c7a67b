"""Graphs with as many hits and edges as are wanted, as the inputs of a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.helices import helix_event
from trackdnn.errors import InputError
from trackdnn.events.event import without_truth
from trackdnn.events.open import open_events
from trackdnn.events.views import View
from trackdnn.graphs.edge_network.columns import edge_columns, node_columns
from trackdnn.graphs.voxel_dynamics.constructor import VoxelDynamics
from trackdnn.settings.finding import ViewSettings, VoxelDynamicsSettings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from trackdnn.events.event import Event
    from trackdnn.graphs.graph import Graph

# Events that Voxel-Dynamics is trained on.
_TRAINING = 8
# As HyperTrack: all pairs of hits of a particle, and all cells that were seen together.
_LOOSE = VoxelDynamicsSettings(cells=512, truth="hyper", cut=0.0)


def pairs_of(edges: int, hits: int) -> int:
    """Pairs of hits that are this many edges as HyperTrack counts them.

    It has both directions of each, and an edge from each hit to itself.
    """
    return max((edges - hits) // 2, 0)


def sized_event(event: Event, hits: int) -> Event:
    """Some of an event's particles and noise, for about as many hits."""
    share = min(hits / max(len(event), 1), 1.0)
    return View(ViewSettings(particles=share), "evaluation").apply(event)


def sized_graph(hits: int, pairs: int, folder: Path | None) -> tuple[Event, Graph]:
    """An event and the best edges that Voxel-Dynamics finds in it.

    Args:
        hits: About how many hits the event shall have.
        pairs: Edges of the graph.
        folder: Events with truth, the first of which is taken and some others learned
            from; `None` for helices.

    Raises:
        InputError: If there are too few events, hits or edges.
    """
    event, *others = _events(hits, folder)
    made = VoxelDynamics.train(_LOOSE, others, seed=1, progress=False)
    graph = made.build(without_truth(event))
    if len(graph) < pairs or graph.score is None:
        raise InputError(
            f"There must be {pairs} edges to take. Received: {len(graph)} for "
            f"{len(event)} hits. Ask for fewer edges, or for more hits."
        )
    # The order of a graph stays: by first and then second hit.
    best = np.sort(np.argsort(-graph.score, kind="stable")[:pairs])
    return event, graph.take(best)


def columns_of(
    event: Event, graph: Graph, groups: Sequence[Any]
) -> dict[str, NDArray[Any]]:
    """The inputs of a network of edges by name."""
    return {
        "nodes": node_columns(event, groups),
        "edges": edge_columns(event, graph),
        "senders": graph.edges[0].astype(np.int32),
        "receivers": graph.edges[1].astype(np.int32),
    }


def _events(hits: int, folder: Path | None) -> list[Event]:
    if folder is None:
        return [helix_event(hits, seed=seed) for seed in range(_TRAINING + 1)]
    sources = open_events([str(folder)])[: _TRAINING + 1]
    if len(sources) < 2:
        raise InputError(
            "There must be an event to take and one to learn from. "
            f"Received: {len(sources)} in '{folder}'."
        )
    events = [source.load() for source in sources]
    return [sized_event(events[0], hits), *events[1:]]
