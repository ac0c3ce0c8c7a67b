"""Parts of events: fewer particles, less noise, a region. What is stored stays whole.

A view makes samples, for a training or for an evaluation; it is no step of finding
tracks. What a finder gets is `View.sample(event)[0]`, which has no truth at all.

Each particle and each noise hit has a number in [0, 1) of its own, from the seed, the
name of the event and its id alone, and stays where the number is below the share. So
a sample depends on no order and no process, and a smaller share is part of a greater
one. The number that stays is binomial around the share (HyperTrack draws Poisson
numbers, which for small shares are the same, and at a share of 1 lose particles).

Weights of hits stay as they are: whoever scores divides by their sum.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Literal

import numpy as np

from trackdnn.data.hashing import event_keys, uniform
from trackdnn.errors import InputError, SettingsError
from trackdnn.events.event import NOISE, Event, without_truth
from trackdnn.events.layers import BARREL, PIXEL

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    from trackdnn.events.source import EventSource
    from trackdnn.settings.finding.view import ViewSettings

_REGIONS = {"barrel": BARREL, "pixel": PIXEL}


@dataclasses.dataclass(frozen=True)
class View:
    """Which part of events is seen.

    Args:
        settings: The block `finding.view`.
        purpose: What the sample is for. One hit per layer of a particle is known from
            truth alone, so only a training may ask for it.

    Raises:
        SettingsError: If an evaluation asks for one hit per layer.
    """

    settings: ViewSettings
    purpose: Literal["training", "evaluation"]

    def __post_init__(self) -> None:
        if self.purpose == "evaluation" and self.settings.one_hit_per_layer:
            raise SettingsError(
                "finding.view.one_hit_per_layer must be off where tracks are judged, "
                "because only truth tells which hits go. Received: on. Set "
                "finding.view.one_hit_per_layer=false."
            )

    @property
    def training_only(self) -> bool:
        """Whether truth decides about single hits."""
        return self.settings.one_hit_per_layer

    @property
    def needs_truth(self) -> bool:
        """Whether only an event with truth can be cut so."""
        chosen = self.settings
        return chosen.particles < 1.0 or chosen.noise is not None or self.training_only

    def apply(self, event: Event) -> Event:
        """The part of an event, with truth where the event has it.

        Particles that are not drawn are gone; those that lose all hits otherwise stay.

        Raises:
            InputError: If the view needs truth and the event has none.
        """
        if self.needs_truth and event.truth is None:
            raise InputError(
                f"Event {event.name} must have truth, or be seen as a whole. Received: "
                "no truth. Set particles, noise and one_hit_per_layer of finding.view "
                "to their defaults, or name events with truth."
            )
        event = _in_region(event, self.settings.region)
        if not self.settings.clusters:
            event = dataclasses.replace(event, clusters=None)
        if event.truth is None:
            return event
        if self.settings.one_hit_per_layer:
            event = event.take(first_hits(event))
        event = _with_particles(event, self.settings.particles, self.settings.seed)
        return _with_noise(event, self.settings)

    def sample(self, event: Event) -> tuple[Event, Event]:
        """The part of an event as a finder gets it, and the same with truth."""
        part = self.apply(event)
        return without_truth(part), part

    def counted(self, event: Event) -> NDArray[np.bool_]:
        """Which particles count as truth in a training, of shape `(particles,)`.

        Args:
            event: With truth; what `apply` has given.
        """
        _, particles = event.known()
        enough = particles.hits >= self.settings.min_hits
        return np.asarray(enough & (particles.pt >= self.settings.min_pt))

    def targets(self, event: Event) -> Event:
        """The same hits, with truth of the particles that count; the rest is noise.

        For losses and truth graphs of a training; never for a judgement.

        Args:
            event: With truth; what `apply` has given.
        """
        truth, particles = event.known()
        counted = self.counted(event)
        # The last place is that of noise, whose owner is -1.
        mine = np.append(counted, False)[event.owner()]
        return dataclasses.replace(
            event,
            truth=dataclasses.replace(
                truth,
                particle_id=np.where(mine, truth.particle_id, NOISE),
                weight=np.where(mine, truth.weight, 0.0),
            ),
            particles=particles.take(counted),
        )

    def thinned(self, share: float) -> View:
        """The same with this share of the particles."""
        particles = self.settings.particles * share
        thinned = self.settings.model_copy(update={"particles": particles})
        return dataclasses.replace(self, settings=thinned)

    def of(self, sources: Iterable[EventSource]) -> list[ViewedSource]:
        """Sources that give this part of their events."""
        return [ViewedSource(source, self) for source in sources]


@dataclasses.dataclass(frozen=True)
class ViewedSource:
    """An `EventSource` of a part of an event.

    Args:
        source: Of the whole event.
        view: Which part.
    """

    source: EventSource
    view: View

    @property
    def name(self) -> str:
        """Name of the event."""
        return self.source.name

    @property
    def files(self) -> tuple[Path, ...]:
        """Files of the whole event."""
        return self.source.files

    def load(self) -> Event:
        """The part of the event.

        Raises:
            InputError: If the event cannot be read, or lacks the truth that is needed.
        """
        return self.view.apply(self.source.load())


def first_hits(event: Event) -> NDArray[np.bool_]:
    """Noise, and of the hits of a particle on one layer the first in the file.

    Args:
        event: With truth.

    Returns:
        Mask of shape `(hits,)`.
    """
    hits, owner = event.hits, event.owner()
    keep = owner < 0
    # Stable: hits of one particle and layer stay in the order of the file.
    order = np.lexsort((hits.layer, hits.volume, owner))
    table = np.stack([owner, hits.volume, hits.layer])[:, order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (table[:, 1:] != table[:, :-1]).any(axis=0)
    keep[order[first]] = True
    return np.asarray(keep)


def _in_region(event: Event, region: str) -> Event:
    if region not in _REGIONS:
        return event
    return event.take(np.isin(event.hits.volume, _REGIONS[region]))


def _with_particles(event: Event, share: float, seed: int) -> Event:
    if share >= 1.0:
        return event
    _, particles = event.known()
    drawn = _numbers(event, "particles", particles.particle_id, seed) < share
    kept = event.take(np.append(drawn, True)[event.owner()])
    return dataclasses.replace(kept, particles=kept.known()[1].take(drawn))


def _with_noise(event: Event, settings: ViewSettings) -> Event:
    noise = event.owner() < 0
    total = int(noise.sum())
    chance = settings.particles
    if settings.noise is not None:
        # So that noise is this share of all hits.
        wanted = (len(event) - total) * settings.noise / (1.0 - settings.noise)
        chance = wanted / max(total, 1)
    if chance >= 1.0:
        return event
    drawn = _numbers(event, "noise", event.hits.hit_id, settings.seed) < chance
    return event.take(~noise | drawn)


def _numbers(
    event: Event, what: str, ids: NDArray[np.int64], seed: int
) -> NDArray[np.float64]:
    """A number in [0, 1) for each id, of shape `(ids,)`."""
    return uniform(event_keys(f"{what} of {event.name}", ids), seed)
