"""From a straight path through a sensor to channels, and back to a position.

A particle leaves charge along its path through the depth of the sensor. In the barrel
the charge drifts sideways in the magnetic field (Lorentz angle), which adds to the
slope of the path as the channels see it, and shifts it. The path is cut at the borders
of the channels; each piece gives its length, blurred, to its channel. Strips say yes or
no.

The position of the cluster is the mean of its channels, weighted by charge, without the
shift.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from trackdnn.simulation.arrays import Bool, Float, Int
    from trackdnn.simulation.modules import Modules

# Relative width of the charge of a channel, read off a TrackML event.
CHARGE_BLUR = 0.1
_LEAST_CHARGE = 1e-5
# Of the angle between path and normal; paths closer to the plane leave no hit.
LEAST_COSINE = 0.1


@dataclass(frozen=True, kw_only=True)
class Crossings:
    """Where sensors are crossed.

    Args:
        module: Row in `Modules`, shape `(hits,)`.
        position: On the middle plane of the sensor, global, mm, shape `(hits, 3)`.
        direction: Of flight, global, unit vectors, shape `(hits, 3)`.
    """

    module: Int
    position: Float
    direction: Float

    def __len__(self) -> int:
        return len(self.module)

    def take(self, rows: Bool | Int) -> Crossings:
        """The crossings of a mask or of indices."""
        return Crossings(
            module=self.module[rows],
            position=self.position[rows],
            direction=self.direction[rows],
        )


@dataclass(frozen=True, kw_only=True)
class Clusters:
    """What the sensors give.

    Args:
        u: Local position, mm, shape `(hits,)`.
        v: As `u`.
        hit: Row of the hit of each channel, ascending, shape `(cells,)`.
        ch0: Number of the channel along u, shape `(cells,)`.
        ch1: As `ch0`, along v.
        value: Charge as mm of silicon; 1 for strips; shape `(cells,)`.
    """

    u: Float
    v: Float
    hit: Int
    ch0: Int
    ch1: Int
    value: Float

    def width(self) -> Int:
        """Extent in channels along u and v, shape `(hits, 2)`."""
        first = np.searchsorted(self.hit, np.arange(len(self.u)))
        columns = []
        for channel in (self.ch0, self.ch1):
            most = np.maximum.reduceat(channel, first) if len(first) else channel
            least = np.minimum.reduceat(channel, first) if len(first) else channel
            columns.append(most - least + 1)
        return np.stack(columns, axis=1)


def is_seen(crossings: Crossings, modules: Modules) -> Bool:
    """Whether each path is steep enough for a hit, of shape `(hits,)`."""
    along = modules.to_local(crossings.module, crossings.direction)
    seen: Bool = np.abs(along[:, 2]) >= LEAST_COSINE
    return seen


def digitize(
    crossings: Crossings, modules: Modules, random: np.random.Generator
) -> Clusters:
    """Channels and positions.

    Args:
        crossings: Where sensors are crossed, by paths that are seen.
        modules: The sensors.
        random: For the blur of the charge.

    Returns:
        One cluster per crossing; a path that leaves the sensor at its edge ends there.
    """
    module = crossings.module
    shift = _shift(module, modules)
    start, end, length = _paths(crossings, modules, shift)
    hit, cell, share = split(start, end)
    value = share * length[hit]
    value *= 1 + CHARGE_BLUR * random.standard_normal(len(value))
    value = np.where(modules.digital[module[hit]], 1.0, value)
    value = np.maximum(value, _LEAST_CHARGE)
    total = np.bincount(hit, value, len(crossings))
    pitch, half = modules.pitch[module], modules.half_size[module]
    centre = [
        np.bincount(hit, value * (cell[:, axis] + 0.5), len(crossings)) / total
        for axis in (0, 1)
    ]
    u, v = (centre[axis] * pitch[:, axis] - half[:, axis] for axis in (0, 1))
    return Clusters(
        u=u - shift, v=v, hit=hit, ch0=cell[:, 0], ch1=cell[:, 1], value=value
    )


def _shift(module: Int, modules: Modules) -> Float:
    """Mean shift of the charge along u, mm; strips collect it on the other side."""
    half = modules.drift[module] / 2
    return np.where(modules.digital[module], half, -half)


def _paths(
    crossings: Crossings, modules: Modules, shift: Float
) -> tuple[Float, Float, Float]:
    """Both ends in units of channels, shape `(hits, 2)`, and the length in mm."""
    module = crossings.module
    local = modules.to_local(module, crossings.position - modules.center[module])
    along = modules.to_local(module, crossings.direction)
    depth = modules.depth[module]
    slope = along[:, :2] / along[:, 2:]
    slope[:, 0] -= modules.drift[module] / depth
    local[:, 0] += shift
    pitch = modules.pitch[module]
    middle = (local[:, :2] + modules.half_size[module]) / pitch
    half_path = slope * depth[:, None] / 2 / pitch
    # The last channel ends just before the edge.
    edge = np.nextafter(modules.channels[module].astype(np.float64), 0.0)
    start = np.clip(middle - half_path, 0.0, edge)
    end = np.clip(middle + half_path, 0.0, edge)
    return start, end, depth / np.abs(along[:, 2])


def split(start: Float, end: Float) -> tuple[Int, Int, Float]:
    """Cut straight lines at the integers of both axes.

    Args:
        start: Shape `(lines, 2)`, in units of cells, not negative.
        end: As `start`.

    Returns:
        Line, cell `(pieces, 2)` and share of the line of each piece; at least one
        piece per line, in order along it, none without length unless the line has none.
    """
    lines = len(start)
    whole = np.floor(np.stack([start, end])).astype(np.int64)
    counts = np.abs(whole[1] - whole[0])
    cuts = [_cuts(start, end, whole, counts, axis) for axis in (0, 1)]
    rows = np.arange(lines)
    owner = np.concatenate([rows, *(line for line, _ in cuts), rows])
    place = np.concatenate([np.zeros(lines), *(at for _, at in cuts), np.ones(lines)])
    order = np.lexsort((place, owner))
    owner, place = owner[order], place[order]
    inside = owner[1:] == owner[:-1]
    line, share = owner[:-1][inside], np.diff(place)[inside]
    middle = ((place[1:] + place[:-1]) / 2)[inside]
    cell = np.floor(start[line] + (end - start)[line] * middle[:, None])
    kept = share > 0
    return line[kept], cell[kept].astype(np.int64), share[kept]


def _cuts(
    start: Float, end: Float, whole: Int, counts: Int, axis: int
) -> tuple[Int, Float]:
    """Lines that cross a border of this axis, and where, as a share of their length."""
    count = counts[:, axis]
    line = np.repeat(np.arange(len(count)), count)
    # 1, 2, ... within each line.
    step = np.arange(len(line)) - np.repeat(np.cumsum(count) - count, count) + 1
    border = np.minimum(whole[0], whole[1])[line, axis] + step
    from_start = border - start[line, axis]
    return line, np.clip(from_start / (end - start)[line, axis], 0.0, 1.0)
