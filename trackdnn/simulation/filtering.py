"""What passes between a network, the job it runs in, and whoever started the job.

Needs none of the optional packages.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from trackdnn.simulation.stages import Counts

# Stages of the job, in the order of its table.
FOUND, NETWORK, AMBIGUITY, BOTH = "found", "network", "ambiguity", "both"
STAGES = (FOUND, NETWORK, AMBIGUITY, BOTH)


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What a network says of the tracks of one event.

    Attributes:
        probability: To be true, shape `(tracks,)`.
        kept: Whether a track goes on, shape `(tracks,)`.
    """

    probability: NDArray[np.float32]
    kept: NDArray[np.bool_]

    @classmethod
    def empty(cls) -> Verdict:
        """That of an event without tracks."""
        return cls(np.zeros(0, dtype=np.float32), np.zeros(0, dtype=np.bool_))


class Network(Protocol):
    """Tells true tracks from fakes."""

    def __call__(
        self, features: NDArray[np.float32], category: NDArray[np.int32]
    ) -> Verdict:
        """Judge tracks.

        Args:
            features: Shape `(tracks, 29)`, at least one track, columns as `FEATURES`.
            category: `originalAlgo`, shape `(tracks,)`.
        """


class NetworkOpener(Protocol):
    """Makes the network in the process that runs it; travels there, and is a key."""

    def __call__(self) -> Network: ...

    def __hash__(self) -> int: ...


@dataclasses.dataclass(frozen=True)
class Seconds:
    """What the network adds to one event: processor time of its one thread, s.

    Attributes:
        inputs: Vertices, impact parameters and the array of inputs.
        network: The network and the cut.
        copying: The container of the tracks that go on.
    """

    inputs: float = 0.0
    network: float = 0.0
    copying: float = 0.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class FilteredEvent:
    """One event of the job.

    Attributes:
        stages: Counts of each of `STAGES`.
        wanted: Particles that the reconstruction is asked for.
        category: `originalAlgo` of the tracks that were found, shape `(tracks,)`.
        verdict: What the network says of them.
        seconds: What that took.
    """

    stages: Mapping[str, Counts]
    wanted: int
    category: NDArray[np.int32]
    verdict: Verdict
    seconds: Seconds
