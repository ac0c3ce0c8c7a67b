"""Where artifacts run, and what can be read there: the one table of targets.

A target has a TensorFlow, an ONNX Runtime, or both; the versions of ONNX follow from
those of its ONNX Runtime. What software around the runtime asks for comes on top:
names, types and shapes.

Sources:
    Versions in CMSSW: tensorflow and onnxruntime of cms-sw/cmsdist, one branch per
    cycle. Cycles whose versions we do not know are left out.
    Opset and IR version: "ONNX opset support" in ONNX Runtime's compatibility page.
    Names and shapes: RecoTracker/FinalTrackSelectors/plugins/TrackTfClassifier.cc;
    types: PhysicsTools/ONNXRuntime, both cms-sw/cmssw.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

from export.errors import TargetError

FROZEN_GRAPH, SAVED_MODEL, ONNX = "frozen_graph", "saved_model", "onnx"

# ONNX Runtime: opset, opset of ai.onnx.ml, IR version. A release that is not here reads
# what the last one before it reads. For 1.10 the page says IR 8, of its time 7.
_ONNX_VERSIONS = {
    (1, 10): (15, 2, 7),
    (1, 11): (16, 2, 8),
    (1, 12): (17, 3, 8),
    (1, 14): (18, 3, 8),
    (1, 15): (19, 3, 8),
    (1, 16): (19, 3, 9),
    (1, 17): (20, 4, 9),
    (1, 18): (21, 4, 10),
}
# Oldest in a target's table and newest that we know.
_RANGES = {"tensorflow": ((2, 6), (2, 21)), "onnxruntime": ((1, 10), (1, 31))}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Target:
    """One place to run, and its rules.

    Args:
        name: What users call it.
        tensorflow: Version, or `None` where no TensorFlow serves.
        onnxruntime: Version, or `None` where no ONNX Runtime serves.
        placeholders: Names and shapes that the inputs of the frozen graph must have, -1
            for any length; `None` where they are free.
        output: Name that the output of the frozen graph must have, or `None`.
        dtype: The one type of all inputs and outputs, or `None` where it is free.
        rank: Axes of every input and output, or `None`.
        outputs: How many outputs an artifact must have, or `None`.
        note: What is not certain about it.
    """

    name: str
    tensorflow: str | None = None
    onnxruntime: str | None = None
    placeholders: Mapping[str, tuple[int, ...]] | None = None
    output: str | None = None
    dtype: str | None = None
    rank: int | None = None
    outputs: int | None = None
    note: str = ""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of artifacts that it runs."""
        graphs = (FROZEN_GRAPH, SAVED_MODEL) if self.tensorflow else ()
        return (*graphs, ONNX) if self.onnxruntime else graphs

    @property
    def opset(self) -> int | None:
        """Highest opset of ONNX operators."""
        return self._onnx(0)

    @property
    def ml_opset(self) -> int | None:
        """Highest opset of the operators of `ai.onnx.ml`."""
        return self._onnx(1)

    @property
    def ir_version(self) -> int | None:
        """Highest version of the ONNX format."""
        return self._onnx(2)

    def _onnx(self, place: int) -> int | None:
        if self.onnxruntime is None:
            return None
        own = _numbers(self.onnxruntime)
        return _ONNX_VERSIONS[max(v for v in _ONNX_VERSIONS if v <= own)][place]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, with what follows from the versions."""
        content = dataclasses.asdict(self)
        content["placeholders"] = self.placeholders and {
            name: list(shape) for name, shape in self.placeholders.items()
        }
        return {
            **content,
            "kinds": list(self.kinds),
            "opset": self.opset,
            "ml_opset": self.ml_opset,
            "ir_version": self.ir_version,
        }


def _numbers(version: str) -> tuple[int, int]:
    first, second = version.split(".")[:2]
    return int(first), int(second)


def _cmssw(cycle: str, tensorflow: str, onnxruntime: str, note: str = "") -> Target:
    return Target(
        name=f"cmssw-{cycle}",
        tensorflow=tensorflow,
        onnxruntime=onnxruntime,
        placeholders={"x": (-1, 29), "y": (-1, 1)},
        output="Identity",
        dtype="float32",
        rank=2,
        outputs=1,
        note=note,
    )


_UNTRIED = "TensorFlow 2.6 and ONNX Runtime before 1.15 were not tried"
_TABLE = (
    _cmssw("13_0", "2.6.4", "1.10.0", _UNTRIED),
    _cmssw("13_1", "2.6.4", "1.14.1", _UNTRIED),
    _cmssw("13_2", "2.6.4", "1.14.1", _UNTRIED),
    _cmssw("13_3", "2.12.0", "1.14.1", "ONNX Runtime before 1.15 was not tried"),
    _cmssw("14_0", "2.12.0", "1.14.1", "ONNX Runtime before 1.15 was not tried"),
    _cmssw("14_1", "2.12.0", "1.17.1"),
    _cmssw("14_2", "2.12.0", "1.17.1"),
    _cmssw("15_0", "2.12.0", "1.20.1", "versions inferred from dates of merging"),
    _cmssw("20_1", "2.21.0", "1.25.1", "ONNX Runtime inferred from dates of merging"),
    Target(
        name="acts",
        onnxruntime="1.31",
        dtype="float32",
        rank=2,
        outputs=1,
        note="a Python algorithm of the job, with the ONNX Runtime that we ask for",
    ),
    *(
        Target(name=f"onnxruntime-{version}", onnxruntime=version)
        for version in ("1.10", "1.14", "1.15", "1.17", "1.20", "1.25", "1.31")
    ),
    *(
        Target(name=f"tensorflow-{version}", tensorflow=version)
        for version in ("2.6", "2.12", "2.16", "2.21")
    ),
)
TARGETS: Mapping[str, Target] = {target.name: target for target in _TABLE}
OLDEST = "cmssw-13_0"


def find_target(name: str) -> Target:
    """The target of a name: one of the table, or any `onnxruntime-X.Y` in its range.

    Args:
        name: Such as `cmssw-14_1`, `acts`, `onnxruntime-1.22` or `tensorflow-2.15`.

    Raises:
        TargetError: If there is no such target.
    """
    if fault := fault_of(name):
        raise TargetError(f"{fault}. Received: {name!r}")
    if name in TARGETS:
        return TARGETS[name]
    runtime, _, version = name.partition("-")
    if runtime == "tensorflow":
        return Target(name=name, tensorflow=version)
    return Target(name=name, onnxruntime=version)


def fault_of(name: str) -> str | None:
    """What is wrong with the name of a target, as a sentence without its dot."""
    if name in TARGETS:
        return None
    form = re.fullmatch(r"(tensorflow|onnxruntime)-(\d{1,3}\.\d{1,3})", name)
    if form:
        return _out_of_range(form[1], form[2])
    named = [target for target in TARGETS if target.startswith(("cmssw", "acts"))]
    sentence = (
        f"A target must be one of {', '.join(named)}, onnxruntime-X.Y or tensorflow-X.Y"
    )
    if older := _older_cycle(name):
        sentence += f" (the versions in other cycles are not known; {older} is older)"
    return sentence


def _out_of_range(runtime: str, version: str) -> str | None:
    low, high = _RANGES[runtime]
    if low <= _numbers(version) <= high:
        return None
    first, last = ("{}.{}".format(*end) for end in (low, high))
    return (
        f"The version of {runtime} in a target must be {first} to {last} (what is "
        "written for one is read by those after it)"
    )


def _older_cycle(name: str) -> str | None:
    """The last cycle of the table before a cycle that is not in it."""
    form = re.fullmatch(r"cmssw-(\d{1,3})_(\d{1,3})", name)
    if form is None:
        return None
    wanted = (int(form[1]), int(form[2]))
    cycles = [key for key in TARGETS if key.startswith("cmssw-")]
    older = [key for key in cycles if _cycle(key) < wanted]
    return max(older, key=_cycle, default=None)


def _cycle(name: str) -> tuple[int, int]:
    first, second = name.removeprefix("cmssw-").split("_")
    return int(first), int(second)
