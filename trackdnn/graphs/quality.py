"""How good the edges of a graph are: counts, which add up over events.

| figure          | edges                                                              |
|-----------------|--------------------------------------------------------------------|
| edge efficiency | true edges in the graph / true edges of the particles asked for    |
| purity          | edges that are true edges of any particle / edges of the graph     |
| same particle   | edges between two hits of one particle / edges of the graph        |

Which edges are true depends on the mode (`trackdnn.graphs.truth_graphs`).
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from trackdnn.events.layers import LAYERS, layer_index
from trackdnn.graphs.graph import edge_keys
from trackdnn.graphs.truth_graphs import true_edges

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.events.event import Event
    from trackdnn.graphs.graph import Graph
    from trackdnn.graphs.truth_graphs import Mode

    Counts = NDArray[np.int64]

PT_EDGES = (0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1.2, 1.6, 2.0, 3.0, 5.0, 10.0, np.inf)
ETA_EDGES = tuple(0.5 * step for step in range(-8, 9))
SCORE_BINS = 100
# The last place is that of layers of another detector.
_LAYERS = len(LAYERS) + 1


@dataclasses.dataclass(frozen=True, kw_only=True)
class EdgeQuality:
    """Counts of one event, or the sums of several.

    Args:
        events: Events counted.
        hits: Their hits.
        edges: Edges of their graphs.
        right: Of those, true edges of any particle.
        same: Of those, between hits of one particle.
        wanted: True edges of the particles that are asked for.
        found: Of those, in the graph.
        pt_total: Those asked for by pT of the particle, int64 of shape
            `(len(PT_EDGES) - 1,)`.
        pt_found: Of those, in the graph.
        eta_total: As `pt_total` by pseudorapidity; what lies outside is left out.
        eta_found: Of those, in the graph.
        layer_total: True edges by the layers of their two ends, `(49, 49)`: places in
            `LAYERS`, 48 for a layer of another detector.
        layer_found: Of those, in the graph.
        layer_edges: Edges of the graph in the same way.
        score_edges: Edges by score, in `SCORE_BINS` bins of 0 to 1; in the highest
            where there are no scores.
        score_right: Of those, true edges of any particle.
        score_found: Of those, true edges of particles that are asked for.
    """

    events: int
    hits: int
    edges: int
    right: int
    same: int
    wanted: int
    found: int
    pt_total: Counts
    pt_found: Counts
    eta_total: Counts
    eta_found: Counts
    layer_total: Counts
    layer_found: Counts
    layer_edges: Counts
    score_edges: Counts
    score_right: Counts
    score_found: Counts

    def __add__(self, other: EdgeQuality) -> EdgeQuality:
        names = [field.name for field in dataclasses.fields(self)]
        sums = {name: getattr(self, name) + getattr(other, name) for name in names}
        return EdgeQuality(**sums)

    def above(self, min_pt: float) -> tuple[int, int]:
        """True edges found, and all, of particles from some pT on.

        Args:
            min_pt: GeV; one of `PT_EDGES`.

        Raises:
            ValueError: If it is none of them.
        """
        if min_pt not in PT_EDGES:
            raise ValueError(
                f"`min_pt` must be one of {PT_EDGES}. Received: min_pt={min_pt}"
            )
        bins = slice(PT_EDGES.index(min_pt), None)
        return int(self.pt_found[bins].sum()), int(self.pt_total[bins].sum())


def edge_quality(
    event: Event,
    graph: Graph,
    mode: Mode,
    counted: NDArray[np.bool_] | None = None,
) -> EdgeQuality:
    """Compares a graph with the truth.

    Args:
        event: An event with truth.
        graph: What a constructor made of it.
        mode: Which edges are true.
        counted: Particles whose true edges are asked for, of shape `(particles,)`;
            `None` for all.

    Returns:
        The counts of this event.
    """
    owner, (_, particles) = event.owner(), event.known()
    ours = edge_keys(event, graph.edges)
    true = true_edges(event, mode)
    asked = np.ones(true.shape[1], dtype=bool)
    if counted is not None:
        asked = counted[owner[true[0]]]
    right = np.isin(ours, edge_keys(event, true))
    wanted, keys = true[:, asked], edge_keys(event, true)[asked]
    hit = np.isin(keys, ours)
    row = owner[wanted[0]]
    score = _score_bin(graph)
    layers = layer_index(event.hits.volume, event.hits.layer) % _LAYERS
    return EdgeQuality(
        events=1,
        hits=len(event),
        edges=len(graph),
        right=int(right.sum()),
        same=int(_same(owner, graph.edges).sum()),
        wanted=wanted.shape[1],
        found=int(hit.sum()),
        pt_total=_histogram(particles.pt[row], PT_EDGES),
        pt_found=_histogram(particles.pt[row[hit]], PT_EDGES),
        eta_total=_histogram(particles.eta[row], ETA_EDGES),
        eta_found=_histogram(particles.eta[row[hit]], ETA_EDGES),
        layer_total=_layer_pairs(layers, wanted),
        layer_found=_layer_pairs(layers, wanted[:, hit]),
        layer_edges=_layer_pairs(layers, graph.edges),
        score_edges=np.bincount(score, minlength=SCORE_BINS),
        score_right=np.bincount(score[right], minlength=SCORE_BINS),
        score_found=np.bincount(score[np.isin(ours, keys)], minlength=SCORE_BINS),
    )


def _same(owner: NDArray[np.int32], edges: NDArray[np.int32]) -> NDArray[np.bool_]:
    first, second = owner[edges[0]], owner[edges[1]]
    same: NDArray[np.bool_] = (first == second) & (first >= 0)
    return same


def _score_bin(graph: Graph) -> NDArray[np.int64]:
    if graph.score is None:
        return np.full(len(graph), SCORE_BINS - 1)
    place = (graph.score * SCORE_BINS).astype(np.int64)
    return np.clip(place, 0, SCORE_BINS - 1)


def _histogram(
    values: NDArray[np.floating], edges: tuple[float, ...]
) -> NDArray[np.int64]:
    """Counts per bin; NaN, as of unknown momenta, is in none."""
    place = np.searchsorted(edges, values[np.isfinite(values)], side="right")
    return np.bincount(place, minlength=len(edges) + 1)[1 : len(edges)]


def _layer_pairs(
    layers: NDArray[np.int32], edges: NDArray[np.int32]
) -> NDArray[np.int64]:
    place = layers[edges[0]].astype(np.int64) * _LAYERS + layers[edges[1]]
    return np.bincount(place, minlength=_LAYERS**2).reshape(_LAYERS, _LAYERS)
