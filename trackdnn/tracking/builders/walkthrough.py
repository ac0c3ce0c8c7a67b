"""Components without a branch are tracks; in the others, the best walks are.

A walk leads outwards along edges and is worth the sum over them of
`logit(score) - logit(add)`. It takes edges that are likelier than `add`, and less
likely ones, which its other edges must make good, only where neither end has a better
edge: a walk shall not go on with the end of another track. The best walk is a track,
its hits go, and so on until no walk is worth anything.

Source: the idea is that of the track building of Exa.TrkX' successor acorn
(GNN4ITkTeam/CommonFramework, `CCandWalk`), which takes the longest of the allowed walks
from one hit after the other; here the best one of all comes first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trackdnn.tracking.builders.clusters import component_labels, scores_of, tracks_of
from trackdnn.tracking.builders.paths import best_paths
from trackdnn.tracking.found import FoundTracks, from_lists

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.events.event import Event
    from trackdnn.graphs.graph import Graph
    from trackdnn.settings.finding import WalkthroughSettings

# Scores of 0 and 1 have no logit; beyond this they are not told apart.
_SMALLEST = 1e-6
# Integers per unit of a logit.
_STEPS = 2**24


class Walkthrough:
    """Simple components first, then the best walks.

    Args:
        settings: Its block of settings.
    """

    def __init__(self, settings: WalkthroughSettings) -> None:
        self._settings = settings

    def build(self, event: Event, graph: Graph) -> FoundTracks:
        """The tracks of an event: simple ones, then walks, hits outwards."""
        score = scores_of(graph)
        good = score > self._settings.cut
        edges, score = graph.edges[:, good], score[good]
        labels = component_labels(graph.hits, edges)
        simple = without_branch(labels, edges)
        whole = np.where((labels >= 0) & simple[labels], labels, -1)
        rest = ~simple[labels[edges[0]]]
        rest &= (score > self._settings.add) | best_of_both(graph.hits, edges, score)
        weight = logit_steps(score[rest], self._settings.add)
        walks = best_paths(graph.hits, edges[:, rest], weight)
        least = self._settings.min_hits
        return _joined(
            tracks_of(event, whole, least),
            from_lists([walk for walk in walks if len(walk) >= least]),
        )


def best_of_both(
    hits: int, edges: NDArray[np.integer], score: NDArray[np.floating]
) -> NDArray[np.bool_]:
    """Which edges are the best one outwards of one end and inwards of the other.

    Args:
        hits: Number of hits.
        edges: Of shape `(2, edges)`.
        score: Of shape `(edges,)`.
    """
    good = np.ones(len(score), dtype=bool)
    for side in edges:
        best = np.zeros(hits, dtype=score.dtype)
        np.maximum.at(best, side, score)
        good &= score >= best[side]
    return good


def logit_steps(score: NDArray[np.floating], zero: float) -> NDArray[np.int64]:
    """Logit of scores above that of `zero`, in whole steps, of shape `(edges,)`."""
    inside = np.clip(score.astype(np.float64), _SMALLEST, 1 - _SMALLEST)
    at = min(max(zero, _SMALLEST), 1 - _SMALLEST)
    logit = np.log(inside / (1 - inside)) - np.log(at / (1 - at))
    return np.asarray(np.rint(logit * _STEPS), dtype=np.int64)


def without_branch(
    labels: NDArray[np.int32], edges: NDArray[np.integer]
) -> NDArray[np.bool_]:
    """Which components have no hit with two edges inwards or two outwards.

    Edges have no cycle, so such a component is one path. The last entry is for the
    label -1.
    """
    simple = np.ones(labels.max(initial=-1) + 2, dtype=bool)
    for side in edges:
        branch = np.bincount(side, minlength=len(labels)) > 1
        simple[labels[branch]] = False
    return simple


def _joined(first: FoundTracks, second: FoundTracks) -> FoundTracks:
    offsets = np.concatenate([first.offsets, first.offsets[-1] + second.offsets[1:]])
    return FoundTracks(hits=np.concatenate([first.hits, second.hits]), offsets=offsets)
