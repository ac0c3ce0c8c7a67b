"""Python algorithms around ACTS: particles in, measurements lost, tracks out.

Needs the optional packages; imported by worker processes only. All algorithms of a
sequence share one `EventState`, which the first of them renews for each event.
"""

from __future__ import annotations

from typing import Any

import acts
import acts.examples
import numpy as np

from trackdnn.simulation import generator
from trackdnn.simulation.detector import split_identifier
from trackdnn.simulation.event import EventState, Particles, Sensors

_SUCCESS = acts.examples.ProcessCode.SUCCESS
# A particle that starts farther than this from the beam is a secondary, mm.
_SECONDARY_RADIUS = 0.05


def reads(algorithm: Any, kind: Any, name: str) -> Any:
    """A handle that gives what other algorithms wrote under `name`."""
    handle = acts.examples.ReadDataHandle(algorithm, kind, name)
    handle.initialize(name)
    return handle


def writes(algorithm: Any, kind: Any, name: str) -> Any:
    """A handle that takes what is to be known as `name`."""
    handle = acts.examples.WriteDataHandle(algorithm, kind, name)
    handle.initialize(name)
    return handle


class CollisionReader(acts.examples.IReader):  # type: ignore[misc]
    """Pythia's particles become ACTS particles."""

    def __init__(self, state: EventState, process: str, mu: float, seed: int) -> None:
        super().__init__("CollisionReader", acts.logging.WARNING)
        self._state = state
        self._arguments = (process, mu, seed)
        self._output = writes(
            self, acts.examples.SimParticleContainer, "particles_generated"
        )

    def availableEvents(self) -> tuple[int, int]:
        return (0, 2**31)

    def read(self, context: Any) -> Any:
        interactions = generator.generate(*self._arguments, context.eventNumber)
        self._state.start(context.eventNumber, [one.origin for one in interactions])
        particles = acts.examples.SimParticleContainer()
        for number, interaction in enumerate(interactions, start=1):
            _insert(particles, interaction, number)
        self._output(context, particles)
        return _SUCCESS


def _insert(container: Any, interaction: generator.Interaction, number: int) -> None:
    """Add the particles of one proton collision."""
    norm = np.linalg.norm(interaction.momentum, axis=1)
    direction = interaction.momentum / norm[:, None]
    offset = interaction.vertex - interaction.origin
    secondary = np.hypot(offset[:, 0], offset[:, 1]) > _SECONDARY_RADIUS
    for index, pdg in enumerate(interaction.pdg.tolist()):
        barcode = acts.examples.SimBarcode()
        barcode.vertexPrimary = number
        barcode.vertexSecondary = int(secondary[index])
        barcode.particle = index + 1
        particle = acts.examples.SimParticle(barcode, acts.PdgParticle(pdg))
        particle.fourPosition = acts.Vector4(*interaction.vertex[index], 0.0)
        particle.direction = acts.Vector3(*direction[index])
        particle.absoluteMomentum = float(norm[index])
        container.insert(particle)


class HitLoss(acts.examples.IAlgorithm):  # type: ignore[misc]
    """Some measurements are lost by chance, those of dead modules always."""

    def __init__(
        self, state: EventState, output: str, probability: float, seed: int
    ) -> None:
        super().__init__("HitLoss", acts.logging.WARNING)
        self._state, self._probability, self._seed = state, probability, seed
        self._input = reads(self, acts.examples.MeasurementContainer, "measurements")
        self._output = writes(self, acts.examples.MeasurementSubset, output)

    def execute(self, context: Any) -> Any:
        measurements = self._input(context.eventStore)
        identifier = np.fromiter(
            (measurement.geometryId.value for measurement in measurements),
            dtype=np.uint64,
            count=len(measurements),
        )
        stream = generator.random_stream(
            self._seed, generator.Purpose.HIT_LOSS, context.eventNumber
        )
        alive = stream.random(len(identifier)) >= self._probability
        alive &= ~np.isin(identifier, self._state.dead)
        self._state.sensors = Sensors(*split_identifier(identifier))
        self._state.measured = alive
        self._state.available = alive.copy()
        subset = acts.examples.MeasurementSubset(
            measurements, np.flatnonzero(alive).tolist()
        )
        self._output(context, subset)
        return _SUCCESS


class ParticleCollector(acts.examples.IAlgorithm):  # type: ignore[misc]
    """Charged particles after the detector, and who made which measurement."""

    def __init__(self, state: EventState) -> None:
        super().__init__("ParticleCollector", acts.logging.WARNING)
        self._state = state
        self._particles = reads(
            self, acts.examples.SimParticleContainer, "particles_simulated"
        )
        self._hits = reads(
            self, acts.examples.ParticleMeasurementsMap, "particle_measurements_map"
        )

    def execute(self, context: Any) -> Any:
        store = context.eventStore
        hits = self._hits(store)
        rows: list[tuple[float, ...]] = []
        owner = np.full(len(self._state.available), -1, dtype=np.int64)
        for particle in self._particles(store):
            measured = hits.valuesFor(particle.particleId)
            if not measured:
                continue
            owner[measured] = len(rows)
            rows.append(_describe(particle))
        self._state.particles = Particles.from_rows(rows)
        self._state.owner = owner
        return _SUCCESS


def _describe(particle: Any) -> tuple[float, ...]:
    """One row of `Particles`."""
    pdg = particle.pdg
    return (
        particle.transverseMomentum,
        particle.theta,
        particle.phi,
        particle.charge,
        int(getattr(pdg, "value", pdg)),
        *particle.position,
        particle.particleId.vertexPrimary - 1,
    )


class PassCollector(acts.examples.IAlgorithm):  # type: ignore[misc]
    """Tracks of one pass; what is left of the measurements goes to the next."""

    def __init__(
        self, state: EventState, number: int, tracks: str, output: str | None
    ) -> None:
        super().__init__(f"PassCollector{number}", acts.logging.WARNING)
        self._state, self._number = state, number
        self._tracks = reads(self, acts.examples.ConstTrackContainer, tracks)
        self._measurements = reads(
            self, acts.examples.MeasurementContainer, "measurements"
        )
        kind = acts.examples.MeasurementSubset
        self._output = writes(self, kind, output) if output else None

    def execute(self, context: Any) -> Any:
        tracks = self._tracks(context.eventStore)
        self._state.add_pass(self._number, tracks)
        if self._output is not None:
            subset = acts.examples.MeasurementSubset(
                self._measurements(context.eventStore),
                np.flatnonzero(self._state.available).tolist(),
            )
            self._output(context, subset)
        return _SUCCESS
