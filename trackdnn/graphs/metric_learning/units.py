"""One event as the arrays that places of hits are learned from.

| array      | shape        | what                                                  |
|------------|--------------|-------------------------------------------------------|
| `nodes`    | (hits, F)    | columns of the hits                                   |
| `particle` | (hits,)      | number of the particle in the event, 0 for none       |
| `edges`    | (2, edges)   | true edges, rows of `nodes`                           |
| `event`    | (1,)         | 0                                                     |
| `home`     | (hits,)      | row of `event`: events of a batch do not meet         |
| `query`    | (queries,)   | rows of `nodes`: one end of some true edges           |
| `partner`  | (queries,)   | the other end of each                                 |
| `other`    | (others,)    | rows of `nodes` to keep the queries apart from        |
| `weight`   | (queries,)   | 1                                                     |

The first three belong to the event. In each epoch all but `edges` is drawn anew, with
those of the hits that are a query, a partner or an other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from trackdnn.events.event import without_truth
from trackdnn.events.features import node_features
from trackdnn.graphs.truth_graphs import true_edges

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.events.event import Event
    from trackdnn.settings.finding.metric_learning import MetricLearningSettings

    Unit = dict[str, NDArray[Any]]

# By array of indices, the array whose rows they count.
REFERS = {
    "home": "event",
    "query": "nodes",
    "partner": "nodes",
    "other": "nodes",
}


def unit_of(event: Event, settings: MetricLearningSettings) -> Unit:
    """The arrays of an event that stay the same.

    Args:
        event: With truth of the particles that count.
        settings: The block of the constructor.
    """
    return {
        "nodes": node_features(without_truth(event), settings.node_features),
        "particle": event.owner() + np.int32(1),
        "edges": true_edges(event, settings.truth),
    }


def draw(
    unit: Unit, settings: MetricLearningSettings, rng: np.random.Generator
) -> Unit:
    """An event as a training sees it once.

    Each true edge is as likely as any other to be drawn, and each of its ends to be
    the query.

    Args:
        unit: Of `unit_of`.
        settings: How many queries, and how many others, at most.
        rng: Where randomness comes from.
    """
    edges = unit["edges"]
    drawn = edges[:, _some(edges.shape[1], settings.queries, rng)]
    turned = rng.random(drawn.shape[1]) < 0.5
    query, partner = np.where(turned, drawn[::-1], drawn)
    other = _some(len(unit["nodes"]), settings.others, rng)
    # No hit is given a place that nothing is asked of.
    rows = np.concatenate([query, partner, other])
    used, place = np.unique(rows, return_inverse=True)
    ends = np.cumsum([len(query), len(partner)])
    parts = np.split(place.astype(np.int32), ends)
    return {
        "nodes": unit["nodes"][used],
        "particle": unit["particle"][used],
        "event": np.zeros(1, np.int32),
        "home": np.zeros(len(used), np.int32),
        **dict(zip(("query", "partner", "other"), parts, strict=True)),
        "weight": np.ones(len(query), np.float32),
    }


def _some(total: int, most: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Different rows out of `total`, `most` of them or all."""
    if total <= most:
        return np.arange(total)
    return rng.choice(total, most, replace=False, shuffle=False)
