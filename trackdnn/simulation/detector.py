"""The generic detector of ACTS: volumes, resolutions, seeding layers, dead modules.

| volumes    | what         | barrel radii (mm)  | resolution (mm) |
|------------|--------------|--------------------|-----------------|
| 7, 8, 9    | pixel        | 32, 72, 116, 172   | 0.0144, 0.0144  |
| 12, 13, 14 | short strip  | 260, 360, 500, 660 | 0.0231, 0.346   |
| 16, 17, 18 | long strip   | 820, 1020          | 0.0346, 3.118   |

The middle volume of each row is the barrel. Importing this module needs no ACTS.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from trackdnn.simulation.arrays import Identifier, Int

PIXEL = (7, 8, 9)
SHORT_STRIP = (12, 13, 14)
LONG_STRIP = (16, 17, 18)
RESOLUTION_MM = {
    PIXEL: (0.0144, 0.0144),
    SHORT_STRIP: (0.0231, 0.346),
    LONG_STRIP: (0.0346, 3.118),
}
FIELD_TESLA = 2.0
# Beam spot, mm: Gaussian widths in x, y and z.
BEAM_SPOT_MM = (0.0125, 0.0125, 53.0)

# Barrel and the nearest endcap discs, (volume, layer); as for the TrackML detector.
SEEDING_LAYERS = {
    "pixel": (
        *((8, layer) for layer in (2, 4, 6, 8)),
        *((9, layer) for layer in (2, 4, 6, 8)),
        *((7, layer) for layer in (14, 12, 10, 8)),
    ),
    "strip": (
        *((13, layer) for layer in (2, 4, 6, 8)),
        *((14, layer) for layer in (2, 4, 6, 8)),
        *((12, layer) for layer in (12, 10, 8, 6)),
    ),
}


def split_identifier(
    identifier: Identifier,
) -> tuple[Int, Int]:
    """Volume and layer out of ACTS geometry identifiers.

    Args:
        identifier: 64-bit values of shape `(surfaces,)`.

    Returns:
        Volume and layer, each of shape `(surfaces,)`.
    """
    volume = (identifier >> np.uint64(56)) & np.uint64(0xFF)
    layer = (identifier >> np.uint64(36)) & np.uint64(0xFFF)
    return volume.astype(np.int64), layer.astype(np.int64)


def digitization_json() -> str:
    """Gaussian smearing of both local coordinates, in the format that ACTS reads."""
    entries = [
        {
            "volume": volume,
            "value": {
                "smearing": [
                    {"index": index, "mean": 0.0, "stddev": sigma, "type": "Gauss"}
                    for index, sigma in enumerate(sigmas)
                ]
            },
        }
        for volumes, sigmas in RESOLUTION_MM.items()
        for volume in volumes
    ]
    header = {"format-version": 0, "value-identifier": "digitization-configuration"}
    return json.dumps({"acts-geometry-hierarchy-map": header, "entries": entries})


def choose_dead(identifiers: Identifier, fraction: float) -> Identifier:
    """Modules that never give a measurement: the same ones in every sample.

    Args:
        identifiers: All sensors, of shape `(surfaces,)`.
        fraction: Probability of each sensor to be dead.

    Returns:
        Sorted identifiers of the dead sensors.
    """
    ordered = np.sort(identifiers)
    rng = np.random.default_rng(20190501)
    return ordered[rng.random(len(ordered)) < fraction]


@dataclass(frozen=True)
class Detector:
    """ACTS objects that every event shares."""

    geometry: Any
    field: Any
    sensors: Identifier
    keep_alive: Any


@cache
def build_detector() -> Detector:
    """Build geometry and field once per process."""
    import acts
    import acts.examples

    generic = acts.examples.GenericDetector
    config = generic.Config()
    config.logLevel = acts.logging.WARNING
    detector = generic(config)
    geometry = detector.trackingGeometry()
    sensors: list[int] = []
    geometry.visitSurfaces(lambda surface: sensors.append(surface.geometryId.value))
    field = acts.ConstantBField(acts.Vector3(0, 0, FIELD_TESLA * acts.UnitConstants.T))
    return Detector(geometry, field, np.array(sensors, dtype=np.uint64), detector)


def seeding_identifiers(sensors: str) -> list[Any]:
    """Layers that give space points, as ACTS geometry identifiers."""
    import acts

    identifiers = []
    for volume, layer in SEEDING_LAYERS[sensors]:
        identifier = acts.GeometryIdentifier()
        identifier.volume, identifier.layer = volume, layer
        identifiers.append(identifier)
    return identifiers


def write_digitization(folder: Path) -> Path:
    """Write the digitization settings for ACTS and return their path."""
    path = folder / "digitization.json"
    path.write_text(digitization_json(), encoding="utf-8")
    return path
