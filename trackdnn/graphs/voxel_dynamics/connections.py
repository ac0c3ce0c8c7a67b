"""From counts to the probability that two hits are a true pair.

For hits in cells u and v at a difference d of phi bins, over all training events,

    T(u, v, d)  true pairs
    F(u, v, d)  pairs by chance = M(u) M(v) / bins * SIZE / N
    p = T / (T + F)

with M the hits of a cell and N all hits of the training. F is what independent hits
give, with phi spread evenly: in an event of n hits, M(u) M(v) n^2 / N^2 pairs, and of
events of `SIZE` hits it takes N / SIZE to have N hits. So p is that of an event of
`SIZE` hits, whatever the events of the training; in one of n hits, chance weighs
n / SIZE times as much.

Few counts say little, so T is not the number n of counted pairs alone. With S what n is
when it is shared with neighbours, and a the `strength`,

    T = S (a + n) / (a + S)

the mean of a gamma distribution of mean S and shape a after n were counted: n where
much was counted, and S where nothing was. For S, a share `smooth` of each count goes to
links that start in one of the nearest cells of u or end in one of the nearest of v, and
then a share `smooth` of what is there to the two next bins. With `mirror`, a pair of
cells and its mirror image are counted together.

Source: this project. HyperTrack (arXiv:2309.14113) keeps which cells were ever seen
together: `smooth` 0, `cut` 0, without mirror.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse

from trackdnn.graphs.voxel_dynamics.counts import link, unlink

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.graphs.voxel_dynamics.cells import Cells
    from trackdnn.graphs.voxel_dynamics.counts import Counts
    from trackdnn.settings.finding import VoxelDynamicsSettings

    Int = NDArray[np.int32]
    Links = NDArray[np.int64]
    Weights = NDArray[np.float64]

# Hits of the event that probabilities are of.
SIZE = 10_000


@dataclasses.dataclass(frozen=True, kw_only=True)
class Connections:
    """Which cells are connected, in runs of neighbouring differences of phi bins.

    Symmetric: from v to u there is what is from u to v, with the other sign of the
    difference. A run holds the differences `start - bins // 2` and the `length - 1`
    after it; its probabilities begin at `entry`.

    Args:
        bins: Bins of phi.
        offsets: First run of each cell, int64 of shape `(cells + 1,)`.
        cell: The other cell of each run, int32 of shape `(runs,)`.
        start: Int32 of shape `(runs,)`, 0 to `bins - 1`.
        length: Int32 of shape `(runs,)`, at least 1.
        entry: Int64 of shape `(runs,)`.
        probability: In an event of `SIZE` hits, float32 of shape `(entries,)`, above 0
            and at most 1.
    """

    bins: int
    offsets: NDArray[np.int64]
    cell: Int
    start: Int
    length: Int
    entry: NDArray[np.int64]
    probability: NDArray[np.float32]


def connect(
    counts: Counts, cells: Cells, settings: VoxelDynamicsSettings
) -> Connections:
    """Cells that are connected with more than `settings.cut`."""
    links, true = _both_ways(counts, cells, settings.least)
    hits = counts.hits.astype(np.float64)
    if settings.mirror:
        links, true = _summed(
            np.concatenate([links, _mirror_image(links, cells)]), np.tile(true, 2)
        )
        hits = hits + hits[cells.mirrored]
    if settings.smooth > 0:
        links, true = _backed(links, true, cells, settings)
    probability = _probability(links, true, hits, cells)
    kept = np.flatnonzero(probability > settings.cut)
    return _in_runs(links[kept], probability[kept], cells)


def _both_ways(counts: Counts, cells: Cells, least: int) -> tuple[Links, Weights]:
    """Pairs of each link as seen from each of their hits."""
    seen = counts.pairs >= least
    links, pairs = counts.links[seen], counts.pairs[seen].astype(np.float64)
    back = _turned(links, cells)
    return _summed(np.concatenate([links, back]), np.tile(pairs, 2))


def _turned(links: Links, cells: Cells) -> Links:
    """The links as seen from their other hit."""
    u, v, difference = unlink(links, cells)
    return link(v, u, -difference, cells)


def _mirror_image(links: Links, cells: Cells) -> Links:
    u, v, difference = unlink(links, cells)
    return link(cells.mirrored[u], cells.mirrored[v], difference, cells)


def _summed(links: Links, weights: Weights) -> tuple[Links, Weights]:
    """Each link once, ascending, with the sum of its weights."""
    order = np.argsort(links, kind="stable")
    links, weights = links[order], weights[order]
    first = np.flatnonzero(np.diff(links, prepend=-1))
    if not len(first):
        return links, weights
    return links[first], np.add.reduceat(weights, first)


def _backed(
    links: Links, counted: Weights, cells: Cells, settings: VoxelDynamicsSettings
) -> tuple[Links, Weights]:
    """True pairs of links that were counted, or whose neighbours were."""
    everywhere, shared = _shared(links, counted, cells, settings)
    pairs = np.zeros(len(everywhere))
    pairs[np.searchsorted(everywhere, links)] = counted
    a = settings.strength
    return everywhere, shared * (a + pairs) / (a + shared)


def _shared(
    links: Links, true: Weights, cells: Cells, settings: VoxelDynamicsSettings
) -> tuple[Links, Weights]:
    """Counts with a share of them at neighbouring cells and bins."""
    share = settings.smooth
    near = cells.neighbours(settings.neighbours)
    if near.shape[1]:
        spread = _to_neighbours(links, true * share / 2, near, cells)
        turned = (_turned(spread[0], cells), spread[1])
        links, true = _summed(
            np.concatenate([links, spread[0], turned[0]]),
            np.concatenate([true * (1 - share), spread[1], turned[1]]),
        )
    if cells.bins < 3:
        return links, true
    u, v, difference = unlink(links, cells)
    sides = [link(u, v, difference + step, cells) for step in (-1, 1)]
    weights = [true * (1 - share), true * share / 2, true * share / 2]
    return _summed(np.concatenate([links, *sides]), np.concatenate(weights))


def _to_neighbours(
    links: Links, weights: Weights, near: Int, cells: Cells
) -> tuple[Links, Weights]:
    """Weights that move to links whose first cell is a neighbour, evenly."""
    count = near.shape[1]
    places = np.arange(len(cells) + 1) * count
    even = np.full(near.size, 1 / count)
    size = (len(cells), len(cells) * cells.bins)
    to = scipy.sparse.csr_array((even, near.ravel(), places), shape=(size[0],) * 2)
    first, rest = np.divmod(links, size[1])
    table = scipy.sparse.csr_array((weights, (first, rest)), shape=size)
    moved = (to.T.tocsr() @ table).tocoo()
    u, rest = (axis.astype(np.int64) for axis in moved.coords)
    return _summed(u * size[1] + rest, moved.data)


def _probability(
    links: Links, true: Weights, hits: Weights, cells: Cells
) -> NDArray[np.float32]:
    u, v, _ = unlink(links, cells)
    total = hits.sum()
    # Counts that were shared may have reached a cell that never had a hit.
    hits = np.maximum(hits, 1.0)
    chance = hits[u] * hits[v] / cells.bins * (SIZE / max(total, 1.0))
    found: NDArray[np.float32] = (true / (true + chance)).astype(np.float32)
    return found


def _in_runs(
    links: Links, probability: NDArray[np.float32], cells: Cells
) -> Connections:
    u, v, difference = unlink(links, cells)
    # Small differences of either sign side by side: fewer runs.
    start = (difference + cells.bins // 2) % cells.bins
    order = np.lexsort((start, v, u))
    place = ((u * len(cells) + v) * (cells.bins + 1) + start)[order]
    first = np.flatnonzero(np.diff(place, prepend=-2) != 1)
    run = order[first]
    return Connections(
        bins=cells.bins,
        offsets=np.searchsorted(u[run], np.arange(len(cells) + 1)).astype(np.int64),
        cell=v[run].astype(np.int32),
        start=start[run].astype(np.int32),
        length=np.diff(np.append(first, len(links))).astype(np.int32),
        entry=first.astype(np.int64),
        probability=probability[order],
    )
