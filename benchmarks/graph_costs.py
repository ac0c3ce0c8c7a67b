"""What building a graph takes, and what it gives."""

from __future__ import annotations

import dataclasses
import time
import tracemalloc
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from benchmarks.dense_voxel_dynamics import dense_edges, nearest_points
from trackdnn.evaluation.tables import Plain
from trackdnn.events.event import without_truth
from trackdnn.graphs.graph import edge_keys
from trackdnn.graphs.quality import edge_quality
from trackdnn.graphs.voxel_dynamics.cells import positions

if TYPE_CHECKING:
    from trackdnn.events.event import Event
    from trackdnn.graphs.constructor import Constructor
    from trackdnn.graphs.voxel_dynamics.constructor import VoxelDynamics

Result = TypeVar("Result")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Row:
    """What building one graph takes, and what it gives.

    Args:
        name: Of the constructor.
        hits: Of the event.
        seconds: The least of several.
        memory: Peak of what was allocated, bytes.
        edges: Of the graph.
        efficiency: True edges in the graph, of all.
        purity: True edges among those of the graph.
    """

    name: str
    hits: int
    seconds: float
    memory: int
    edges: int
    efficiency: float
    purity: float

    def texts(self) -> tuple[str, ...]:
        """A line of the table."""
        return (
            self.name,
            f"{self.hits:,}",
            f"{self.seconds:.3f}",
            f"{self.memory / 1e6:,.0f}",
            f"{self.edges / max(self.hits, 1):.1f}",
            f"{self.memory / max(self.edges, 1):,.0f}",
            f"{self.efficiency:.4f}",
            f"{self.purity:.4f}",
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Peer:
    """Ours and a dense Voxel-Dynamics on one event, with the same cells.

    Args:
        hits: Of the event.
        edges: Of our graph.
        ours: Seconds, the least of several.
        nearest: Seconds of the peer for the nearest points.
        lookup: Seconds of the peer for the edges.
        ours_memory: Peak of what was allocated, bytes.
        memory: As `ours_memory`, of the peer.
        moved: Hits that single precision puts into another cell.
        differing: Edges that only one of both has, given the same cells of hits.
    """

    hits: int
    edges: int
    ours: float
    nearest: float
    lookup: float
    ours_memory: int
    memory: int
    moved: int
    differing: int

    def texts(self) -> tuple[str, ...]:
        """A line of the table."""
        dense = self.nearest + self.lookup
        return (
            f"{self.hits:,}",
            f"{self.edges:,}",
            f"{self.ours:.3f}",
            f"{self.nearest:.2f} + {self.lookup:.2f}",
            f"{dense / self.ours:.1f}",
            f"{self.ours_memory / 1e6:,.0f}",
            f"{self.memory / 1e6:,.0f}",
            f"{self.moved:,}",
            f"{self.differing:,}",
        )


def timed(work: Callable[[], Result], repeats: int) -> tuple[Result, float]:
    """What `work` gives, and the least seconds that it takes."""
    best = np.inf
    for _ in range(repeats):
        begin = time.perf_counter()
        found = work()
        best = min(best, time.perf_counter() - begin)
    return found, best


def peak(work: Callable[[], Any]) -> int:
    """Most bytes that are allocated at a time during `work`."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def measure(
    name: str, made: Constructor, event: Event, truth: Any, repeats: int
) -> Row:
    """Build the graph of an event, and compare it with truth."""
    blind = without_truth(event)
    graph, seconds = timed(lambda: made.build(blind), repeats)
    quality = edge_quality(event, graph, truth)
    found, total = quality.above(0.0)
    return Row(
        name=name,
        hits=len(event),
        seconds=seconds,
        memory=peak(lambda: made.build(blind)),
        edges=len(graph),
        efficiency=found / max(total, 1),
        purity=quality.right / max(quality.edges, 1),
    )


def compare(made: VoxelDynamics, event: Event, repeats: int) -> Peer:
    """Ours and the dense form on one event.

    Args:
        made: Not folded.
        event: The event.
        repeats: Of ours; the dense form is run once.
    """
    graph, ours = timed(lambda: made.build(event), repeats)
    place, points = positions(event.hits, fold=False), made.cells.points
    cell, nearest = timed(lambda: nearest_points(place, points), 1)
    _, lookup = timed(lambda: dense_edges(event, cell, made.connections), 1)
    exact = made.cells.of(event.hits)[0]
    keys = edge_keys(event, dense_edges(event, exact, made.connections))
    return Peer(
        hits=len(event),
        edges=len(graph),
        ours=ours,
        nearest=nearest,
        lookup=lookup,
        ours_memory=peak(lambda: made.build(event)),
        memory=peak(lambda: dense_edges(event, exact, made.connections)),
        moved=int((cell != exact).sum()),
        differing=len(np.setxor1d(keys, edge_keys(event, graph.edges))),
    )


def size_table(rows: Sequence[Row]) -> Plain:
    """What each constructor takes and gives."""
    header = (
        "Model",
        "Hits",
        "Seconds",
        "Peak MB",
        "Edges per hit",
        "Bytes per edge",
        "Edge efficiency",
        "Purity",
    )
    return Plain("Graphs", header, tuple(row.texts() for row in rows))


def peer_table(peers: Sequence[Peer]) -> Plain:
    """Ours beside the dense form."""
    header = (
        "Hits",
        "Edges",
        "Ours, s",
        "Dense, s",
        "Dense / ours",
        "Ours, MB",
        "Dense, MB",
        "Hits moved by rounding",
        "Edges that differ",
    )
    title = "The same connections, joined and dense"
    return Plain(title, header, tuple(peer.texts() for peer in peers))
