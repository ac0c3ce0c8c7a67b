"""The sequence of `chain` with a network and ambiguity resolution behind it.

Needs the optional packages; imported by worker processes only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import acts
import acts.examples

from trackdnn.simulation.filtering import AMBIGUITY, BOTH, FOUND, NETWORK
from trackdnn.simulation.network_filter import (
    CandidateMerger,
    NetworkFilter,
    StageCounter,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trackdnn.simulation.chain import Chain
    from trackdnn.simulation.event import EventState
    from trackdnn.simulation.filtering import FilteredEvent, Network

# Greedy ambiguity resolution: a track may share fewer measurements than this.
MAX_SHARED = 3
_MAX_ITERATIONS = 1_000_000
# Container of each stage.
_CONTAINERS = {
    FOUND: "candidates",
    NETWORK: "classified",
    AMBIGUITY: "resolved_alone",
    BOTH: "resolved",
}


class FilteredChain:
    """A chain with one more algorithm.

    Args:
        chain: Simulation and track finding.
        network: Judges the tracks.
    """

    def __init__(self, chain: Chain, network: Network) -> None:
        self._chain = chain
        self._network = network

    def simulate(self, first: int, count: int) -> list[FilteredEvent]:
        """Make events `first` to `first + count - 1`.

        Args:
            first: Number of the first event; random numbers depend on it.
            count: How many.

        Returns:
            What is counted in each event.
        """
        events: list[FilteredEvent] = []
        self._chain.run(
            first,
            count,
            finish=lambda _: None,
            more=lambda state: self._algorithms(state, events),
        )
        return events

    def _algorithms(
        self, state: EventState, events: list[FilteredEvent]
    ) -> Iterator[Any]:
        """What follows track finding."""
        point = state.working_point
        passes = [f"tracks_{number}" for number in range(len(point.passes))]
        network = NetworkFilter(
            state, self._network, _CONTAINERS[FOUND], _CONTAINERS[NETWORK]
        )
        yield CandidateMerger(state, passes, _CONTAINERS[FOUND])
        yield network
        for before, after in ((FOUND, AMBIGUITY), (NETWORK, BOTH)):
            yield ambiguity_resolution(
                _CONTAINERS[before], _CONTAINERS[after], point.kept.min_valid
            )
        yield StageCounter(state, network, _CONTAINERS, events.append)


def ambiguity_resolution(source: str, output: str, measurements: int) -> Any:
    """Of tracks that share too many measurements the worse ones go.

    Args:
        source: Container of tracks.
        output: Container of those that stay.
        measurements: Fewest that a track needs.
    """
    config = acts.examples.GreedyAmbiguityResolutionAlgorithm.Config()
    config.inputTracks = source
    config.outputTracks = output
    config.maximumSharedHits = MAX_SHARED
    config.maximumIterations = _MAX_ITERATIONS
    config.nMeasurementsMin = measurements
    return acts.examples.GreedyAmbiguityResolutionAlgorithm(config, acts.logging.FATAL)
