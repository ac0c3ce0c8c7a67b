"""Proton collisions out of Pythia 8: one hard process and Poisson pile-up per event.

Each event reseeds Pythia from (seed, purpose, event number), so an event does not
depend on those generated before it, and not on the number of worker processes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from trackdnn.errors import SettingsError, nearest
from trackdnn.simulation.detector import BEAM_SPOT_MM

if TYPE_CHECKING:
    from trackdnn.simulation.arrays import Bool, Float, Int

_MINBIAS = ("SoftQCD:inelastic = on",)
PROCESSES = {
    "ttbar": ("Top:gg2ttbar = on", "Top:qqbar2ttbar = on"),
    "minbias": _MINBIAS,
    # Higgs to two neutral scalars of 40 GeV that fly 100 mm (c tau) before b bbar.
    "displaced": (
        "HiggsSM:gg2H = on",
        "25:m0 = 125.",
        "25:onMode = off",
        "9000006:all = LLscalar void 1 0 0 40. 0.001 0. 0. 100.",
        "9000006:addChannel = 1 1. 101 5 -5",
        "9000006:mayDecay = on",
        "9000006:isResonance = off",
        "25:addChannel = 1 1. 101 9000006 9000006",
    ),
}
_BEAM = ("Beams:eCM = 13000.", "Print:quiet = on", "Random:setSeed = on")
_CHARGED = (11, 13, 211, 321, 2212, 3112, 3222, 3312, 3334)
_PHOTON = 22
# Pythia accepts seeds up to this one.
_MAX_SEED = 900_000_000

# What can reach a sensor and leave a track: GeV, pseudorapidity, mm.
_MIN_PT_CHARGED = 0.15
_MIN_PT_PHOTON = 0.3
_MAX_ETA = 3.5
_MAX_RADIUS = 500.0
_MAX_Z = 1000.0


class Purpose(IntEnum):
    """What a stream of random numbers is for."""

    PILE_UP = 1
    HARD = 2
    SOFT = 3
    HIT_LOSS = 4
    NOISE = 5
    CHANNELS = 6


def random_stream(seed: int, purpose: Purpose, event: int) -> np.random.Generator:
    """Random numbers of one event for one purpose."""
    return np.random.default_rng([seed, int(purpose), event])


@dataclass(frozen=True)
class Interaction:
    """Final-state particles of one proton collision that can make a track.

    Attributes:
        pdg: Particle identity, shape `(particles,)`.
        momentum: GeV, shape `(particles, 3)`.
        vertex: Where each particle starts, mm, shape `(particles, 3)`.
        origin: Where the protons met, mm, shape `(3,)`.
    """

    pdg: Int
    momentum: Float
    vertex: Float
    origin: Float


def check_process(process: str) -> None:
    """Raise SettingsError unless the hard process is known."""
    if process not in PROCESSES:
        raise SettingsError(
            f"`process` must be one of {', '.join(PROCESSES)}. "
            f"Received: process={process!r}.{nearest(process, PROCESSES)}"
        )


def generate(process: str, mu: float, seed: int, event: int) -> list[Interaction]:
    """Generate one event; its first interaction is the hard process.

    Args:
        process: A key of `PROCESSES`.
        mu: Mean number of pile-up interactions on top of the hard one.
        seed: Seed of the sample.
        event: Number of the event.

    Returns:
        The hard interaction, then the pile-up.
    """
    rng = random_stream(seed, Purpose.PILE_UP, event)
    pile_up = int(rng.poisson(mu))
    origins = rng.normal(0.0, BEAM_SPOT_MM, (1 + pile_up, 3))
    hard = _collide(PROCESSES[process], 1, seed, Purpose.HARD, event)
    soft = _collide(_MINBIAS, pile_up, seed, Purpose.SOFT, event)
    return [
        _select(particles, origin)
        for particles, origin in zip([*hard, *soft], origins, strict=True)
    ]


def _collide(
    process: tuple[str, ...], count: int, seed: int, purpose: Purpose, event: int
) -> Iterator[Any]:
    """Records of `count` collisions."""
    if count == 0:
        return iter(())
    pythia = _start(process)
    stream = random_stream(seed, purpose, event)
    pythia.rndm.init(int(stream.integers(1, _MAX_SEED)))
    records = pythia.nextBatch(count).prt
    if len(records) != count:
        raise RuntimeError(f"Pythia made {len(records)} collisions instead of {count}")
    return iter(records)


@cache
def _start(process: tuple[str, ...]) -> Any:
    """Initialise Pythia once per process (seconds); the seed here is fixed."""
    import pythia8mc

    pythia = pythia8mc.Pythia("", False)
    for command in (*process, *_BEAM, "Random:seed = 1"):
        if not pythia.readString(command):
            raise RuntimeError(f"Pythia does not know the setting {command!r}")
    if not pythia.init():
        raise RuntimeError(f"Pythia could not start the process {process}")
    return pythia


def _select(record: Any, origin: Float) -> Interaction:
    """Final-state particles inside the acceptance."""
    import awkward as ak

    final = record[record.status > 0]
    pdg = ak.to_numpy(final.id).astype(np.int64)
    axes = ("px", "py", "pz")
    momentum = np.stack([ak.to_numpy(final.p[axis]) for axis in axes], axis=1)
    # A particle without a production vertex starts where the protons met.
    vertex = np.stack(
        [ak.to_numpy(ak.fill_none(final.vProd[axis], 0.0)) for axis in axes], axis=1
    )
    keep = _reaches_detector(pdg, momentum, vertex)
    return Interaction(pdg[keep], momentum[keep], vertex[keep] + origin, origin)


def _reaches_detector(pdg: Int, momentum: Float, vertex: Float) -> Bool:
    """Charged particles and photons hard and central enough to matter."""
    pt = np.hypot(momentum[:, 0], momentum[:, 1])
    central = np.abs(momentum[:, 2]) < pt * np.sinh(_MAX_ETA)
    inside = np.hypot(vertex[:, 0], vertex[:, 1]) < _MAX_RADIUS
    inside &= np.abs(vertex[:, 2]) < _MAX_Z
    charged = np.isin(np.abs(pdg), _CHARGED) & (pt > _MIN_PT_CHARGED)
    photon = (pdg == _PHOTON) & (pt > _MIN_PT_PHOTON)
    reaches: Bool = central & inside & (charged | photon)
    return reaches
