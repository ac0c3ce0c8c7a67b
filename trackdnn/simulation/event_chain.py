"""The sequence of ACTS algorithms that makes events of hits, cells and truth.

Collisions and the way of the particles are those of `chain`; what the sensors make of
it is ours (`simulated_event`), and ACTS' own track finding may look at the same hits.
Needs the optional packages; imported by worker processes only.
"""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Any

import acts
import acts.examples
import numpy as np

from trackdnn.simulation import chain as chains
from trackdnn.simulation import detector as detectors
from trackdnn.simulation import whiteboard
from trackdnn.simulation.event import EventState
from trackdnn.simulation.modules import read_modules
from trackdnn.simulation.passage_reader import PassageReader
from trackdnn.simulation.track_finding import FINDING_POINT, CkfTracks, TrackFinding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trackdnn.simulation.simulated_event import Response, SimulatedEvent

# Far below what the generator keeps: no charged particle is dropped, GeV.
_MIN_MOMENTUM = 0.05


class EventChain:
    """Simulation of events.

    Args:
        process: Hard process, see `generator.PROCESSES`.
        mu: Mean number of pile-up interactions.
        seed: Seed of the sample.
        response: How much the detector loses and adds.
        find: Whether ACTS shall find tracks too.
    """

    def __init__(
        self, process: str, mu: float, seed: int, response: Response, *, find: bool
    ) -> None:
        self._source = (process, mu, seed)
        self._seed = seed
        self._response = response
        self._detector = detectors.build_detector()
        chain = chains.Chain(process, mu, seed, FINDING_POINT)
        self._finding = TrackFinding(chain, read_modules()) if find else None

    def simulate(self, number: int) -> tuple[SimulatedEvent, CkfTracks | None]:
        """Make one event.

        Args:
            number: From 1; the event depends on it and the seed only.

        Returns:
            The event, and the tracks that ACTS found.
        """
        # Only the vertices of the state are of use: what is lost is our own choice.
        dead = np.zeros(0, dtype=np.uint64)
        state = EventState(FINDING_POINT, dead, self._seed, lambda _: None)
        reader = PassageReader(self._response, self._seed)
        with tempfile.TemporaryDirectory() as folder:
            sequencer = acts.examples.Sequencer(
                skip=number - 1,
                events=1,
                numThreads=1,
                logLevel=acts.logging.FATAL,
                trackFpes=False,
                outputDir=folder,
                outputTimingFile="",
            )
            sequencer.addReader(whiteboard.CollisionReader(state, *self._source))
            for algorithm in self._algorithms(reader):
                sequencer.addAlgorithm(algorithm)
            sequencer.run()
        return reader.event, None if self._finding is None else self._finding.tracks

    def _algorithms(self, reader: PassageReader) -> Iterator[Any]:
        """From particles to hits, and to tracks if wanted."""
        random = acts.examples.RandomNumbers(seed=self._seed)
        yield chains.simulation_algorithm(self._detector, random, _MIN_MOMENTUM)
        yield reader
        if self._finding is not None:
            yield from self._finding.algorithms(reader)
