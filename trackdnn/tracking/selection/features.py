"""What a track and the edges around it say about whether it is true.

| name | meaning |
|---|---|
| `hits` | their number |
| `step_mean`, `step_least` | mean and least logit of the steps |
| `rival_inner` | best logit of an edge that leads inwards from the innermost hit |
| `rival_outer` | the same outwards from the outermost hit |
| `rival` | the same of all other edges that leave the track |
| `d0`, `z0` | mm from the beam line, and where along it |
| `curvature`, `cot_theta` | 1/m; of the helix |
| `residual`, `residual_z` | mm; of the hits from the helix |
| `r_inner`, `r_outer`, `z_inner`, `z_outer` | mm; of the innermost and outermost hit |
| `step` | mm; longest way between two hits that follow each other |
| `clusters` | 1 where the event has shapes of clusters, whose edges are surer |

A step is the best edge from a hit inwards within the track. All are without sign: both
charges and both ends of the detector look the same. Logits lie between -14 and 14.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trackdnn.tracking.builders.clusters import MOST, logits_of, outwards
from trackdnn.tracking.helices import fit_helices

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.events.event import Event
    from trackdnn.graphs.graph import Graph
    from trackdnn.tracking.found import FoundTracks

    Double = NDArray[np.float64]

FEATURES = (
    "hits",
    "step_mean",
    "step_least",
    "rival_inner",
    "rival_outer",
    "rival",
    "d0",
    "z0",
    "curvature",
    "cot_theta",
    "residual",
    "residual_z",
    "r_inner",
    "r_outer",
    "z_inner",
    "z_outer",
    "step",
    "clusters",
)


def track_features(
    event: Event, graph: Graph, tracks: FoundTracks
) -> NDArray[np.float32]:
    """The features of each track.

    Args:
        event: Of the tracks; truth is not looked at.
        graph: The edges that the tracks were built of, with scores.
        tracks: None of them empty.

    Returns:
        Float32 of shape `(tracks, len(FEATURES))`.
    """
    if not len(tracks):
        return np.zeros((0, len(FEATURES)), dtype=np.float32)
    tracks = outwards(event, tracks)
    helices = fit_helices(event.hits, tracks)
    inner, outer = tracks.hits[tracks.offsets[:-1]], tracks.hits[tracks.offsets[1:] - 1]
    columns = {
        "hits": tracks.lengths,
        **_edges(graph, tracks, len(event)),
        "d0": helices.d0,
        "z0": np.abs(helices.z0),
        "curvature": helices.curvature,
        "cot_theta": np.abs(helices.cot_theta),
        "residual": helices.residual,
        "residual_z": helices.residual_z,
        "r_inner": event.hits.r[inner],
        "r_outer": event.hits.r[outer],
        "z_inner": np.abs(event.hits.z[inner]),
        "z_outer": np.abs(event.hits.z[outer]),
        "step": _longest_step(event, tracks),
        "clusters": np.full(len(tracks), event.clusters is not None),
    }
    return np.stack([columns[name] for name in FEATURES], axis=1).astype(np.float32)


def _edges(graph: Graph, tracks: FoundTracks, hits: int) -> dict[str, Double]:
    """Features of the edges in and around tracks, whose hits lie outwards."""
    labels = tracks.labels(hits)
    logit = logits_of(graph)
    sender, receiver = graph.edges
    inside = (labels[sender] == labels[receiver]) & (labels[sender] >= 0)
    best = np.full(hits, -MOST)
    np.maximum.at(best, receiver[inside], logit[inside])
    of_entry = best[tracks.hits]
    of_entry[tracks.offsets[:-1]] = 0.0
    total = np.add.reduceat(of_entry, tracks.offsets[:-1])
    of_entry[tracks.offsets[:-1]] = MOST
    # Best edges of a hit that leave its track, inwards and outwards.
    leaving = ~inside
    into, out = np.full(hits, -MOST), np.full(hits, -MOST)
    np.maximum.at(into, receiver[leaving], logit[leaving])
    np.maximum.at(out, sender[leaving], logit[leaving])
    into, out = into[tracks.hits], out[tracks.hits]
    first, last = tracks.offsets[:-1], tracks.offsets[1:] - 1
    inner, outer = into[first].copy(), out[last].copy()
    into[first], out[last] = -MOST, -MOST
    return {
        "step_mean": total / np.maximum(tracks.lengths - 1, 1),
        "step_least": np.minimum.reduceat(of_entry, first),
        "rival_inner": inner,
        "rival_outer": outer,
        "rival": np.maximum.reduceat(np.maximum(into, out), first),
    }


def _longest_step(event: Event, tracks: FoundTracks) -> Double:
    place = np.stack([event.hits.x, event.hits.y, event.hits.z])[:, tracks.hits]
    step = np.zeros(len(tracks.hits))
    step[1:] = np.sqrt((np.diff(place, axis=1) ** 2).sum(axis=0))
    step[tracks.offsets[:-1]] = 0.0
    return np.asarray(np.maximum.reduceat(step, tracks.offsets[:-1]))
