"""What is known of the event in the making, in NumPy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from trackdnn.simulation import duplicates, kinematics, layers
from trackdnn.simulation.candidates import Candidates, read_candidates

if TYPE_CHECKING:
    from trackdnn.simulation.arrays import Bool, Columns, Float, Identifier, Int
    from trackdnn.simulation.working_points import Quality, WorkingPoint


@dataclass(frozen=True)
class Sensors:
    """Sensor of each measurement: volume and layer, of shape `(measurements,)`."""

    volume: Int
    layer: Int


@dataclass(frozen=True)
class Particles:
    """Particles with at least one measurement; each array `(particles,)`, mm, GeV."""

    pt: Float
    theta: Float
    phi: Float
    charge: Float
    pdg: Float
    x: Float
    y: Float
    z: Float
    interaction: Float

    @classmethod
    def from_rows(cls, rows: Sequence[Sequence[float]]) -> Particles:
        """Build from one row per particle, values in the order of the fields."""
        return cls(*np.array(rows, dtype=np.float64).reshape(-1, 9).T)


@dataclass
class EventState:
    """One event on its way through the passes.

    Args:
        working_point: Cuts and passes.
        dead: Identifiers of dead sensors.
        seed: Seed of the sample.
        finish: Called with the state when the last pass is done.

    `columns` and `chosen` have one entry per pass so far, `hits` one per track.
    `chosen` are the places of the written tracks in the container of their pass.
    """

    working_point: WorkingPoint
    dead: Identifier
    seed: int
    finish: Callable[[EventState], None]
    number: int = -1
    origins: Float = field(default_factory=lambda: np.zeros((0, 3)))
    sensors: Sensors = field(init=False)
    measured: Bool = field(init=False)
    available: Bool = field(init=False)
    particles: Particles = field(init=False)
    owner: Int = field(init=False)
    kept: duplicates.TrackList = field(init=False)
    columns: list[Columns] = field(default_factory=list)
    hits: list[Int] = field(default_factory=list)
    chosen: list[Int] = field(default_factory=list)

    def start(self, number: int, origins: Sequence[Float]) -> None:
        """Forget the previous event."""
        self.number = number
        self.origins = np.array(origins).reshape(-1, 3)
        self.kept = duplicates.TrackList(self.working_point.duplicate_fraction)
        self.columns, self.hits, self.chosen = [], [], []

    def add_pass(self, number: int, tracks: Any) -> None:
        """Select tracks of a pass and take the measurements of the good ones away.

        Args:
            number: Place of the pass in the working point.
            tracks: ACTS track container.
        """
        algo = self.working_point.passes[number].algo
        found = read_candidates(tracks)
        columns = describe(found, self.sensors, self.dead)
        chosen = self._choose(columns, found, algo)
        columns = {name: values[chosen] for name, values in columns.items()}
        columns["algo"] = np.full(len(chosen), algo)
        columns["isHP"] = passes(columns, self.working_point.good)
        hits = [found.hits[index] for index in chosen]
        for used, good in zip(hits, columns["isHP"], strict=True):
            if good:
                self.available[used] = False
        self.columns.append(columns)
        self.hits.extend(hits)
        self.chosen.append(chosen)
        if number + 1 == len(self.working_point.passes):
            self.finish(self)

    def _choose(self, columns: Columns, found: Candidates, algo: int) -> Int:
        """Indices of the tracks that are written, best first."""
        order = duplicates.rank(columns["nValid"], columns["nLost"], columns["chi2"])
        order = order[passes(columns, self.working_point.kept)[order]]
        kept = self.kept.add([found.hits[i].tolist() for i in order], algo)
        chosen: Int = order[np.array(kept, dtype=bool)]
        return chosen


def describe(found: Candidates, sensors: Sensors, dead: Identifier) -> Columns:
    """Columns that need nothing but the tracks and their sensors."""
    tracks = len(found.chi2)
    index = np.arange(tracks)
    counts = np.array([len(hits) for hits in found.hits], dtype=np.int64)
    flat = np.concatenate([np.zeros(0, dtype=np.int64), *found.hits])
    hits = layers.Crossings(
        np.repeat(index, counts), sensors.volume[flat], sensors.layer[flat]
    )
    columns: Columns = kinematics.perigee_columns(found.perigee, found.covariance)
    for end, state in (("inner", found.first), ("outer", found.last)):
        for name, values in kinematics.momentum(*state[:, 2:5].T).items():
            columns[f"{end}_{name}"] = values
    columns |= layers.count_hits(hits, tracks)
    columns |= layers.count_lost(
        hits, found.holes, found.zone, np.isin(found.hole_identifier, dead), tracks
    )
    columns |= {"chi2": found.chi2, "ndof": found.ndof}
    columns["nChi2"] = found.chi2 / np.maximum(found.ndof, 1)
    return columns


def passes(columns: Columns, cut: Quality) -> Bool:
    """Whether tracks pass a quality cut, of shape `(tracks,)`."""
    return (
        (columns["pt"] > cut.min_pt)
        & (np.abs(columns["eta"]) < cut.max_abs_eta)
        & (columns["nValid"] >= cut.min_valid)
        & (columns["nLost"] <= cut.max_lost)
        & (columns["nChi2"] < cut.max_chi2)
    )
