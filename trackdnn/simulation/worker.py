"""What runs inside a worker process."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from trackdnn.data.prepared.executors import end_with_parent
from trackdnn.simulation.working_points import WORKING_POINTS

if TYPE_CHECKING:
    from trackdnn.simulation.arrays import Columns
    from trackdnn.simulation.chain import Chain


@dataclass(frozen=True)
class Job:
    """A sample to make; the same for all its blocks."""

    process: str
    mu: float
    seed: int
    working_point: str

    def make(self, first: int, count: int) -> Block:
        """Make some events, in a worker."""
        return simulate_block(self, first, count)


@dataclass(frozen=True)
class Block:
    """Events that a worker has made, and the processor time it took, s."""

    events: list[Columns]
    cpu_seconds: float


def prepare(log: Path) -> None:
    """Send what C++ prints to a file, leave Ctrl-C to the parent, and end with it.

    Args:
        log: File to append to.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sink = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(sink, stream)
    os.close(sink)
    end_with_parent()


def simulate_block(job: Job, first: int, count: int) -> Block:
    """Make some events.

    Args:
        job: The sample.
        first: Number of the first event.
        count: How many.

    Returns:
        The events in order.
    """
    start = time.process_time()
    events = chain_of(job).simulate(first, count)
    return Block(events, time.process_time() - start)


@cache
def chain_of(job: Job) -> Chain:
    """The chain of a sample, built once per process: geometry and Pythia take seconds.

    Args:
        job: The sample.
    """
    from trackdnn.simulation.chain import Chain

    point = WORKING_POINTS[job.working_point]
    return Chain(job.process, job.mu, job.seed, point)
