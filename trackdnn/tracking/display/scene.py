"""All that a picture of an event shows, as arrays."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from trackdnn.graphs.trajectory import along_trajectory
from trackdnn.tracking.display.circles import pseudorapidities, transverse_momenta
from trackdnn.tracking.display.verdicts import Verdicts, judge
from trackdnn.tracking.found import FoundTracks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.events.event import Event, Hits, Particles

# A particle with fewer hits is not drawn as a line, and not called missed.
LEAST_HITS = 3


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrueLines:
    """The particles that have hits in the event.

    Args:
        particles: Who they are; rows as in those of the event.
        lines: Hits of each, along the trajectory.
        found: Whether a track is matched to it, of shape `(particles,)`.
    """

    particles: Particles
    lines: FoundTracks
    found: NDArray[np.bool_]

    @property
    def drawn(self) -> NDArray[np.bool_]:
        """Which have enough hits to be drawn."""
        return self.lines.lengths >= LEAST_HITS


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrackLines:
    """The tracks that were found.

    Args:
        lines: Hits of each, from the inside out.
        verdicts: What each is.
        pt: GeV, float32; of the matched particle, else as a circle tells.
        eta: Pseudorapidity, float32; of the matched particle, else of the hits.
    """

    lines: FoundTracks
    verdicts: Verdicts
    pt: NDArray[np.float32]
    eta: NDArray[np.float32]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Scene:
    """What is shown.

    Args:
        name: Of the event.
        hits: All its hits.
        truth: Its particles, or `None` where they are not known.
        tracks: Its tracks, or `None` where none were looked for.
    """

    name: str
    hits: Hits
    truth: TrueLines | None
    tracks: TrackLines | None

    @property
    def noise(self) -> NDArray[np.bool_]:
        """Hits of no particle, of shape `(hits,)`; none where there is no truth."""
        noise = np.full(len(self.hits), self.truth is not None)
        if self.truth is not None:
            noise[self.truth.lines.hits] = False
        return noise


def make_scene(event: Event, tracks: FoundTracks | None = None) -> Scene:
    """An event, with its tracks where there are some, ready to be shown."""
    truth = None if event.truth is None else _true_lines(event)
    if tracks is None:
        return Scene(name=event.name, hits=event.hits, truth=truth, tracks=None)
    found = _track_lines(event, tracks)
    if truth is not None:
        matched = found.verdicts.particle[found.verdicts.matched]
        truth.found[matched] = True
    return Scene(name=event.name, hits=event.hits, truth=truth, tracks=found)


def _true_lines(event: Event) -> TrueLines:
    _, particles = event.known()
    owner = event.owner()
    order = np.lexsort((event.hits.distance, along_trajectory(event), owner))
    hits = order[owner[order] >= 0]
    lengths = np.bincount(owner[hits], minlength=len(particles))
    lines = _lines(hits, lengths)
    return TrueLines(
        particles=particles, lines=lines, found=np.zeros(len(particles), dtype=bool)
    )


def _track_lines(event: Event, tracks: FoundTracks) -> TrackLines:
    distance = event.hits.distance[tracks.hits]
    order = np.lexsort((distance, tracks.track_of_entry()))
    lines = _lines(tracks.hits[order], tracks.lengths)
    pt, eta = transverse_momenta(event.hits, lines), pseudorapidities(event.hits, lines)
    verdicts = judge(event, lines)
    if event.particles is not None:
        own = np.flatnonzero(verdicts.matched)
        pt[own] = event.particles.pt[verdicts.particle[own]]
        eta[own] = event.particles.eta[verdicts.particle[own]]
    with np.errstate(over="ignore"):
        return TrackLines(
            lines=lines,
            verdicts=verdicts,
            pt=pt.astype(np.float32),
            eta=eta.astype(np.float32),
        )


def _lines(hits: NDArray[np.integer], lengths: NDArray[np.integer]) -> FoundTracks:
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return FoundTracks(hits=hits.astype(np.int32), offsets=offsets)
