"""Efficiency, fake rate and duplicate rate of found tracks.

Counts add up over events; the rates are quotients of sums. Noise clusters count: a
track that matches no particle is a fake, whoever its hits belong to.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from trackdnn.evaluation.intervals import Fraction, fraction
from trackdnn.tracking.contingency import NOBODY, contingency_of
from trackdnn.tracking.matching import match
from trackdnn.tracking.score import Score, score_event

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from trackdnn.events.event import Event
    from trackdnn.tracking.contingency import Contingency
    from trackdnn.tracking.found import FoundTracks
    from trackdnn.tracking.presets import Definition


@dataclasses.dataclass(frozen=True, kw_only=True)
class Verdicts:
    """What a definition says of each particle and each track of an event.

    Args:
        wanted: Whether the particle is asked for, bool of shape `(particles,)`.
        found: Whether it is found, wanted or not, `(particles,)`.
        particle: Row of the particle of each track, `NOBODY` for none, `(tracks,)`.
        counted: Whether the track counts at all, `(tracks,)`.
        fake: Whether it counts and is a fake, `(tracks,)`.
        duplicate: Whether it counts and finds a particle that another track finds
            with more hits, or with as many and a lower number, `(tracks,)`.
    """

    wanted: NDArray[np.bool_]
    found: NDArray[np.bool_]
    particle: NDArray[np.int64]
    counted: NDArray[np.bool_]
    fake: NDArray[np.bool_]
    duplicate: NDArray[np.bool_]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Counts:
    """What the rates of one definition are made of; counts of events add up.

    Args:
        particles: Particles asked for.
        found: Those of them that are found.
        tracks: Tracks that count.
        fakes: Those of them that are fakes.
        duplicates: Those of them that find what another track has found.
    """

    particles: int = 0
    found: int = 0
    tracks: int = 0
    fakes: int = 0
    duplicates: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            particles=self.particles + other.particles,
            found=self.found + other.found,
            tracks=self.tracks + other.tracks,
            fakes=self.fakes + other.fakes,
            duplicates=self.duplicates + other.duplicates,
        )

    def efficiency(self, confidence: float) -> Fraction:
        """`found / particles`."""
        return fraction(self.found, self.particles, confidence)

    def fake_rate(self, confidence: float) -> Fraction:
        """`fakes / tracks`."""
        return fraction(self.fakes, self.tracks, confidence)

    def duplicate_rate(self, confidence: float, *, per_found: bool) -> Fraction:
        """`duplicates / tracks`, or per found particle, then perhaps more than 1."""
        total = self.found if per_found else self.tracks
        if self.duplicates <= total:
            return fraction(self.duplicates, total, confidence)
        value = self.duplicates / total if total else None
        return Fraction(
            passed=self.duplicates, total=total, value=value, lower=None, upper=None
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Judgement:
    """What there is to say of a finder on some events; judgements add up.

    Args:
        events: Number of events.
        score: The TrackML score.
        counts: Counts of each definition.
    """

    events: int = 0
    score: Score = dataclasses.field(default_factory=Score)
    counts: dict[Definition, Counts] = dataclasses.field(default_factory=dict)

    def __add__(self, other: Judgement) -> Judgement:
        every = {**self.counts, **other.counts}
        return Judgement(
            events=self.events + other.events,
            score=self.score + other.score,
            counts={
                one: self.counts.get(one, Counts()) + other.counts.get(one, Counts())
                for one in every
            },
        )

    def to_dict(self, confidence: float) -> dict[str, Any]:
        """All figures as plain numbers, with intervals of that confidence."""
        return {
            "events": self.events,
            "confidence": confidence,
            "trackml": self.score.to_dict(),
            "definitions": [
                _row(definition, counts, confidence)
                for definition, counts in self.counts.items()
            ],
        }


def judge(
    event: Event, found: FoundTracks, definitions: Sequence[Definition]
) -> Judgement:
    """Judges the tracks of one event.

    Args:
        event: With truth.
        found: Its tracks.
        definitions: Rows, such as those of `presets.definitions`.

    Raises:
        ValueError: If the event has no truth.
    """
    table = contingency_of(event, found)
    counts = {one: count(verdicts(event, table, one)) for one in definitions}
    return Judgement(events=1, score=score_event(event, found), counts=counts)


def total(judgements: Iterable[Judgement]) -> Judgement:
    """The judgement of all events together."""
    return sum(judgements, Judgement())


def verdicts(event: Event, table: Contingency, definition: Definition) -> Verdicts:
    """What a definition says of each particle and each track.

    Args:
        event: With truth.
        table: Hits that its tracks and particles share.
        definition: The definition.
    """
    matches = match(table, definition.matching)
    wanted = definition.wanted.mask(event)
    able = table.track_hits >= definition.min_hits
    particle = np.where(able, matches.particle, NOBODY)
    finds = matches.finds & able[table.track]
    found = np.zeros(len(wanted), dtype=bool)
    found[table.particle[finds]] = True
    counted = _counted(table, definition, wanted)
    good = _of(wanted, particle) if definition.outside_is_fake else particle != NOBODY
    fake = counted & ~good
    again = finds & counted[table.track]
    if definition.per_found:
        again &= _of(wanted, table.particle)
    else:
        again &= ~fake[table.track]
    return Verdicts(
        wanted=wanted,
        found=found,
        particle=particle,
        counted=counted,
        fake=fake,
        duplicate=duplicates(table, again),
    )


def count(verdict: Verdicts) -> Counts:
    """The counts of an event."""
    return Counts(
        particles=int(verdict.wanted.sum()),
        found=int((verdict.found & verdict.wanted).sum()),
        tracks=int(verdict.counted.sum()),
        fakes=int(verdict.fake.sum()),
        duplicates=int(verdict.duplicate.sum()),
    )


def duplicates(table: Contingency, finds: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which tracks find a particle that another track finds better.

    Better is with more hits of the particle, or with as many and a lower number.

    Args:
        table: Hits that tracks and particles share.
        finds: Whether the track of each pair finds its particle, of shape `(pairs,)`.

    Returns:
        Of shape `(tracks,)`.
    """
    pairs = np.flatnonzero(finds)
    track, particle = table.track[pairs], table.particle[pairs]
    order = np.lexsort((track, -table.shared[pairs], particle))
    again = np.zeros(len(pairs), dtype=bool)
    again[1:] = particle[order][1:] == particle[order][:-1]
    duplicate = np.zeros(len(table.track_hits), dtype=bool)
    duplicate[track[order][again]] = True
    return duplicate


def _counted(
    table: Contingency, definition: Definition, wanted: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    least = 1 if definition.short_tracks else definition.min_hits
    counted = np.asarray(table.track_hits >= least)
    if definition.majority_wanted:
        counted &= _of(wanted, table.majority)
    return counted


def _of(wanted: NDArray[np.bool_], particle: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each particle is wanted; `NOBODY` is not."""
    return np.append(wanted, False)[particle]


def _row(definition: Definition, counts: Counts, confidence: float) -> dict[str, Any]:
    return {
        "preset": definition.preset,
        "matching": definition.matching.name,
        "fraction": definition.matching.limit,
        "definition": str(definition),
        "judged_tracks": "majority wanted" if definition.majority_wanted else "all",
        "efficiency": counts.efficiency(confidence).to_dict(),
        "fake_rate": counts.fake_rate(confidence).to_dict(),
        "duplicate_rate": counts.duplicate_rate(
            confidence, per_found=definition.per_found
        ).to_dict(),
    }
