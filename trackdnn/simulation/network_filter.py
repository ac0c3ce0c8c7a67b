"""A network as an algorithm of an ACTS sequence, and what counts around it.

Needs the optional packages; imported by worker processes only.

    tracks_0 … tracks_n ─ CandidateMerger ─ candidates ─┬─ ambiguity ─ resolved_alone
                                                        └─ NetworkFilter ─ classified
    classified ─ ambiguity ─ resolved
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import acts
import acts.examples
import numpy as np

from trackdnn.simulation.candidates import read_candidates
from trackdnn.simulation.collector import reconstruct
from trackdnn.simulation.filtering import FilteredEvent, Seconds, Verdict
from trackdnn.simulation.network_inputs import network_inputs
from trackdnn.simulation.stages import count_tracks, wanted_particles
from trackdnn.simulation.whiteboard import reads, writes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from trackdnn.simulation.event import EventState
    from trackdnn.simulation.filtering import Network

_SUCCESS = acts.examples.ProcessCode.SUCCESS
_TRACKS = acts.examples.ConstTrackContainer


class CandidateMerger(acts.examples.IAlgorithm):  # type: ignore[misc]
    """The chosen tracks of all passes in one container, in the order of the file."""

    def __init__(self, state: EventState, passes: Sequence[str], output: str) -> None:
        super().__init__("CandidateMerger", acts.logging.WARNING)
        self._state = state
        self._passes = [reads(self, _TRACKS, name) for name in passes]
        self._output = writes(self, _TRACKS, output)

    def execute(self, context: Any) -> Any:
        found = [handle(context.eventStore) for handle in self._passes]
        pairs = zip(found, self._state.chosen, strict=True)
        self._output(context, _copied((one, chosen.tolist()) for one, chosen in pairs))
        return _SUCCESS


class NetworkFilter(acts.examples.IAlgorithm):  # type: ignore[misc]
    """Only the tracks that a network takes for true go on.

    Its inputs need the vertices, so that it runs once per event, after the last pass.
    """

    def __init__(
        self, state: EventState, network: Network, source: str, output: str
    ) -> None:
        super().__init__("NetworkFilter", acts.logging.WARNING)
        self._state, self._network = state, network
        self._input = reads(self, _TRACKS, source)
        self._output = writes(self, _TRACKS, output)
        self.verdict = Verdict.empty()
        self.category = np.zeros(0, dtype=np.int32)
        self.seconds = Seconds()

    def execute(self, context: Any) -> Any:
        tracks = self._input(context.eventStore)
        clock = [time.thread_time()]
        features, self.category = network_inputs(reconstruct(self._state).tracks)
        clock.append(time.thread_time())
        # Clients of ONNX Runtime need not cope with zero rows, so none sees them.
        found = len(self.category) > 0
        empty = Verdict.empty()
        self.verdict = self._network(features, self.category) if found else empty
        clock.append(time.thread_time())
        chosen = np.flatnonzero(self.verdict.kept).tolist()
        self._output(context, _copied([(tracks, chosen)]))
        clock.append(time.thread_time())
        self.seconds = Seconds(*np.diff(clock).tolist())
        return _SUCCESS


class StageCounter(acts.examples.IAlgorithm):  # type: ignore[misc]
    """Counts the tracks of each stage by their own measurements."""

    def __init__(
        self,
        state: EventState,
        network: NetworkFilter,
        stages: Mapping[str, str],
        finish: Callable[[FilteredEvent], None],
    ) -> None:
        super().__init__("StageCounter", acts.logging.WARNING)
        self._state, self._network, self._finish = state, network, finish
        self._inputs = {
            stage: reads(self, _TRACKS, name) for stage, name in stages.items()
        }

    def execute(self, context: Any) -> Any:
        wanted = wanted_particles(self._state)
        stages = {
            stage: count_tracks(
                read_candidates(handle(context.eventStore)).hits,
                self._state.owner,
                wanted,
            )
            for stage, handle in self._inputs.items()
        }
        self._finish(
            FilteredEvent(
                stages=stages,
                wanted=int(wanted.sum()),
                category=self._network.category,
                verdict=self._network.verdict,
                seconds=self._network.seconds,
            )
        )
        return _SUCCESS


def _copied(parts: Iterable[tuple[Any, Sequence[int]]]) -> Any:
    """A new container with some tracks of each container, their states included."""
    made = acts.examples.TrackContainer()
    for tracks, chosen in parts:
        made.ensureDynamicColumns(tracks)
        for index in chosen:
            made.makeTrack().copyFrom(tracks.getTrack(index))
    return made.makeConst()
