"""Events whose tracks are of every kind, by construction."""

from __future__ import annotations

import numpy as np

from tests.trackdnn.toy_events import toy_event
from trackdnn.tracking.found import from_lists


def hits_of(event, particle):
    """Hits of a particle's row, from the inside out."""
    hits = np.flatnonzero(event.owner() == particle)
    return hits[np.argsort(event.hits.distance[hits])]


def every_kind(particles=12, noise=20, name="event000000001"):
    """Tracks of the particles 0 to 5, the first once more, and two fakes."""
    event = toy_event(particles, noise=noise, name=name)
    matched = [hits_of(event, one) for one in range(6)]
    duplicate = matched[0][:-1]
    noisy = np.flatnonzero(event.owner() < 0)[:5]
    mixed = np.array([hits_of(event, one)[at] for at, one in enumerate(range(6, 10))])
    return event, from_lists([*matched, duplicate, noisy, mixed])
