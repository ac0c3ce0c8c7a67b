"""ACTS' own seeding, Kalman filter and ambiguity resolution on the hits of an event.

They see what every other finder sees, noise included. One pass: seeds from the pixels,
tracks with pt above 0.4 GeV, abs(eta) below 4 and 5 hits, tight cuts on chi2; of tracks
that share too many hits the worse ones go.
Needs the optional packages; imported by worker processes only.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import acts
import acts.examples
import numpy as np

from trackdnn.simulation import whiteboard
from trackdnn.simulation.candidates import read_candidates
from trackdnn.simulation.filtered_chain import ambiguity_resolution
from trackdnn.simulation.working_points import (
    Finding,
    Pass,
    Quality,
    Seeding,
    WorkingPoint,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from trackdnn.simulation.arrays import Float, Int
    from trackdnn.simulation.chain import Chain
    from trackdnn.simulation.modules import Modules
    from trackdnn.simulation.passage_reader import PassageReader

# sinh of the largest pseudorapidity.
_MAX_COT_THETA = 27.3
FINDING_POINT = WorkingPoint(
    summary="one pass on pixel seeds in the whole detector, tight",
    passes=(
        Pass(
            name="pixels",
            algo=4,
            seeding=Seeding(
                seeds_per_middle=2,
                middle_r_mm=(30.0, 180.0),
                max_cot_theta=_MAX_COT_THETA,
            ),
        ),
    ),
    finding=Finding(
        chi2_measurement=15.0, chi2_outlier=25.0, stay_on_seed=True, max_holes=2
    ),
    kept=Quality(max_abs_eta=4.0, min_valid=5),
)
_SUCCESS = acts.examples.ProcessCode.SUCCESS
_FOUND, _RESOLVED = "tracks_0", "tracks_resolved"
# A cluster of one channel is known to its pitch / sqrt(12). Larger ones are known
# better, pixels to about 0.1 of the pitch, but with that ACTS finds no more.
_ONE_CHANNEL = 12**-0.5
_MORE_CHANNELS = 0.2


@dataclass(frozen=True)
class CkfTracks:
    """What ACTS found in one event, and at what price.

    Attributes:
        tracks: Rows of the hits of each, from the outermost inwards, after ambiguity
            resolution; a hit may be on several tracks.
        before: Number of tracks before it.
        seconds: Processor time from the hits to the tracks, s.
    """

    tracks: list[Int]
    before: int
    seconds: float


class TrackFinding:
    """Algorithms from hits to tracks.

    Args:
        chain: Gives the algorithms of one pass.
        modules: The sensors.
    """

    def __init__(self, chain: Chain, modules: Modules) -> None:
        self._chain = chain
        self._modules = modules
        self._identifiers = [
            acts.GeometryIdentifier(int(value)) for value in modules.identifier
        ]
        self.tracks: CkfTracks

    def algorithms(self, reader: PassageReader) -> Iterator[Any]:
        """What follows the reader of an event in a sequence.

        Args:
            reader: Has the event once it has run.
        """
        started: list[float] = []
        yield MeasurementMaker(reader, self._modules, self._identifiers)
        yield AllMeasurements()
        yield Clock(lambda: started.append(time.process_time()))
        yield from self._chain.pass_algorithms(0, FINDING_POINT.passes[0])
        yield ambiguity_resolution(_FOUND, _RESOLVED, FINDING_POINT.kept.min_valid)
        yield TrackReader(started, self._keep)

    def _keep(self, tracks: CkfTracks) -> None:
        self.tracks = tracks


class MeasurementMaker(acts.examples.IAlgorithm):  # type: ignore[misc]
    """Hits of our event become measurements of ACTS, in the same order."""

    def __init__(
        self, reader: PassageReader, modules: Modules, identifiers: list[Any]
    ) -> None:
        super().__init__("MeasurementMaker", acts.logging.WARNING)
        self._reader, self._modules = reader, modules
        self._identifiers = identifiers
        self._output = whiteboard.writes(
            self, acts.examples.MeasurementContainer, "measurements"
        )

    def execute(self, context: Any) -> Any:
        made = self._reader.event
        variance = position_variance(made.width, self._modules.pitch[made.module])
        container = acts.examples.MeasurementContainer()
        container.reserve(len(made.module))
        columns = (made.module.tolist(), made.local.tolist(), variance.tolist())
        for module, local, squares in zip(*columns, strict=True):
            identifier = self._identifiers[module]
            container.emplaceMeasurement(identifier, [0, 1], local, squares)
        self._output(context, container)
        return _SUCCESS


class AllMeasurements(acts.examples.IAlgorithm):  # type: ignore[misc]
    """The subset of the measurements that is all of them.

    It refers to the container of the event store, so that has to be there before.
    """

    def __init__(self) -> None:
        super().__init__("AllMeasurements", acts.logging.WARNING)
        kinds = acts.examples
        self._input = whiteboard.reads(self, kinds.MeasurementContainer, "measurements")
        self._output = whiteboard.writes(
            self, kinds.MeasurementSubset, "measurements_0"
        )

    def execute(self, context: Any) -> Any:
        every = self._input(context.eventStore)
        subset = acts.examples.MeasurementSubset(every, list(range(len(every))))
        self._output(context, subset)
        return _SUCCESS


def position_variance(width: Int, pitch: Float) -> Float:
    """Squared uncertainty of cluster positions, mm2.

    Args:
        width: Extent in channels, shape `(hits, 2)`.
        pitch: Size of a channel, mm, shape `(hits, 2)`.
    """
    share: Float = np.where(width > 1, _MORE_CHANNELS, _ONE_CHANNEL)
    return np.square(share * pitch)


class Clock(acts.examples.IAlgorithm):  # type: ignore[misc]
    """Calls a function when its turn has come."""

    def __init__(self, call: Callable[[], None]) -> None:
        super().__init__("Clock", acts.logging.WARNING)
        self._call = call

    def execute(self, context: Any) -> Any:
        self._call()
        return _SUCCESS


class TrackReader(acts.examples.IAlgorithm):  # type: ignore[misc]
    """Tracks become lists of hits."""

    def __init__(self, started: list[float], keep: Callable[[CkfTracks], None]) -> None:
        super().__init__("TrackReader", acts.logging.WARNING)
        self._started, self._keep = started, keep
        kind = acts.examples.ConstTrackContainer
        self._found = whiteboard.reads(self, kind, _FOUND)
        self._resolved = whiteboard.reads(self, kind, _RESOLVED)

    def execute(self, context: Any) -> Any:
        seconds = time.process_time() - self._started[-1]
        resolved = read_candidates(self._resolved(context.eventStore))
        self._keep(
            CkfTracks(
                tracks=resolved.hits,
                before=len(self._found(context.eventStore)),
                seconds=seconds,
            )
        )
        return _SUCCESS
