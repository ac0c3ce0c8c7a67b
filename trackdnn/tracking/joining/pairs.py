"""Pairs of tracks that may be pieces of one: an inner and an outer one."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from trackdnn.graphs.edge_filter.features import turn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.events.event import Hits
    from trackdnn.settings.finding import JoiningSettings
    from trackdnn.tracking.found import FoundTracks

    Double = NDArray[np.float64]
    Int = NDArray[np.int64]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Ends:
    """Where tracks begin and end, and where they go there.

    Args:
        inner: Row of the innermost hit, of shape `(tracks,)`.
        outer: Of the outermost.
        inner_step: From the innermost hit to the next, mm, `(3, tracks)`.
        outer_step: From the last but one to the outermost.
    """

    inner: NDArray[np.int32]
    outer: NDArray[np.int32]
    inner_step: Double
    outer_step: Double


def ends_of(hits: Hits, tracks: FoundTracks) -> Ends:
    """The ends of tracks.

    Args:
        hits: Of the event.
        tracks: Of two hits or more, from the inside outwards.
    """
    place = places(hits)
    first, last = tracks.offsets[:-1], tracks.offsets[1:] - 1
    inner, outer = tracks.hits[first], tracks.hits[last]
    return Ends(
        inner=inner,
        outer=outer,
        inner_step=place[:, tracks.hits[first + 1]] - place[:, inner],
        outer_step=place[:, outer] - place[:, tracks.hits[last - 1]],
    )


def places(hits: Hits) -> Double:
    """x, y and z in double precision, mm, of shape `(3, hits)`."""
    return np.stack([hits.x, hits.y, hits.z]).astype(np.float64)


def pairs_of(hits: Hits, ends: Ends, settings: JoiningSettings) -> Int:
    """Pairs of an inner and an outer track whose ends look at each other.

    The way from end to end, too, has a direction within the limits.

    Args:
        hits: Of the event.
        ends: Of its tracks.
        settings: The block `finding.joining`.

    Returns:
        Rows of inner and outer tracks, of shape `(2, pairs)`, sorted.
    """
    if not len(ends.inner):
        return np.zeros((2, 0), dtype=np.int64)
    limits = np.array([settings.eta, settings.phi])
    leaving, coming = direction(ends.outer_step), direction(ends.inner_step)
    place, distance = places(hits), hits.distance
    near = _near(
        np.concatenate(
            [leaving / limits[:, None], place[:, ends.outer] / settings.gap]
        ),
        np.concatenate([coming / limits[:, None], place[:, ends.inner] / settings.gap]),
        2 * np.pi / settings.phi,
    )
    near = near[:, distance[ends.outer[near[0]]] < distance[ends.inner[near[1]]]]
    way = direction(place[:, ends.inner[near[1]]] - place[:, ends.outer[near[0]]])
    good = _within(way, leaving[:, near[0]], limits)
    good &= _within(way, coming[:, near[1]], limits)
    near = near[:, good]
    return near[:, np.lexsort((near[1], near[0]))]


def direction(step: Double) -> Double:
    """Pseudorapidity and azimuth (rad, 0 to 2 pi) of steps, of shape `(2, steps)`."""
    across = np.maximum(np.hypot(step[0], step[1]), 1e-9)
    phi = np.mod(np.arctan2(step[1], step[0]), 2 * np.pi)
    return np.stack([np.arcsinh(step[2] / across), phi])


def _near(first: Double, second: Double, period: float) -> Int:
    """Pairs that differ by less than 1 in all rows, of which the second is periodic."""
    box = np.zeros(len(first))
    if period < 2.0:
        # Every azimuth is near every other.
        first[1] = second[1] = 0.0
    else:
        box[1] = period
        first[1], second[1] = np.mod(first[1], period), np.mod(second[1], period)
    trees = [cKDTree(one.T, boxsize=box) for one in (first, second)]
    found = trees[0].sparse_distance_matrix(
        trees[1], 1.0, p=np.inf, output_type="ndarray"
    )
    return np.stack([found["i"], found["j"]]).astype(np.int64)


def _within(one: Double, other: Double, limits: Double) -> NDArray[np.bool_]:
    difference = one - other
    difference[1] = turn(difference[1])
    return np.asarray((np.abs(difference) < limits[:, None]).all(axis=0))
