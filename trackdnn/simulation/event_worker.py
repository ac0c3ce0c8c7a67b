"""What a worker process does for a sample of events: simulate each, write its files."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from trackdnn.events.event import NOISE
from trackdnn.events.writer import write_columns, write_event

if TYPE_CHECKING:
    from trackdnn.simulation.arrays import Int
    from trackdnn.simulation.event_chain import EventChain
    from trackdnn.simulation.simulated_event import Response, SimulatedEvent


@dataclass(frozen=True)
class Sample:
    """All that decides what the files of an event hold.

    Args:
        process: Hard process, see `generator.PROCESSES`.
        mu: Mean number of pile-up interactions on top of it.
        seed: Of all random numbers.
        response: How much the detector loses and adds.
        cells: Whether to write cells.
        ckf: Whether ACTS shall find tracks.
        compress: Whether to write `.csv.gz`.
    """

    process: str
    mu: float
    seed: int
    response: Response
    cells: bool = True
    ckf: bool = False
    compress: bool = True


@dataclass(frozen=True)
class Summary:
    """Counts of one event.

    Attributes:
        number: Of the event, from 1.
        hits: With noise.
        noise: Hits that no particle made.
        particles: With at least one hit.
        cells: Of all hits.
        cpu_seconds: To make it, without ACTS' track finding.
        tracks: That ACTS found, after ambiguity resolution; `None` if it did not look.
        tracks_before: Before it.
        ckf_seconds: Processor time of ACTS' track finding.
    """

    number: int
    hits: int
    noise: int
    particles: int
    cells: int
    cpu_seconds: float
    tracks: int | None = None
    tracks_before: int | None = None
    ckf_seconds: float | None = None


@dataclass(frozen=True)
class EventBlock:
    """Events that a worker has written."""

    events: list[Summary]


@dataclass(frozen=True)
class EventJob:
    """A sample to make; travels to the workers.

    Args:
        folder: Where the files go.
        sample: What they hold.
        numbers: Events to make, from 1.
    """

    folder: Path
    sample: Sample
    numbers: tuple[int, ...]

    def make(self, first: int, count: int) -> EventBlock:
        """Make some of the events, in a worker."""
        numbers = self.numbers[first : first + count]
        return EventBlock([self._write(number) for number in numbers])

    def _write(self, number: int) -> Summary:
        """Simulate an event and write its files; those of its hits come last."""
        sample = self.sample
        start = time.process_time()
        made, found = chain_of(sample).simulate(number)
        if found is not None:
            write_tracks(self.folder, made, found.tracks)
        cells = made.cells if sample.cells else None
        write_event(self.folder, made.event, cells=cells, compress=sample.compress)
        known = summarize(number, made, time.process_time() - start)
        if found is None:
            return known
        return Summary(
            **{
                **vars(known),
                "cpu_seconds": known.cpu_seconds - found.seconds,
                "tracks": len(found.tracks),
                "tracks_before": found.before,
                "ckf_seconds": found.seconds,
            }
        )


def summarize(number: int, made: SimulatedEvent, seconds: float) -> Summary:
    """Counts of an event without tracks."""
    truth, particles = made.event.known()
    return Summary(
        number=number,
        hits=len(made.event),
        noise=int((truth.particle_id == NOISE).sum()),
        particles=int((particles.hits > 0).sum()),
        cells=len(made.cells),
        cpu_seconds=seconds,
    )


def tracks_path(folder: Path, name: str) -> Path:
    """File of the tracks that ACTS found in an event."""
    return folder / f"{name}-tracks_ckf.csv"


def write_tracks(folder: Path, made: SimulatedEvent, tracks: list[Int]) -> None:
    """One row per hit on a track, `track_id` from 1; a hit may be on several tracks."""
    lengths = [len(track) for track in tracks]
    rows = np.concatenate([np.zeros(0, dtype=np.int64), *tracks])
    columns = {
        "track_id": np.repeat(np.arange(1, len(tracks) + 1), lengths),
        "hit_id": made.event.hits.hit_id[rows],
    }
    write_columns(tracks_path(folder, made.event.name), columns)


@cache
def chain_of(sample: Sample) -> EventChain:
    """The chain of a sample, built once per process: geometry and Pythia take seconds.

    Args:
        sample: The sample.
    """
    from trackdnn.simulation.event_chain import EventChain

    return EventChain(
        sample.process, sample.mu, sample.seed, sample.response, find=sample.ckf
    )
