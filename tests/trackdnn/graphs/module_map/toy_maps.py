"""Maps of toy events, and plain loops over what they allow."""

from functools import cache

import numpy as np

from tests.trackdnn.toy_events import toy_event
from trackdnn.graphs.module_map.geometry import doublets
from trackdnn.graphs.module_map.learning import COUNT, Learner
from trackdnn.graphs.module_map.regions import places_of
from trackdnn.settings.finding import ModuleMapSettings


@cache
def toy_map(events=6, **changes):
    """Settings, and the map of some toy events."""
    settings = ModuleMapSettings(**changes)
    learner = Learner(settings, np.random.default_rng(1))
    for seed in range(events):
        learner.add(toy_event(80, seed=seed))
    return settings, learner.learned()


def slow_doublets(event, settings, learned):
    """Every two hits: are they in a link of the map, and in its ranges?"""
    places = places_of(event.hits, settings)
    links = dict(
        zip(
            zip(learned.first.tolist(), learned.second.tolist(), strict=True),
            learned.dphi,
            strict=True,
        )
    )
    found = set()
    for one in range(len(event)):
        for two in range(len(event)):
            link = int(places.region[one]), int(places.region[two])
            ahead = (places.distance[one], one) < (places.distance[two], two)
            here, there = (
                (places.x[row], places.y[row], places.z[row]) for row in (one, two)
            )
            if link not in links or not ahead or here == there:
                continue
            pair = doublets(places, np.array([[one], [two]]))
            layers = places.layer[one] * COUNT + places.layer[two]
            low, high = learned.miss[:, layers]
            if (
                abs(pair.dphi[0]) <= links[link]
                and low <= pair.miss[0] <= high
                and abs(pair.bend[0]) <= learned.bend[layers]
            ):
                found.add((one, two))
    return found
