"""How often tracks connect two cells, counted over events.

A pair of hits falls into two cells and a difference of phi bins, here a `link`:

    link = (u * cells + v) * bins + (bin of v's hit - bin of u's hit) mod bins

The pair has two links, one from each of its hits; the smaller one is counted.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from trackdnn.graphs.truth_graphs import true_edges

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from trackdnn.events.event import Event
    from trackdnn.graphs.truth_graphs import Mode
    from trackdnn.graphs.voxel_dynamics.cells import Cells

    Links = NDArray[np.int64]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Counts:
    """What was seen in some events; counts of other events can be added.

    Args:
        links: Ascending, int64 of shape `(links,)`.
        pairs: True pairs of each link, int64 of shape `(links,)`.
        hits: Hits in each cell, int64 of shape `(cells,)`, those of noise too.
        events: Number of events.
    """

    links: Links
    pairs: NDArray[np.int64]
    hits: NDArray[np.int64]
    events: int


def no_counts(cells: int) -> Counts:
    """Of no event."""
    none = np.zeros(0, np.int64)
    hits = np.zeros(cells, np.int64)
    return Counts(links=none, pairs=none, hits=hits, events=0)


def count_event(event: Event, cells: Cells, truth: Mode) -> Counts:
    """The counts of one event with truth."""
    cell, phi_bin = cells.of(event.hits)
    first, second = true_edges(event, truth)
    there = link(cell[first], cell[second], phi_bin[second] - phi_bin[first], cells)
    back = link(cell[second], cell[first], phi_bin[first] - phi_bin[second], cells)
    links, pairs = np.unique(np.minimum(there, back), return_counts=True)
    return Counts(
        links=links,
        pairs=pairs.astype(np.int64),
        hits=np.bincount(cell, minlength=len(cells)).astype(np.int64),
        events=1,
    )


def link(
    u: NDArray[np.integer],
    v: NDArray[np.integer],
    difference: NDArray[np.integer],
    cells: Cells,
) -> Links:
    """The link from cells `u` to cells `v`, int64 of shape `(pairs,)`."""
    pair = u.astype(np.int64) * len(cells) + v
    found: Links = pair * cells.bins + difference % cells.bins
    return found


def unlink(
    links: Links, cells: Cells
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Both cells and the difference of bins of links, int64 `(links,)` each."""
    pair, difference = np.divmod(links, cells.bins)
    u, v = np.divmod(pair, len(cells))
    return u, v, difference


def added(counts: Iterable[Counts]) -> Counts:
    """The counts of all events together; at least one must be given."""
    parts = list(counts)
    links, place = np.unique(
        np.concatenate([part.links for part in parts]), return_inverse=True
    )
    pairs = np.zeros(len(links), np.int64)
    np.add.at(pairs, place, np.concatenate([part.pairs for part in parts]))
    return Counts(
        links=links,
        pairs=pairs,
        hits=np.sum([part.hits for part in parts], axis=0),
        events=sum(part.events for part in parts),
    )
