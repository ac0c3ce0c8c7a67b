"""Out of ACTS' containers of hits and particles, into an event of ours.

Needs the optional packages; imported by worker processes only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import acts
import acts.examples
import numpy as np

from trackdnn.events.event import Particles
from trackdnn.simulation import whiteboard
from trackdnn.simulation.geometric_digitization import Crossings
from trackdnn.simulation.modules import read_modules
from trackdnn.simulation.simulated_event import (
    Passages,
    Response,
    SimulatedEvent,
    observe,
    particle_identity,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trackdnn.simulation.arrays import Float, Int
    from trackdnn.simulation.modules import Modules

_SUCCESS = acts.examples.ProcessCode.SUCCESS


class PassageReader(acts.examples.IAlgorithm):  # type: ignore[misc]
    """ACTS' hits and particles become an event.

    Args:
        response: How much the detector loses and adds.
        seed: Seed of the sample.
    """

    event: SimulatedEvent

    def __init__(self, response: Response, seed: int) -> None:
        super().__init__("PassageReader", acts.logging.WARNING)
        self._response, self._seed = response, seed
        self._hits = whiteboard.reads(self, acts.examples.SimHitContainer, "simhits")
        self._particles = whiteboard.reads(
            self, acts.examples.SimParticleContainer, "particles_simulated"
        )

    def execute(self, context: Any) -> Any:
        modules = read_modules()
        store = context.eventStore
        self.event = observe(
            _passages(list(self._hits(store)), modules),
            _particles(list(self._particles(store))),
            modules,
            self._response,
            seed=self._seed,
            number=context.eventNumber + 1,
        )
        return _SUCCESS


def _passages(hits: list[Any], modules: Modules) -> Passages:
    """Crossings of sensors of charged particles."""
    identifier = np.fromiter(
        (hit.geometryId.value for hit in hits), dtype=np.uint64, count=len(hits)
    )
    module = modules.rows(identifier)
    position = _rows([tuple(hit.fourPosition) for hit in hits], 4)[:, :3]
    momentum = _rows([tuple(hit.momentum4Before) for hit in hits], 4)[:, :3]
    norm = np.linalg.norm(momentum, axis=1, keepdims=True)
    return Passages(
        crossings=Crossings(
            module=module, position=position, direction=momentum / norm
        ),
        momentum=momentum,
        particle_id=_identities([hit.particleId for hit in hits]),
    )


def _particles(found: list[Any]) -> Particles:
    """Charged particles, with or without hits, by ascending id."""
    charged = [one for one in found if one.charge != 0]
    momentum = _rows([tuple(one.momentum) for one in charged], 3).astype(np.float32)
    vertex = _rows([tuple(one.position) for one in charged], 3).astype(np.float32)
    columns = Particles(
        particle_id=_identities([one.particleId for one in charged]),
        vx=vertex[:, 0],
        vy=vertex[:, 1],
        vz=vertex[:, 2],
        px=momentum[:, 0],
        py=momentum[:, 1],
        pz=momentum[:, 2],
        charge=np.array([one.charge for one in charged]).round().astype(np.int32),
        hits=np.zeros(len(charged), dtype=np.int32),
    )
    return columns.take(np.argsort(columns.particle_id))


def _identities(barcodes: list[Any]) -> Int:
    """Ids of particles; those of decays count as one generation more."""
    numbers = [
        (
            one.vertexPrimary,
            one.particle,
            one.generation + one.vertexSecondary,
            one.subParticle,
        )
        for one in barcodes
    ]
    return particle_identity(_rows(numbers, 4).astype(np.int64))


def _rows(values: Sequence[tuple[Any, ...]], width: int) -> Float:
    return np.array(values, dtype=np.float64).reshape(-1, width)
