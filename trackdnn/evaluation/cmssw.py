"""Working points as the Python snippet that CMSSW's iterations read.

The form is that of `qualityCutDictionary` in cms-sw/cmssw, RecoTracker/
IterativeTracking/python/dnnQualityCuts.py: one `cms.vdouble(loose, tight, highPurity)`
per iteration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackdnn.data.features import algorithm_name
from trackdnn.errors import SettingsError

if TYPE_CHECKING:
    from trackdnn.evaluation.working_points import WorkingPoints

CMSSW_ORDER = ("loose", "tight", "highPurity")


def cmssw_snippet(working_points: WorkingPoints) -> str:
    """A Python file that defines `qualityCutDictionary`.

    Args:
        working_points: Cuts per iteration with exactly the three working points
            `loose`, `tight` and `highPurity`, or any three in that order.

    Returns:
        The text of the file. Cuts have nine significant digits, which give back the
        single-precision value bit for bit.

    Raises:
        SettingsError: If there are not three working points to write.
    """
    names = _three_names([point.name for point in working_points.points])
    lines = [
        "# Cuts of the track classifier on the score 2p - 1; a track passes when",
        f"# score > cut. In each row: {', '.join(names)}.",
        *_targets(working_points, names),
        "import FWCore.ParameterSet.Config as cms",
        "",
        "qualityCutDictionary = cms.PSet(",
    ]
    for algo, cuts in working_points.iterations.items():
        values = ", ".join(format_cut(cuts[name].cut) for name in names)
        remark = [name for name in names if cuts[name].fallback]
        comment = f"  # cut of all tracks: {', '.join(remark)}" if remark else ""
        name = iteration_parameter(algorithm_name(algo))
        lines.append(f"    {name} = cms.vdouble({values}),{comment}")
    return "\n".join([*lines, ")", ""])


def has_three_cuts(working_points: WorkingPoints) -> bool:
    """Whether `qualityCuts`, which takes three values, can be filled."""
    names = [point.name for point in working_points.points]
    return len(names) == 3 or set(CMSSW_ORDER) <= set(names)


def iteration_parameter(name: str) -> str:
    """`initialStep` as CMSSW's dictionary writes it, `InitialStep`."""
    return name[:1].upper() + name[1:]


def format_cut(cut: float) -> str:
    """The cut in nine significant digits, as a literal of a floating-point number."""
    text = f"{cut:.9g}"
    return text if any(mark in text for mark in ".en") else f"{text}.0"


def _three_names(names: list[str]) -> tuple[str, ...]:
    if set(CMSSW_ORDER) <= set(names):
        return CMSSW_ORDER
    if len(names) == 3:
        return tuple(names)
    raise SettingsError(
        "CMSSW's `qualityCuts` must have three working points. "
        f"Received: evaluation.working_points={names}. "
        f"Name three of them {', '.join(CMSSW_ORDER)}"
    )


def _targets(working_points: WorkingPoints, names: tuple[str, ...]) -> list[str]:
    by_name = {point.name: point for point in working_points.points}
    words = {"efficiency": "true-track efficiency at least"}
    words["fake_rate"] = "fakes among the passing tracks at most"
    return [
        f"# {name}: {words[by_name[name].target]} {by_name[name].value:g}"
        for name in names
    ]
