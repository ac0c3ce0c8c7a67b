"""Cells and counts from events, one event at a time."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from trackdnn.data.randomness import generator
from trackdnn.errors import InputError
from trackdnn.graphs.progress import watched
from trackdnn.graphs.voxel_dynamics.cells import place_cells, positions
from trackdnn.graphs.voxel_dynamics.counts import added, count_event, no_counts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trackdnn.events.event import Event
    from trackdnn.graphs.truth_graphs import Mode
    from trackdnn.graphs.voxel_dynamics.cells import Cells, Points
    from trackdnn.graphs.voxel_dynamics.counts import Counts
    from trackdnn.settings.finding import VoxelDynamicsSettings

# Links to hold until they are added up.
_LINKS = 1 << 20


class Counter:
    """Adds up the counts of events, seldom enough to be cheap.

    Args:
        counts: Those of the events before.
    """

    def __init__(self, counts: Counts) -> None:
        self._total = counts
        self._new: list[Counts] = []

    def add(self, counts: Counts) -> None:
        """Counts of more events."""
        self._new.append(counts)
        held = sum(len(part.links) for part in self._new)
        if held > max(_LINKS, len(self._total.links)):
            self.total()

    def total(self) -> Counts:
        """All counts so far."""
        self._total = added([self._total, *self._new])
        self._new = []
        return self._total


def first_cells(
    settings: VoxelDynamicsSettings, events: Iterable[Event], seed: int
) -> tuple[Cells, Iterator[Event]]:
    """Cells, placed by hits of particles in as many events as it takes.

    Args:
        settings: `cells * sample` hits are enough.
        events: Gone through only as far as needed.
        seed: Of all random numbers.

    Returns:
        The cells, and all events, those that were looked at first too.

    Raises:
        InputError: If the events have no hit of a particle.
    """
    rest = iter(events)
    seen: list[Event] = []
    points: list[Points] = []
    while sum(len(part) for part in points) < settings.cells * settings.sample:
        event = next(rest, None)
        if event is None:
            break
        seen.append(event)
        hits = event.hits.take(with_truth(event).owner() >= 0)
        points.append(positions(hits, fold=settings.fold))
    if not any(len(part) for part in points):
        raise InputError(
            "The events of a training must have hits of particles. Received: "
            f"{len(seen)} events without any. Name events with truth."
        )
    cells = place_cells(
        np.concatenate(points),
        cells=settings.cells,
        bins=settings.bins if settings.fold else 1,
        iterations=settings.iterations,
        random=generator(seed, "cells"),
    )
    return cells, itertools.chain(seen, rest)


def count_events(
    events: Iterable[Event], cells: Cells, truth: Mode, *, progress: bool
) -> Counts:
    """The counts of all events, gone through once."""
    counter = Counter(no_counts(len(cells)))
    for event in watched(events, enabled=progress, what="counting pairs of hits"):
        counter.add(count_event(with_truth(event), cells, truth))
    return counter.total()


def with_truth(event: Event) -> Event:
    """The same event.

    Raises:
        InputError: If it has no truth.
    """
    if event.truth is None:
        raise InputError(
            f"Event {event.name} must have truth to train with. Received: none. Name "
            "events with their truth files."
        )
    return event
