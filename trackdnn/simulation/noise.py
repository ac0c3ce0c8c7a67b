"""Hits that no particle made.

Every sensor gives as many, wherever it is, as in the events of TrackML; so the large
layers of strips are noisiest. A noise cluster looks as if something had come from about
the middle of the detector: its direction is that of the hit seen from there, turned by
up to 0.7 rad in polar angle and in azimuth, as in the truth of those events.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trackdnn.simulation.geometric_digitization import Crossings, is_seen

if TYPE_CHECKING:
    from trackdnn.simulation.arrays import Float
    from trackdnn.simulation.modules import Modules

# Largest turn of either angle, rad.
_TURN = 0.7


def count_noise(hits: int, share: float, random: np.random.Generator) -> int:
    """Number of noise hits of an event, Poisson.

    Args:
        hits: Number of hits of particles.
        share: Of noise among all hits, less than 1.
        random: For the number.
    """
    return int(random.poisson(hits * share / (1 - share)))


def make_noise(count: int, modules: Modules, random: np.random.Generator) -> Crossings:
    """Crossings at random places of random sensors, by paths that are seen.

    Args:
        count: How many.
        modules: The sensors.
        random: For all of it.
    """
    found = _draw(count, modules, random)
    while (rest := ~is_seen(found, modules)).any():
        again = _draw(int(rest.sum()), modules, random)
        for old, new in (
            (found.module, again.module),
            (found.position, again.position),
            (found.direction, again.direction),
        ):
            old[rest] = new
    return found


def _draw(count: int, modules: Modules, random: np.random.Generator) -> Crossings:
    """Places on sensors and directions, whether seen or not."""
    module = random.integers(len(modules), size=count)
    u, v = random.uniform(-1.0, 1.0, (2, count))
    low, high = modules.half_u[module].T
    u *= low + (high - low) * (v + 1) / 2
    position = modules.to_global(module, u, v * modules.half_v[module])
    return Crossings(
        module=module, position=position, direction=_turned(position, random)
    )


def _turned(position: Float, random: np.random.Generator) -> Float:
    """Directions from the origin, turned in polar angle and azimuth, unit vectors."""
    x, y, z = position.T
    polar, azimuth = np.arctan2(np.hypot(x, y), z), np.arctan2(y, x)
    polar += random.uniform(-_TURN, _TURN, len(z))
    azimuth += random.uniform(-_TURN, _TURN, len(z))
    across = np.sin(polar)
    columns = (across * np.cos(azimuth), across * np.sin(azimuth), np.cos(polar))
    return np.stack(columns, axis=1)
