"""The cuts of a bundle as `qualityCuts`, three per iteration, takes them.

The order is that of TrackMVAClassifierBase (cms-sw/cmssw, RecoTracker/
FinalTrackSelectors): a track is loose, tight, high purity if its score 2p - 1 is above
the first, the second, the third. The bits are set one by one.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping
from typing import Any

from export.errors import KitError

ORDER = ("loose", "tight", "highPurity")

# Modules of cms-sw/cmssw, RecoTracker/IterativeTracking, that are or can be a
# TrackTfClassifier; they are called as the `originalAlgo` of their tracks.
ITERATIONS = (
    "initialStep",
    "lowPtQuadStep",
    "highPtTripletStep",
    "lowPtTripletStep",
    "detachedQuadStep",
    "detachedTripletStep",
    "pixelPairStep",
    "mixedTripletStep",
    "pixelLessStep",
    "tobTecStep",
    "displacedGeneralStep",
    "displacedRegionalStep",
    "jetCoreRegionalStep",
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class QualityCuts:
    """Cuts on 2p - 1.

    Args:
        names: The three working points, as the bundle calls them.
        iterations: Module of CMSSW to its three cuts, in CMSSW's order of iterations.
        notes: What people should know of them, one line each.
    """

    names: tuple[str, ...]
    iterations: dict[str, tuple[float, ...]]
    notes: tuple[str, ...]


def quality_cuts(working_points: Mapping[str, Any]) -> QualityCuts:
    """The cuts in the manifest of a bundle.

    Args:
        working_points: Its entry `working_points`, as `working_points.json` has it.

    Raises:
        KitError: If there are not three cuts for at least one iteration.
    """
    names = _three_names(working_points)
    found = working_points.get("iterations")
    entries = found if isinstance(found, Mapping) else {}
    cuts = {
        module: tuple(_cut(entries[module], name, module) for name in names)
        for module in ITERATIONS
        if module in entries
    }
    if not cuts:
        raise KitError(
            "The working points of a bundle must be for at least one iteration of "
            f"CMSSW ({', '.join(ITERATIONS)}). "
            f"Received: iterations={[str(name) for name in entries]}"
        )
    return QualityCuts(
        names=names, iterations=cuts, notes=tuple(_notes(entries, cuts, names))
    )


def literal(cut: float) -> str:
    """A cut in nine significant digits, which give back single precision exactly."""
    text = f"{cut:.9g}"
    return text if any(mark in text for mark in ".e") else f"{text}.0"


def _three_names(working_points: Mapping[str, Any]) -> tuple[str, ...]:
    points = working_points.get("points")
    if not isinstance(points, list) or not points:
        raise KitError(
            "A bundle for CMSSW must have working points, for without cuts of its own "
            "a network would be read with those of another. Received: no list "
            "`working_points.points` in manifest.json. Evaluate the run (`evaluate "
            "RUN`) and export it again"
        )
    names = [str(one.get("name")) for one in points if isinstance(one, Mapping)]
    if set(ORDER) <= set(names):
        return ORDER
    if len(names) == len(ORDER):
        return tuple(names)
    raise KitError(
        "CMSSW's `qualityCuts` must have three working points. "
        f"Received: working_points={names}. Name three of them {', '.join(ORDER)} in "
        "`evaluation.working_points`, evaluate the run and export it again"
    )


def _entry(entry: Any, name: str) -> Mapping[str, Any]:
    """What the manifest says of one cut of one iteration."""
    cuts = entry.get("cuts") if isinstance(entry, Mapping) else None
    found = cuts.get(name) if isinstance(cuts, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _cut(entry: Any, name: str, module: str) -> float:
    value: Any = _entry(entry, name).get("cut")
    # What is written becomes a part of a program: nothing but a number will do.
    if not isinstance(value, float) or not math.isfinite(value):
        raise KitError(
            "manifest.json must give each working point of an iteration a finite "
            f"`cut`. Received: working_points.iterations.{module}.{name}: {value!r}"
        )
    return value


def _notes(
    entries: Mapping[str, Any],
    cuts: Mapping[str, tuple[float, ...]],
    names: tuple[str, ...],
) -> Iterator[str]:
    for module, values in cuts.items():
        details = {name: _entry(entries[module], name) for name in names}
        shared = [name for name, one in details.items() if one.get("fallback")]
        if shared:
            reason = str(details[shared[0]].get("remark") or "no reason given")
            yield f"{module}: {', '.join(shared)}: {reason}"
        if list(values) != sorted(values):
            yield (
                f"{module}: the cuts do not rise ({', '.join(map(literal, values))}): "
                f"a track can be {names[-1]} and not {names[0]}"
            )
    others = [str(name) for name in entries if name not in ITERATIONS]
    if others:
        yield f"left out, no TrackTfClassifier in CMSSW: {', '.join(others)}"
