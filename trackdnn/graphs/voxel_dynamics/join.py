"""Hits in connected cells, as pairs.

Hits are sorted by cell and bin, so that a run of connections is a range of hits. Only
cells with hits are looked at, in pieces of the hits: memory goes with the edges.
"""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING

import numpy as np

from trackdnn.graphs.graph import Graph

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from trackdnn.events.event import Event
    from trackdnn.graphs.voxel_dynamics.connections import Connections

    Int = NDArray[np.int32]
    Edges = tuple[Int, Int, NDArray[np.float32]]

# Edges or runs of one piece, about.
PIECE = 1 << 22
# Rows of two hits of a piece must fit into as many bits, beside a score of 32.
_BITS = 31


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sorted:
    """The hits of an event, sorted by cell and bin of phi.

    Args:
        rank: Place of each hit in the order of distance from the origin, `(hits,)`.
        cell: Cell of each hit, `(hits,)`.
        phi_bin: Bin of each hit, `(hits,)`.
        order: Rows of the hits by cell and bin; those of a cell come twice in sequence,
            so that ranges go on beyond phi = pi. Of shape `(2 * hits,)`.
        starts: Where each bin of each cell with hits begins in `order`, all bins of a
            cell twice, of shape `(2 * bins * cells with hits + 1,)`.
        occupied: Number of each cell among those with hits, of shape `(cells,)`.
        last: Largest rank of the hits of each cell, -1 without, of shape `(cells,)`.
    """

    rank: Int
    cell: Int
    phi_bin: Int
    order: Int
    starts: Int
    occupied: Int
    last: Int


def join(
    event: Event, cell: Int, phi_bin: Int, connections: Connections, piece: int = PIECE
) -> Graph:
    """The graph of all pairs of hits in connected cells.

    Args:
        event: The event.
        cell: Cell of each hit, int32 of shape `(hits,)`.
        phi_bin: Bin of each hit, int32 of shape `(hits,)`.
        connections: Which cells are connected.
        piece: Edges or runs to hold at a time, about.

    Returns:
        The graph; scores are the probabilities of the connections.
    """
    none = np.zeros(0, np.int32)
    parts: list[Edges] = [(none, none, none.astype(np.float32))]
    hits = _sorted(event, cell, phi_bin, connections)
    runs = np.diff(connections.offsets)[cell]
    work = np.cumsum(np.maximum(runs, 1 + piece * len(event) // (1 << (_BITS - 1))))
    cuts = np.flatnonzero(np.diff(work // piece, prepend=-1))
    for low, high in itertools.pairwise([*cuts.tolist(), len(event)]):
        parts += _pieces(low, high, hits, connections, piece)
    first, second, score = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Graph(hits=len(event), edges=np.stack([first, second]), score=score)


def _sorted(event: Event, cell: Int, phi_bin: Int, connections: Connections) -> Sorted:
    bins, cells = connections.bins, len(connections.offsets) - 1
    rank = np.empty(len(event), np.int32)
    by_distance = np.argsort(event.hits.distance, kind="stable")
    rank[by_distance] = np.arange(len(event), dtype=np.int32)
    last = np.full(cells, -1, np.int32)
    # The last write stands, and ranks ascend.
    last[cell[by_distance]] = rank[by_distance]
    full = last >= 0
    occupied = (np.cumsum(full) - 1).astype(np.int32)
    place = occupied[cell].astype(np.int64) * bins + phi_bin
    counts = np.bincount(place, minlength=int(full.sum()) * bins).reshape(-1, bins)
    starts = np.append(0, np.cumsum(np.tile(counts, 2))).astype(np.int32)
    order = np.argsort(place, kind="stable").astype(np.int32)
    in_cell = counts.sum(axis=1)[occupied[cell[order]]]
    before = starts[:: 2 * bins][occupied[cell[order]]] // 2
    twice = np.empty(2 * len(event), np.int32)
    slot = np.arange(len(event)) + before
    twice[slot] = twice[slot + in_cell] = order
    return Sorted(
        rank=rank,
        cell=cell,
        phi_bin=phi_bin,
        order=twice,
        starts=starts,
        occupied=occupied,
        last=last,
    )


def _pieces(
    low: int, high: int, hits: Sorted, connections: Connections, piece: int
) -> Iterator[Edges]:
    """Edges whose first hit is from `low` to before `high`, in order."""
    source, begin, count, run, phase = _ranges(low, high, hits, connections)
    total = np.cumsum(count, dtype=np.int64)
    # All ranges of a hit stay together: its edges are sorted together.
    end_of_hit = np.flatnonzero(np.diff(source, append=-1))
    cuts = np.flatnonzero(np.diff(total[end_of_hit] // piece, append=-1))
    start = 0
    for stop in end_of_hit[cuts] + 1:
        part = slice(start, int(stop))
        edges = _expanded(
            source[part],
            begin[part],
            count[part],
            run[part],
            phase[part],
            hits,
            connections,
        )
        yield _in_order(low, high, *edges, len(hits.cell))
        start = int(stop)


def _ranges(
    low: int, high: int, hits: Sorted, connections: Connections
) -> tuple[Int, Int, Int, NDArray[np.int64], Int]:
    """For each first hit the ranges of `order` that it is connected with.

    Returns:
        First hit, begin and length of the range, run and first bin; each `(ranges,)`.
    """
    bins, cell = connections.bins, hits.cell[low:high]
    begin, end = connections.offsets[cell], connections.offsets[cell + 1]
    rows = np.arange(low, high, dtype=np.int32)
    run = each_range(begin, end - begin)
    source = np.repeat(rows, end - begin)
    # Cells without hits, or without a hit farther out, give no edge.
    far = np.flatnonzero(
        hits.last[connections.cell[run]] > np.repeat(hits.rank[rows], end - begin)
    )
    run, source = run[far], source[far]
    phase = (connections.start[run] + hits.phi_bin[source] - bins // 2) % bins
    base = hits.occupied[connections.cell[run]].astype(np.int64) * (2 * bins) + phase
    start = hits.starts[base]
    count = hits.starts[base + connections.length[run]] - start
    some = np.flatnonzero(count)
    return source[some], start[some], count[some], run[some], phase[some]


def _expanded(
    source: Int,
    begin: Int,
    count: Int,
    run: NDArray[np.int64],
    phase: Int,
    hits: Sorted,
    connections: Connections,
) -> Edges:
    """Each first hit with all hits of its ranges that are farther out."""
    second = hits.order[each_range(begin, count)]
    rank = np.repeat(hits.rank[source], count)
    kept = np.flatnonzero(hits.rank[second] > rank)
    second = second[kept]
    of = np.repeat(np.arange(len(source), dtype=np.int32), count)[kept]
    entry = connections.entry[run][of]
    if connections.bins > 1:
        entry += (hits.phi_bin[second] - phase[of]) % connections.bins
    return source[of], second, connections.probability[entry]


def _in_order(
    low: int, high: int, first: Int, second: Int, score: NDArray[np.float32], hits: int
) -> Edges:
    """Edges sorted by first and second hit, with one sort of plain numbers."""
    pair = (first - low).astype(np.int64) * hits + second
    packed = (pair << 32) | score.view(np.int32)
    packed.sort()
    each = np.bincount(first - low, minlength=high - low)
    first = np.repeat(np.arange(low, high, dtype=np.int32), each)
    second = ((packed >> 32) - (first - low).astype(np.int64) * hits).astype(np.int32)
    return first, second, (packed & 0xFFFFFFFF).astype(np.int32).view(np.float32)


def each_range(
    start: NDArray[np.integer], count: NDArray[np.integer]
) -> NDArray[np.int64]:
    """The numbers `start` to `start + count - 1` of each range, one after the other."""
    before = np.cumsum(count) - count
    numbers: NDArray[np.int64] = np.arange(count.sum())
    numbers += np.repeat(start - before, count)
    return numbers
