"""Events of helices through the ten barrel layers: quick, and symmetric in phi."""

from __future__ import annotations

import numpy as np

from trackdnn.events.event import Event, Hits, Particles, Truth

# Radius in mm of each barrel layer, (volume, layer).
RADII = {
    (8, 2): 32.0,
    (8, 4): 72.0,
    (8, 6): 116.0,
    (8, 8): 172.0,
    (13, 2): 260.0,
    (13, 4): 360.0,
    (13, 6): 500.0,
    (13, 8): 660.0,
    (17, 2): 820.0,
    (17, 4): 1020.0,
}
FIELD_TESLA = 2.0
_HALF_LENGTH = 1080.0


def toy_event(
    particles: int = 100,
    *,
    noise: int = 0,
    seed: int = 1,
    smear: float = 0.02,
    name: str = "event000000001",
) -> Event:
    """An event with truth; hits in random order.

    Args:
        particles: Charged particles from near the origin, pT from 0.3 GeV.
        noise: Hits of nobody.
        seed: Of all random numbers.
        smear: Resolution along the layer, mm.
    """
    rng = np.random.default_rng([seed, particles, noise])
    pt = 0.3 + rng.exponential(0.8, particles)
    phi = rng.uniform(-np.pi, np.pi, particles)
    eta = rng.uniform(-1.5, 1.5, particles)
    charge = rng.choice([-1, 1], particles)
    vz = rng.normal(0.0, 50.0, particles)
    rows = []
    radius = pt / (0.3e-3 * FIELD_TESLA)
    for (volume, layer), r in RADII.items():
        turn = np.arcsin(np.minimum(r / (2 * radius), 1.0))
        z = vz + 2 * radius * turn * np.sinh(eta)
        there = (r < 1.9 * radius) & (np.abs(z) < _HALF_LENGTH)
        at = phi - charge * turn + rng.normal(0.0, smear, particles) / r
        towards = phi - 2 * charge * turn
        module = 1 + np.floor((at % (2 * np.pi)) / (2 * np.pi) * 16).astype(int)
        seen = np.flatnonzero(there)
        rows += [
            (
                i + 1,
                r * np.cos(at[i]),
                r * np.sin(at[i]),
                z[i] + rng.normal(0.0, smear),
                volume,
                layer,
                module[i],
                pt[i] * np.cos(towards[i]),
                pt[i] * np.sin(towards[i]),
                pt[i] * np.sinh(eta[i]),
            )
            for i in seen
        ]
    keys = list(RADII)
    for _ in range(noise):
        volume, layer = keys[rng.integers(len(keys))]
        r, at = RADII[volume, layer], rng.uniform(-np.pi, np.pi)
        z = rng.uniform(-_HALF_LENGTH, _HALF_LENGTH)
        module = 1 + int((at % (2 * np.pi)) / (2 * np.pi) * 16)
        place = (r * np.cos(at), r * np.sin(at), z)
        rows.append((0, *place, volume, layer, module, 0.0, 0.0, 0.0))
    table = np.array(rows, dtype=np.float64).reshape(-1, 10)
    table = table[rng.permutation(len(table))]
    return _event(name, table, (pt, phi, eta, charge, vz))


def _event(name, table, kinematics):
    pt, phi, eta, charge, vz = kinematics
    owner, (x, y, z) = table[:, 0].astype(np.int64), table[:, 1:4].T.astype("f4")
    volume, layer, module = table[:, 4:7].T.astype("i4")
    px, py, pz = table[:, 7:].T.astype("f4")
    hits = Hits(
        hit_id=np.arange(1, len(table) + 1),
        x=x,
        y=y,
        z=z,
        volume=volume,
        layer=layer,
        module=module,
    )
    weight = np.where(owner > 0, 1.0, 0.0)
    truth = Truth(
        particle_id=owner,
        x=x,
        y=y,
        z=z,
        px=px,
        py=py,
        pz=pz,
        weight=weight / max(weight.sum(), 1.0),
    )
    zero = np.zeros(len(pt), dtype="f4")
    made = Particles(
        particle_id=np.arange(1, len(pt) + 1),
        vx=zero,
        vy=zero,
        vz=vz.astype("f4"),
        px=(pt * np.cos(phi)).astype("f4"),
        py=(pt * np.sin(phi)).astype("f4"),
        pz=(pt * np.sinh(eta)).astype("f4"),
        charge=charge.astype("i4"),
        hits=np.bincount(owner, minlength=len(pt) + 1)[1:].astype("i4"),
    )
    return Event(name=name, hits=hits, truth=truth, particles=made)
