"""The sensors of the generic detector as arrays: where they are, and their channels.

Positions, sizes and numbers are those of the TrackML challenge, whose table
`detectors.csv` has the same columns. Channels and depths are chosen as its events show
them (`docs/simulated_events.md`):

| volumes    | pitch u, v (mm)  | thickness (mm) | depth that gives charge         |
|------------|------------------|----------------|---------------------------------|
| 7, 8, 9    | 0.05, 0.05625    | 0.3            | half of it in the barrel, else all |
| 12, 13, 14 | 0.08, 1.2        | 0.5            | the same                        |
| 16, 17, 18 | 0.12, 10.8; 10.4 in endcaps | 0.7 | the same                        |

Reading them needs ACTS; importing this module does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from trackdnn.events.layers import BARREL
from trackdnn.simulation import detector

if TYPE_CHECKING:
    from trackdnn.simulation.arrays import Bool, Float, Identifier, Int

_PITCH_MM = {
    detector.PIXEL: (0.05, 0.05625),
    detector.SHORT_STRIP: (0.08, 1.2),
    detector.LONG_STRIP: (0.12, 10.8),
}
# Over the depth, in the magnetic field; in endcaps the field is along the drift.
_DRIFT_PIXEL_MM, _DRIFT_STRIP_MM = 0.018, 0.03
# Long strips of the endcaps end with the module.
_PITCH_V_LONG_ENDCAP_MM = 10.4
_NAMES = ("volume_id", "layer_id", "module_id", "cx", "cy", "cz")
_ROTATION = tuple(f"rot_{axis}{local}" for axis in "xyz" for local in "uvw")


@dataclass(frozen=True, kw_only=True)
class Modules:
    """Sensors by ascending geometry identifier; each array `(modules, ...)`, mm.

    Args:
        identifier: Geometry identifier of ACTS.
        volume: As in the identifier, and so on.
        layer: Even numbers from 2.
        module: From 1.
        center: Shape `(modules, 3)`.
        rotation: Shape `(modules, 3, 3)`; its columns are the local axes u, v, w.
        half_thickness: Of the silicon.
        half_u: Shape `(modules, 2)`, at the lower and at the upper end of v.
        half_v: Along the other axis.
        pitch: Of the channels along u and v, shape `(modules, 2)`.
    """

    identifier: Identifier
    volume: Int
    layer: Int
    module: Int
    center: Float
    rotation: Float
    half_thickness: Float
    half_u: Float
    half_v: Float
    pitch: Float

    def __len__(self) -> int:
        return len(self.identifier)

    @property
    def barrel(self) -> Bool:
        """Whether the sensor is one of a barrel."""
        return np.isin(self.volume, BARREL)

    @property
    def digital(self) -> Bool:
        """Whether channels say yes or no only: strips."""
        return ~np.isin(self.volume, detector.PIXEL)

    @property
    def depth(self) -> Float:
        """Thickness of the silicon whose charge is collected, mm."""
        return np.where(self.barrel, 1.0, 2.0) * self.half_thickness

    @property
    def drift(self) -> Float:
        """How far charge from the far side drifts along u, mm (Lorentz angle)."""
        far = np.where(self.digital, _DRIFT_STRIP_MM, _DRIFT_PIXEL_MM)
        return np.where(self.barrel, far, 0.0)

    @property
    def half_size(self) -> Float:
        """Half sizes of the rectangle of channels, mm, shape `(modules, 2)`."""
        return np.stack([self.half_u.max(axis=1), self.half_v], axis=1)

    @property
    def channels(self) -> Int:
        """Number of channels along u and v, shape `(modules, 2)`."""
        return np.rint(2 * self.half_size / self.pitch).astype(np.int64)

    def rows(self, identifier: Identifier) -> Int:
        """Row of each identifier, of shape `(hits,)`."""
        row: Int = np.searchsorted(self.identifier, identifier)
        return row

    def to_local(self, row: Int, vector: Float) -> Float:
        """Components along u, v and w of global vectors, shape `(hits, 3)`."""
        local: Float = np.einsum("nij,ni->nj", self.rotation[row], vector)
        return local

    def to_global(self, row: Int, u: Float, v: Float) -> Float:
        """Global positions of points on the middle plane, mm, shape `(hits, 3)`."""
        axes = self.rotation[row]
        return self.center[row] + u[:, None] * axes[..., 0] + v[:, None] * axes[..., 1]

    def table(self) -> dict[str, Any]:
        """Columns of TrackML's `detectors.csv`."""
        where = (self.volume, self.layer, self.module, *self.center.T)
        return {
            **dict(zip(_NAMES, where, strict=True)),
            **dict(zip(_ROTATION, self.rotation.reshape(-1, 9).T, strict=True)),
            "module_t": self.half_thickness,
            "module_minhu": self.half_u[:, 0],
            "module_maxhu": self.half_u[:, 1],
            "module_hv": self.half_v,
            "pitch_u": self.pitch[:, 0],
            "pitch_v": self.pitch[:, 1],
        }


@cache
def read_modules() -> Modules:
    """The sensors of ACTS' generic detector, once per process."""
    import acts

    context = acts.GeometryContext.dangerouslyDefaultConstruct()
    surfaces = detector.build_detector().geometry.geoIdSurfaceMap()
    volumes = {volume for group in _PITCH_MM for volume in group}
    rows = [
        _describe(identifier, surface, context)
        for identifier, surface in sorted(
            surfaces.items(), key=lambda item: item[0].value
        )
        if identifier.sensitive and identifier.volume in volumes
    ]
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    names = list(Modules.__dataclass_fields__)
    return Modules(**dict(zip(names, columns, strict=True)))


def _describe(identifier: Any, surface: Any, context: Any) -> tuple[Any, ...]:
    """One row of `Modules`, in the order of its fields."""
    frame = surface.localToGlobalTransform(context)
    half_u, half_v = _half_sizes(surface.bounds)
    return (
        np.uint64(identifier.value),
        identifier.volume,
        identifier.layer,
        identifier.sensitive,
        np.array(surface.center(context)),
        np.array([[frame.rotation[i, j] for j in range(3)] for i in range(3)]),
        # ACTS keeps it in single precision.
        round(surface.thickness, 6),
        half_u,
        half_v,
        _pitch(identifier.volume),
    )


def _half_sizes(bounds: Any) -> tuple[tuple[float, float], float]:
    """Half sizes in u at both ends, and in v, of a rectangle or a trapezoid."""
    values = bounds.values()
    if "Trapezoid" in type(bounds).__name__:
        return (values[0], values[1]), values[2]
    return (values[2], values[2]), values[3]


def _pitch(volume: int) -> tuple[float, float]:
    """Pitches of a sensor, mm."""
    pitch = next(pitch for group, pitch in _PITCH_MM.items() if volume in group)
    long_endcap = volume in detector.LONG_STRIP and volume not in BARREL
    return (pitch[0], _PITCH_V_LONG_ENDCAP_MM) if long_endcap else pitch
