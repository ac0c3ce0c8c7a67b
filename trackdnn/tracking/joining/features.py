"""What two tracks say about whether they are pieces of one.

| name | meaning |
|---|---|
| `hits_inner`, `hits_outer` | hits of each |
| `residual`, `residual_z` | mm; of all hits from one helix through both |
| `own`, `own_z` | mm; the greater residual of each from its own helix |
| `d0`, `z0` | mm; of the helix through both |
| `curvature`, `cot_theta` | 1/m; of that helix |
| `curvature_gap`, `cot_theta_gap` | difference of those of both |
| `turn_inner`, `turn_outer` | rad; from the end of the inner one to the way between \
both, and from there to the beginning of the outer one; the sum is not negative |
| `rise_inner`, `rise_outer` | the same of the pseudorapidity, without sign |
| `gap` | mm; way between both |
| `r_inner`, `r_outer` | mm; of its ends |
| `z_inner`, `z_outer` | mm, without sign; of its ends |
| `edge` | logit of the edge between both ends |
| `rival_inner` | best logit of another edge outwards from the end of the inner one |
| `rival_outer` | the same inwards from the beginning of the outer one |
| `clusters` | 1 where the event has shapes of clusters |

Both charges and both ends of the detector look the same. Logits lie between -14 and 14;
-14 stands for no edge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trackdnn.graphs.edge_filter.features import turn
from trackdnn.tracking.builders.clusters import MOST, logits_of
from trackdnn.tracking.found import FoundTracks
from trackdnn.tracking.helices import fit_helices
from trackdnn.tracking.joining.pairs import direction, places

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.events.event import Event
    from trackdnn.graphs.graph import Graph
    from trackdnn.tracking.joining.pairs import Ends

    Double = NDArray[np.float64]
    Int = NDArray[np.int64]

FEATURES = (
    "hits_inner",
    "hits_outer",
    "residual",
    "residual_z",
    "own",
    "own_z",
    "d0",
    "z0",
    "curvature",
    "cot_theta",
    "curvature_gap",
    "cot_theta_gap",
    "turn_inner",
    "turn_outer",
    "rise_inner",
    "rise_outer",
    "gap",
    "r_inner",
    "r_outer",
    "z_inner",
    "z_outer",
    "edge",
    "rival_inner",
    "rival_outer",
    "clusters",
)


def pair_features(
    event: Event, graph: Graph, tracks: FoundTracks, ends: Ends, pairs: Int
) -> NDArray[np.float32]:
    """The features of pairs of tracks.

    Args:
        event: Of the tracks; truth is not looked at.
        graph: The edges that the tracks were built of, with scores.
        tracks: From the inside outwards.
        ends: Of the tracks.
        pairs: Rows of inner and outer tracks, of shape `(2, pairs)`.

    Returns:
        Float32 of shape `(pairs, len(FEATURES))`.
    """
    inner, outer = pairs
    columns = {
        "hits_inner": tracks.lengths[inner],
        "hits_outer": tracks.lengths[outer],
        **_helices(event, tracks, pairs),
        **_ways(event, ends, pairs),
        **_edges(graph, ends, pairs),
        "clusters": np.full(len(inner), event.clusters is not None),
    }
    return np.stack([columns[name] for name in FEATURES], axis=1).astype(np.float32)


def together(tracks: FoundTracks, pairs: Int) -> FoundTracks:
    """One track of the hits of each pair."""
    lengths = tracks.lengths[pairs].T.ravel()
    starts = tracks.offsets[:-1][pairs].T.ravel()
    ends = np.cumsum(lengths)
    entry = np.arange(lengths.sum()) + np.repeat(starts - ends + lengths, lengths)
    offsets = np.concatenate([[0], ends[1::2]]).astype(np.int64)
    return FoundTracks(hits=tracks.hits[entry], offsets=offsets)


def _helices(event: Event, tracks: FoundTracks, pairs: Int) -> dict[str, Double]:
    inner, outer = pairs
    both = fit_helices(event.hits, together(tracks, pairs))
    one = fit_helices(event.hits, tracks)
    return {
        "residual": both.residual,
        "residual_z": both.residual_z,
        "own": np.maximum(one.residual[inner], one.residual[outer]),
        "own_z": np.maximum(one.residual_z[inner], one.residual_z[outer]),
        "d0": both.d0,
        "z0": np.abs(both.z0),
        "curvature": both.curvature,
        "cot_theta": np.abs(both.cot_theta),
        "curvature_gap": np.abs(one.curvature[inner] - one.curvature[outer]),
        "cot_theta_gap": np.abs(one.cot_theta[inner] - one.cot_theta[outer]),
    }


def _ways(event: Event, ends: Ends, pairs: Int) -> dict[str, Double]:
    place = places(event.hits)
    start, end = ends.outer[pairs[0]], ends.inner[pairs[1]]
    way = place[:, end] - place[:, start]
    before = direction(way) - direction(ends.outer_step[:, pairs[0]])
    after = direction(ends.inner_step[:, pairs[1]]) - direction(way)
    first, second = turn(before[1]), turn(after[1])
    sign = np.where(first + second < 0, -1.0, 1.0)
    return {
        "turn_inner": sign * first,
        "turn_outer": sign * second,
        "rise_inner": np.abs(before[0]),
        "rise_outer": np.abs(after[0]),
        "gap": np.sqrt((way**2).sum(axis=0)),
        "r_inner": np.hypot(*place[:2, start]),
        "r_outer": np.hypot(*place[:2, end]),
        "z_inner": np.abs(place[2, start]),
        "z_outer": np.abs(place[2, end]),
    }


def _edges(graph: Graph, ends: Ends, pairs: Int) -> dict[str, Double]:
    """Logits of the edge of each pair, and of the best other ones of its ends."""
    logit = logits_of(graph)
    key = graph.edges[0].astype(np.int64) * graph.hits + graph.edges[1]
    order = np.argsort(key)
    start, end = ends.outer[pairs[0]].astype(np.int64), ends.inner[pairs[1]]
    wanted = start * graph.hits + end
    place = np.minimum(np.searchsorted(key[order], wanted), max(len(key) - 1, 0))
    edge = np.full(len(wanted), -MOST)
    if len(key):
        there = key[order][place] == wanted
        edge[there] = logit[order[place[there]]]
    return {
        "edge": edge,
        "rival_inner": _rival(graph.edges[0], logit, start, edge, graph.hits),
        "rival_outer": _rival(graph.edges[1], logit, end, edge, graph.hits),
    }


def _rival(
    side: NDArray[np.int32], logit: Double, hit: Int, edge: Double, hits: int
) -> Double:
    """Best logit of the edges of each hit on a side, but for the edge itself."""
    best, second = np.full(hits, -MOST), np.full(hits, -MOST)
    np.maximum.at(best, side, logit)
    less = logit < best[side]
    np.maximum.at(second, side[less], logit[less])
    several = np.bincount(side[~less], minlength=hits) > 1
    second[several] = best[several]
    # The best one of the hit is the edge itself, if there is one of that logit.
    return np.where((edge > -MOST) & (best[hit] == edge), second[hit], best[hit])
