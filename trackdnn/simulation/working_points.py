"""Settings of the simulated reconstruction: passes, cuts and named working points.

Lengths in this file are in mm, the unit of ACTS, and their names say so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from trackdnn.errors import SettingsError, nearest


@dataclass(frozen=True, kw_only=True)
class Seeding:
    """How one pass makes seeds out of three space points.

    Args:
        sensors: `"pixel"` or `"strip"`: the layers that give space points.
        min_pt: Lowest transverse momentum looked for, GeV.
        impact_mm: Largest transverse impact parameter, mm.
        seeds_per_middle: Most seeds that share their middle space point.
        scattering: Width of the multiple-scattering cut in standard deviations.
        collision_mm: Half length of the luminous region, mm.
        delta_r_mm: Least and largest radial distance of two space points, mm.
        middle_r_mm: Radial range of the middle space point, mm.
        radius_mm: Radial range of all space points, mm.
        max_cot_theta: Largest absolute cotangent of the polar angle; that of ACTS.
    """

    sensors: str = "pixel"
    min_pt: float = 0.4
    impact_mm: float = 10.0
    seeds_per_middle: int = 1
    scattering: float = 10.0
    collision_mm: float = 250.0
    delta_r_mm: tuple[float, float] = (5.0, 270.0)
    middle_r_mm: tuple[float, float] = (60.0, 120.0)
    radius_mm: tuple[float, float] = (0.0, 600.0)
    max_cot_theta: float = 10.01788


@dataclass(frozen=True, kw_only=True)
class Pass:
    """One iteration: its name and number in CMS, and its seeds."""

    name: str
    algo: int
    seeding: Seeding


@dataclass(frozen=True, kw_only=True)
class Finding:
    """How the combinatorial Kalman filter extends a seed.

    Args:
        chi2_measurement: Largest chi2 of a measurement that joins a track.
        chi2_outlier: Largest chi2 of a measurement that is noted as an outlier.
        branches: Most candidates kept per sensor.
        stay_on_seed: Whether a track must keep all measurements of its seed.
        max_holes: Most sensors without measurement before a branch ends; every
            sensor counts, also several on one layer and beyond the last hit.
    """

    chi2_measurement: float = 75.0
    chi2_outlier: float = 150.0
    branches: int = 2
    stay_on_seed: bool = False
    max_holes: int = 5


@dataclass(frozen=True, kw_only=True)
class Quality:
    """A cut on finished tracks: to be written at all, or to be called good.

    Args:
        min_pt: Lowest transverse momentum, GeV.
        max_abs_eta: Largest absolute pseudorapidity.
        min_valid: Fewest measurements.
        max_lost: Most layers crossed without a measurement, between first and last.
        max_chi2: Largest chi2 per degree of freedom.
    """

    min_pt: float = 0.4
    max_abs_eta: float = 3.0
    min_valid: int = 6
    max_lost: int = 3
    max_chi2: float = float("inf")


@dataclass(frozen=True, kw_only=True)
class WorkingPoint:
    """Everything that decides how hard the labels of a sample are.

    Args:
        summary: One sentence for a person who chooses.
        passes: Iterations in order.
        finding: Kalman filter settings, the same in all passes.
        kept: Cut that a track passes to be written.
        good: Cut that a track passes for its measurements to be taken away from
            the later passes, and to be called high purity.
        duplicate_fraction: A track is a duplicate when it shares more than this
            fraction of its measurements with a better one; 1 keeps all.
        hit_loss: Probability that a measurement is lost.
        dead_modules: Fraction of sensors that never give a measurement.
    """

    summary: str
    passes: tuple[Pass, ...]
    finding: Finding = Finding()
    kept: Quality = Quality()
    good: Quality = Quality(min_valid=7, max_lost=1, max_chi2=3.0)
    duplicate_fraction: float = 0.9
    hit_loss: float = 0.02
    dead_modules: float = 0.01


PASSES = (
    Pass(name="initialStep", algo=4, seeding=Seeding(min_pt=0.8, impact_mm=2.0)),
    Pass(name="lowPtTriplet", algo=5, seeding=Seeding(min_pt=0.4, impact_mm=10.0)),
    Pass(name="detachedTriplet", algo=7, seeding=Seeding(impact_mm=50.0)),
    Pass(
        name="pixelLess",
        algo=9,
        seeding=Seeding(
            sensors="strip",
            impact_mm=100.0,
            delta_r_mm=(20.0, 300.0),
            middle_r_mm=(300.0, 600.0),
            radius_mm=(200.0, 800.0),
        ),
    ),
)

_TIGHT = Finding(
    chi2_measurement=15.0, chi2_outlier=25.0, stay_on_seed=True, max_holes=3
)

WORKING_POINTS = {
    "default": WorkingPoint(
        summary="loose finding, loose selection: fakes look like true tracks",
        passes=PASSES,
    ),
    "noquality": WorkingPoint(
        summary="tight finding, no selection: many fakes, easy to tell",
        passes=PASSES,
        finding=replace(_TIGHT, max_holes=10),
        kept=Quality(min_valid=4, max_lost=20),
    ),
    "tight": WorkingPoint(
        summary="tight finding, tight selection: nearly no fakes",
        passes=PASSES,
        finding=_TIGHT,
        kept=Quality(min_valid=7, max_lost=2),
        hit_loss=0.0,
        dead_modules=0.0,
    ),
}


def find_working_point(name: str) -> WorkingPoint:
    """Return the working point of that name.

    Args:
        name: A key of `WORKING_POINTS`.

    Returns:
        The working point.

    Raises:
        SettingsError: If there is none of that name.
    """
    if name not in WORKING_POINTS:
        raise SettingsError(
            f"`working_point` must be one of {', '.join(WORKING_POINTS)}. "
            f"Received: working_point={name!r}.{nearest(name, WORKING_POINTS)}"
        )
    return WORKING_POINTS[name]
