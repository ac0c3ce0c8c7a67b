"""Running the job with a network in it: arguments, workers, sums.

Importing this module needs none of the optional packages.
"""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from trackdnn.simulation import worker
from trackdnn.simulation.filtering import STAGES, Seconds
from trackdnn.simulation.pool import make_blocks
from trackdnn.simulation.production import check_job, check_packages
from trackdnn.simulation.stages import Counts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackdnn.simulation.filtered_chain import FilteredChain
    from trackdnn.simulation.filtering import FilteredEvent, NetworkOpener


@dataclass(frozen=True)
class FilterJob:
    """A sample to make with a network in the sequence; the same for all its blocks."""

    sample: worker.Job
    open_network: NetworkOpener

    def make(self, first: int, count: int) -> FilteredBlock:
        """Make some events, in a worker."""
        start = time.process_time()
        events = _chain(self).simulate(first, count)
        return FilteredBlock(events, time.process_time() - start)


@dataclass(frozen=True)
class FilteredBlock:
    """Events that a worker has made, and the processor time it took, s."""

    events: list[FilteredEvent]
    cpu_seconds: float


@dataclass(frozen=True, kw_only=True)
class FilteredProduction:
    """What the job did.

    Attributes:
        events: Number of events.
        empty: Events without tracks, which the network never saw.
        stages: Counts of each stage of `filtering.STAGES`.
        wanted: Particles that the reconstruction is asked for.
        iterations: Tracks found by each `originalAlgo`, and those the network keeps.
        per_event: What the network adds to an event on average.
        seconds: Wall time of the job, s.
        cpu_seconds: Processor time of all workers, s.
    """

    events: int
    empty: int
    stages: Mapping[str, Counts]
    wanted: int
    iterations: Mapping[int, tuple[int, int]]
    per_event: Seconds
    seconds: float
    cpu_seconds: float


def filter_tracks(
    open_network: NetworkOpener,
    *,
    events: int,
    mu: float,
    process: str = "ttbar",
    seed: int = 1,
    workers: int = 1,
    working_point: str = "default",
    progress: bool = True,
) -> FilteredProduction:
    """Run the simulated reconstruction with a network before ambiguity resolution.

    The events are those of `simulate_tracks` with the same arguments. Workers are
    spawned, as there.

    Args:
        open_network: Makes the network, in each worker.
        events: Number of events, at least 1.
        mu: Mean number of pile-up interactions on top of the hard one, at least 0.
        process: `"ttbar"`, `"minbias"` or `"displaced"`.
        seed: Seed of all random numbers, at least 0.
        workers: Number of processes, at least 1.
        working_point: A key of `WORKING_POINTS`: how tracks are found.
        progress: Whether to show a bar, if stderr is a terminal.

    Returns:
        What is left after each stage.

    Raises:
        SettingsError: If an argument is impossible.
        MissingExtraError: If the optional packages are not installed.
        SimulationError: If a worker process fails.
    """
    sample = worker.Job(process, float(mu), seed, working_point)
    check_job(sample, events, workers)
    check_packages()
    start = time.perf_counter()
    made: list[FilteredEvent] = []
    cpu_seconds = 0.0
    job = FilterJob(sample, open_network)
    for block in make_blocks(job, events, workers, progress):
        made += block.events
        cpu_seconds += block.cpu_seconds
    return FilteredProduction(
        events=events,
        empty=sum(not len(event.category) for event in made),
        stages=_total(made),
        wanted=sum(event.wanted for event in made),
        iterations=_by_iteration(made),
        per_event=_mean(made),
        seconds=time.perf_counter() - start,
        cpu_seconds=cpu_seconds,
    )


def _total(made: list[FilteredEvent]) -> dict[str, Counts]:
    return {
        stage: sum((event.stages[stage] for event in made), Counts())
        for stage in STAGES
    }


def _by_iteration(made: list[FilteredEvent]) -> dict[int, tuple[int, int]]:
    """Tracks found and kept, by `originalAlgo`."""
    table: dict[int, tuple[int, int]] = {}
    for event in made:
        for algo in sorted(set(event.category.tolist())):
            here = event.category == algo
            found, kept = table.get(algo, (0, 0))
            table[algo] = (
                found + int(here.sum()),
                kept + int(event.verdict.kept[here].sum()),
            )
    return table


def _mean(made: list[FilteredEvent]) -> Seconds:
    names = [field.name for field in dataclasses.fields(Seconds)]
    count = max(len(made), 1)
    return Seconds(
        *(sum(getattr(event.seconds, name) for event in made) / count for name in names)
    )


@cache
def _chain(job: FilterJob) -> FilteredChain:
    """Chain and network are built once per process."""
    from trackdnn.simulation.filtered_chain import FilteredChain

    return FilteredChain(worker.chain_of(job.sample), job.open_network())
