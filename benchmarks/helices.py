"""Made-up events of helices in ten layers around the beam line, of any size."""

from __future__ import annotations

import numpy as np

from trackdnn.events.event import Event, Hits, Particles, Truth

# Volume, layer and radius in mm.
LAYERS = (
    (8, 2, 32.0),
    (8, 4, 72.0),
    (8, 6, 116.0),
    (8, 8, 172.0),
    (13, 2, 260.0),
    (13, 4, 360.0),
    (13, 6, 500.0),
    (13, 8, 660.0),
    (17, 2, 820.0),
    (17, 4, 1020.0),
)
HALF_LENGTH = 1080.0
_NOISE = 0.1
_SMEAR = 0.05
# 0.3e-3 times a field of 2 T, GeV per mm.
_CURVATURE = 0.6e-3
_MODULES = 32


def helix_event(hits: int, seed: int) -> Event:
    """An event with truth and about `hits` hits, a tenth of them noise.

    Args:
        hits: How many to make, about.
        seed: Of all random numbers.
    """
    rng = np.random.default_rng([seed, hits])
    count = round(hits * (1 - _NOISE) / 8.2)
    made = {
        "pt": 0.3 + rng.exponential(0.8, count),
        "phi": rng.uniform(-np.pi, np.pi, count),
        "eta": rng.uniform(-1.8, 1.8, count),
        "charge": rng.choice([-1, 1], count),
        "vz": rng.normal(0.0, 50.0, count),
    }
    parts = [_crossings(made, layer, rng) for layer in range(len(LAYERS))]
    parts.append(_noise(round(hits * _NOISE), rng))
    table = np.concatenate(parts)
    return _event(f"event{seed:09}", table[rng.permutation(len(table))], made)


def _crossings(made: dict, layer: int, rng: np.random.Generator) -> np.ndarray:
    """Owner, layer, r phi, z and momentum of the hits on a layer, one a row."""
    r, radius = LAYERS[layer][2], made["pt"] / _CURVATURE
    turn = np.arcsin(np.minimum(r / (2 * radius), 1.0))
    z = made["vz"] + 2 * radius * turn * np.sinh(made["eta"])
    seen = np.flatnonzero((r < 1.9 * radius) & (np.abs(z) < HALF_LENGTH))
    pt, turn = made["pt"][seen], (made["charge"] * turn)[seen]
    at = made["phi"][seen] - turn + rng.normal(0.0, _SMEAR, len(seen)) / r
    towards = made["phi"][seen] - 2 * turn
    columns = (
        seen + 1,
        np.full(len(seen), layer),
        at,
        z[seen] + rng.normal(0.0, _SMEAR, len(seen)),
        pt * np.cos(towards),
        pt * np.sin(towards),
        pt * np.sinh(made["eta"][seen]),
    )
    return np.stack(columns, axis=1)


def _noise(count: int, rng: np.random.Generator) -> np.ndarray:
    table = np.zeros((count, 7))
    table[:, 1] = rng.integers(len(LAYERS), size=count)
    table[:, 2] = rng.uniform(-np.pi, np.pi, count)
    table[:, 3] = rng.uniform(-HALF_LENGTH, HALF_LENGTH, count)
    return table


def _event(name: str, table: np.ndarray, made: dict) -> Event:
    layers = np.array(LAYERS)[table[:, 1].astype(int)]
    x, y = layers[:, 2] * np.cos(table[:, 2]), layers[:, 2] * np.sin(table[:, 2])
    module = np.floor((table[:, 2] / (2 * np.pi)) % 1.0 * _MODULES)
    place = {"x": x, "y": y, "z": table[:, 3]}
    place = {name: column.astype("f4") for name, column in place.items()}
    owner = table[:, 0].astype(np.int64)
    px, py, pz = table[:, 4:].astype("f4").T
    weight = (owner > 0) / max(np.count_nonzero(owner), 1)
    volume, layer = layers[:, :2].astype("i4").T
    hits = Hits(
        hit_id=np.arange(1, len(table) + 1),
        volume=volume,
        layer=layer,
        module=module.astype("i4") + 1,
        **place,
    )
    truth = Truth(particle_id=owner, px=px, py=py, pz=pz, weight=weight, **place)
    zero = np.zeros(len(made["pt"]), "f4")
    particles = Particles(
        particle_id=np.arange(1, len(zero) + 1),
        vx=zero,
        vy=zero,
        vz=made["vz"].astype("f4"),
        px=(made["pt"] * np.cos(made["phi"])).astype("f4"),
        py=(made["pt"] * np.sin(made["phi"])).astype("f4"),
        pz=(made["pt"] * np.sinh(made["eta"])).astype("f4"),
        charge=made["charge"].astype("i4"),
        hits=np.bincount(owner, minlength=len(zero) + 1)[1:].astype("i4"),
    )
    return Event(name=name, hits=hits, truth=truth, particles=particles)
