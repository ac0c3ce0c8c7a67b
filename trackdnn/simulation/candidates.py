"""Out of the ACTS track container, into arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from trackdnn.simulation.detector import split_identifier
from trackdnn.simulation.layers import BETWEEN, INNER, OUTER, Crossings

if TYPE_CHECKING:
    from trackdnn.simulation.arrays import Float, Identifier, Int


@dataclass(frozen=True)
class Candidates:
    """Tracks as the Kalman filter left them, in mm and GeV.

    Attributes:
        perigee: Parameters at the beam line, shape `(tracks, 6)`.
        covariance: Shape `(tracks, 6, 6)`.
        chi2: Shape `(tracks,)`.
        ndof: Shape `(tracks,)`.
        first: Parameters at the first measurement, shape `(tracks, 6)`.
        last: Parameters at the last measurement, shape `(tracks, 6)`.
        hits: For each track its measurement indices, outermost first.
        holes: Sensors crossed without a measurement (outliers among them).
        hole_identifier: Geometry identifiers of the holes.
        zone: Whether a hole is inside, between or outside of the measurements.
    """

    perigee: Float
    covariance: Float
    chi2: Float
    ndof: Int
    first: Float
    last: Float
    hits: list[Int]
    holes: Crossings
    hole_identifier: Identifier
    zone: Int


@dataclass(frozen=True)
class _Walk:
    """One track, state by state: holes carry the count of hits farther out."""

    hits: list[int]
    holes: list[tuple[int, int]]
    first: Any
    last: Any


def read_candidates(tracks: Any) -> Candidates:
    """Copy an ACTS `ConstTrackContainer` into arrays.

    Args:
        tracks: The container; the wheel gives parameters as columns, states one by
            one.

    Returns:
        The tracks, in the order of the container.
    """
    count = len(tracks)
    walks = [_walk(track) for track in tracks]
    hole = np.array(
        [
            (index, identifier, seen, len(walk.hits))
            for index, walk in enumerate(walks)
            for identifier, seen in walk.holes
        ],
        dtype=np.uint64,
    ).reshape(-1, 4)
    seen, total = hole[:, 2], hole[:, 3]
    return Candidates(
        perigee=np.array(tracks.parameters).reshape(count, 6),
        covariance=np.array(tracks.covariance).reshape(count, 6, 6),
        chi2=np.array(tracks.chi2, dtype=np.float64),
        ndof=np.array(tracks.ndf, dtype=np.int64),
        first=np.array([walk.first for walk in walks]).reshape(count, 6),
        last=np.array([walk.last for walk in walks]).reshape(count, 6),
        hits=[np.array(walk.hits, dtype=np.int64) for walk in walks],
        holes=Crossings(hole[:, 0].astype(np.int64), *split_identifier(hole[:, 1])),
        hole_identifier=hole[:, 1],
        zone=np.select([seen == 0, seen == total], [OUTER, INNER], BETWEEN),
    )


def _walk(track: Any) -> _Walk:
    """Follow the states from the outermost inwards."""
    import acts.examples

    from_link = acts.examples.IndexSourceLink.fromSourceLink
    hits: list[int] = []
    holes: list[tuple[int, int]] = []
    first: Any = None
    last: Any = None
    for state in track.trackStatesReversed:
        flags = state.typeFlags
        if flags.isMeasurement and not flags.isOutlier:
            hits.append(from_link(state.uncalibratedSourceLink).index())
            first = state
            last = last or state
        elif flags.isHole or flags.isOutlier:
            holes.append((state.referenceSurface.geometryId.value, len(hits)))
    return _Walk(hits, holes, np.array(first.parameters), np.array(last.parameters))
