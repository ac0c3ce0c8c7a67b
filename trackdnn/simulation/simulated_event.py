"""An event as a detector would give it, out of what its particles did.

`particle_id` has the bits of TrackML, from the top: interaction 12 (the hard one is 1),
particle of the generator 16, generation 12 (0 for particles from the interaction, one
more for each decay and conversion), number among those 12, and 12 that are 0.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from trackdnn.events.clusters import Cells
from trackdnn.events.event import NOISE, Event, Hits, Particles, Truth, count_hits
from trackdnn.events.weights import hit_weights
from trackdnn.simulation import noise
from trackdnn.simulation.generator import Purpose, random_stream
from trackdnn.simulation.geometric_digitization import (
    Clusters,
    Crossings,
    digitize,
    is_seen,
)

if TYPE_CHECKING:
    from trackdnn.simulation.arrays import Bool, Float, Int
    from trackdnn.simulation.modules import Modules

# Largest numbers that have room in a particle_id that is positive.
MOST_INTERACTIONS = 2**11 - 1
_ROOM = (MOST_INTERACTIONS, 2**16 - 1, 2**12 - 1, 2**12 - 1)
_SHIFTS = (52, 36, 24, 12)


@dataclasses.dataclass(frozen=True)
class Response:
    """How much a detector loses and adds.

    Args:
        noise: Share of noise among all hits.
        hit_loss: Probability that a hit is lost.
    """

    noise: float
    hit_loss: float


@dataclasses.dataclass(frozen=True, kw_only=True)
class Passages:
    """What the particles did; one row per crossing.

    Args:
        crossings: Of sensors.
        momentum: There, GeV, shape `(hits, 3)`.
        particle_id: Who, shape `(hits,)`.
    """

    crossings: Crossings
    momentum: Float
    particle_id: Int

    def take(self, rows: Bool | Int) -> Passages:
        """The passages of a mask or of indices."""
        return Passages(
            crossings=self.crossings.take(rows),
            momentum=self.momentum[rows],
            particle_id=self.particle_id[rows],
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class SimulatedEvent:
    """An event with its cells, and what a track finder of ACTS needs.

    Args:
        event: Hits by sensor, in random order on each; with truth.
        cells: Of all hits.
        module: Row in `Modules` of each hit, ascending.
        local: Position on the sensor, mm, shape `(hits, 2)`.
        width: Extent of the cluster in channels, shape `(hits, 2)`.
    """

    event: Event
    cells: Cells
    module: Int
    local: Float
    width: Int


def particle_identity(numbers: Int) -> Int:
    """Ids out of interaction, particle, generation and number, shape `(n, 4)`.

    Raises:
        ValueError: If a number has no room.
    """
    if (numbers > np.array(_ROOM)).any() or (numbers < 0).any():
        raise ValueError(f"Numbers of a particle must be at most {_ROOM}")
    identity: Int = (numbers.astype(np.int64) << np.array(_SHIFTS)).sum(axis=1)
    return identity


def observe(
    passages: Passages,
    particles: Particles,
    modules: Modules,
    response: Response,
    *,
    seed: int,
    number: int,
) -> SimulatedEvent:
    """Lose hits, add noise, read out the channels.

    Args:
        passages: What the particles did.
        particles: All that shall be listed, by ascending id.
        modules: The sensors.
        response: How much is lost and added.
        seed: Of the sample.
        number: Of the event, from 1.

    Returns:
        The event, which depends on nothing else.
    """
    streams = (Purpose.HIT_LOSS, Purpose.NOISE, Purpose.CHANNELS)
    loss, extra, blur = (random_stream(seed, one, number) for one in streams)
    alive = loss.random(len(passages.particle_id)) >= response.hit_loss
    alive &= is_seen(passages.crossings, modules)
    count = noise.count_noise(int(alive.sum()), response.noise, extra)
    added = noise.make_noise(count, modules, extra)
    everything = _joined(passages, alive, added)
    # Neighbours in the file must not tell who made them.
    order = loss.permutation(len(everything.particle_id))
    order = order[np.argsort(everything.crossings.module[order], kind="stable")]
    everything = everything.take(order)
    clusters = digitize(everything.crossings, modules, blur)
    return _assembled(everything, particles, clusters, modules, number)


def _joined(passages: Passages, alive: Bool, added: Crossings) -> Passages:
    """Hits of particles that are not lost, then noise."""
    kept = passages.take(alive)
    both = (kept.crossings, added)
    return Passages(
        crossings=Crossings(
            module=np.concatenate([one.module for one in both]),
            position=np.concatenate([one.position for one in both]),
            direction=np.concatenate([one.direction for one in both]),
        ),
        momentum=np.concatenate([kept.momentum, np.zeros((len(added), 3))]),
        particle_id=np.concatenate([kept.particle_id, np.full(len(added), NOISE)]),
    )


def _assembled(
    passages: Passages,
    particles: Particles,
    clusters: Clusters,
    modules: Modules,
    number: int,
) -> SimulatedEvent:
    module = passages.crossings.module
    hits = _hits(clusters, module, modules)
    truth = _truth(passages)
    event = Event(
        name=f"event{number:09d}", hits=hits, truth=truth, particles=particles
    )
    particles = count_hits(particles, event)
    truth = dataclasses.replace(truth, weight=hit_weights(truth, particles))
    cells = Cells(
        hit_id=clusters.hit + 1,
        ch0=clusters.ch0.astype(np.int32),
        ch1=clusters.ch1.astype(np.int32),
        value=clusters.value.astype(np.float32),
    )
    return SimulatedEvent(
        event=dataclasses.replace(event, truth=truth, particles=particles),
        cells=cells,
        module=module,
        local=np.stack([clusters.u, clusters.v], axis=1),
        width=clusters.width(),
    )


def _hits(clusters: Clusters, module: Int, modules: Modules) -> Hits:
    where = modules.to_global(module, clusters.u, clusters.v).astype(np.float32)
    sensor = (modules.volume, modules.layer, modules.module)
    volume, layer, name = (column[module].astype(np.int32) for column in sensor)
    return Hits(
        hit_id=np.arange(1, len(module) + 1),
        x=where[:, 0],
        y=where[:, 1],
        z=where[:, 2],
        volume=volume,
        layer=layer,
        module=name,
    )


def _truth(passages: Passages) -> Truth:
    x, y, z = passages.crossings.position.astype(np.float32).T
    px, py, pz = passages.momentum.astype(np.float32).T
    return Truth(
        particle_id=passages.particle_id,
        x=x,
        y=y,
        z=z,
        px=px,
        py=py,
        pz=pz,
        weight=np.zeros(len(passages.particle_id)),
    )
