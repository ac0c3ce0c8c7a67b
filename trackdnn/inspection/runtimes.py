"""Which runtimes can load a graph: the oldest of each, and our targets.

For ONNX this follows from the versions that the file names. A GraphDef names none: here
it is inferred from its operations and their attributes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from export.target_rules import check_target
from export.targets import FROZEN_GRAPH, ONNX, SAVED_MODEL, TARGETS, Target, find_target

if TYPE_CHECKING:
    from export.artifacts import Artifact

KINDS = {FROZEN_GRAPH: "frozen graph", SAVED_MODEL: "SavedModel", ONNX: "ONNX file"}
OLDEST_TENSORFLOW = "2.6"
# Older ones may refuse an attribute that they do not know; this one says so on stderr
# and goes on.
_IGNORES_ATTRIBUTES = "2.12"
# Least version that knows an operation, or an attribute of it, of `export.operations`;
# what is not here is known in 2.6. Only the versions of our table are told apart.
# Source: the registries of operations in tensorflow-cpu 2.6.5, 2.12.1, 2.16.2, 2.21.0.
_OPERATIONS = {"DisableCopyOnRead": "2.12", "Conv": "2.16"}
# They mean nothing, whatever they say.
_REMARKS = (("VarHandleOp", "debug_name"),)
_GRADIENTS = ("BatchMatMul", "BatchMatMulV2", "BatchMatMulV3")
_SCATTERS = ("Add", "Max", "Min", "Sub", "Update")
_ATTRIBUTES = {
    ("AssignVariableOp", "validate_shape"): "2.12",
    **{(name, key): "2.16" for name in _GRADIENTS for key in ("grad_x", "grad_y")},
    **{("MatMul", key): "2.16" for key in ("grad_a", "grad_b")},
    ("ConcatOffset", "shape_type"): "2.16",
    ("SparseSegmentMean", "sparse_gradient"): "2.16",
    ("SparseSegmentSum", "sparse_gradient"): "2.16",
    ("TensorListSetItem", "resize_if_index_out_of_bounds"): "2.16",
    **{("TopKV2", key): "2.16" for key in ("Tk", "index_type")},
    ("VarHandleOp", "debug_name"): "2.16",
    **{(name, "bad_indices_policy"): "2.21" for name in ("GatherNd", "ScatterNd")},
    **{(f"TensorScatter{n}", "bad_indices_policy"): "2.21" for n in _SCATTERS},
    ("TensorListGetItem", "Tshape"): "2.21",
}


@dataclasses.dataclass(frozen=True)
class Runtimes:
    """Where a graph can run.

    Args:
        oldest: `"TensorFlow 2.6"`, `"ONNX Runtime 1.17"`; `None` if none that we know.
        reasons: What asks for that.
        broken: For each target that runs this kind of graph, the rules it breaks.
    """

    oldest: str | None
    reasons: tuple[str, ...]
    broken: dict[str, list[str]]

    @property
    def fits(self) -> tuple[str, ...]:
        """Targets whose rules it keeps."""
        return tuple(name for name, faults in self.broken.items() if not faults)

    def lines(self) -> list[str]:
        """A few lines for people."""
        oldest = f"{self.oldest} or later" if self.oldest else "none that we know"
        lines = [f"runs in: {oldest} ({'; '.join(self.reasons)})"]
        lines.append(f"fits the targets: {', '.join(self.fits) or 'none'}")
        first: dict[str, list[str]] = {}
        for name, faults in self.broken.items():
            if faults:
                first.setdefault(_rule(faults[0], name), []).append(name)
        lines += [f"  not {', '.join(names)}: {rule}" for rule, names in first.items()]
        return lines

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "oldest": self.oldest,
            "reasons": list(self.reasons),
            "fits": list(self.fits),
            "broken": {name: faults for name, faults in self.broken.items() if faults},
        }


def _rule(fault: str, target: str) -> str:
    """A rule without the name of the target, so that equal ones are equal."""
    return fault.replace(f" for {target}", "")


def find_runtimes(artifact: Artifact, graph: Any = None) -> Runtimes:
    """Where a graph can run, by the rules that are known.

    Args:
        artifact: What its file asks for.
        graph: Its GraphDef, for a graph of TensorFlow.
    """
    if artifact.kind == ONNX:
        oldest, reasons = _onnx_runtime(artifact)
    else:
        oldest, reasons = _tensorflow(graph, artifact.min_consumer)
    served = [one for one in TARGETS.values() if artifact.kind in one.kinds]
    broken = {one.name: check_target(artifact, one) for one in served}
    for one in served:
        if not broken[one.name] and _is_older(one, oldest):
            broken[one.name] = [f"{KINDS[artifact.kind]}: it needs {oldest}"]
    return Runtimes(oldest, tuple(reasons), broken)


def _onnx_runtime(artifact: Artifact) -> tuple[str | None, list[str]]:
    """The first release whose limits hold, of those that our table tells apart."""
    reasons = [f"opset {name} {v}" for name, v in artifact.opsets.items()]
    reasons += [f"IR {artifact.ir_version}", "from the table of its releases"]
    for minor in range(10, 32):
        one = find_target(f"onnxruntime-1.{minor}")
        limits = {"ai.onnx": one.opset or 0, "ai.onnx.ml": one.ml_opset or 0}
        low = all(limits.get(name, 0) >= v for name, v in artifact.opsets.items())
        if low and artifact.ir_version <= (one.ir_version or 0):
            return f"ONNX Runtime 1.{minor}", reasons
    return None, reasons


def _tensorflow(graph: Any, min_consumer: int) -> tuple[str, list[str]]:
    """The oldest of our table that knows all operations and attributes in use."""
    found = {OLDEST_TENSORFLOW: f"min_consumer {min_consumer}"}
    for node in _all_nodes(graph):
        version = _OPERATIONS.get(node.op)
        if version:
            found.setdefault(version, f"{node.op} is new in it or shortly before")
        for key in node.attr:
            least = _ATTRIBUTES.get((node.op, key))
            if least and not _means_nothing(node, key):
                found.setdefault(least, f"{node.op} uses {key}")
            elif least:
                text = f"{node.op} mentions {key}, ignored with a message"
                found.setdefault(_IGNORES_ATTRIBUTES, text)
    version = max(found, key=_number)
    known = "it knows all operations" if len(found) == 1 else found[version]
    return f"TensorFlow {version}", [known, f"min_consumer {min_consumer}", "inferred"]


def _all_nodes(graph: Any) -> Iterator[Any]:
    yield from graph.node
    for function in graph.library.function:
        yield from function.node_def


def _means_nothing(node: Any, key: str) -> bool:
    """Whether an attribute is a remark, or says what its absence says."""
    from tensorflow.python.framework import op_def_registry

    definition = op_def_registry.get(node.op)
    known: Iterable[Any] = definition.attr if definition is not None else ()
    return (node.op, key) in _REMARKS or any(
        one.name == key and one.default_value == node.attr[key] for one in known
    )


def _is_older(target: Target, oldest: str | None) -> bool:
    """Whether the runtime of a target is older than what a graph needs."""
    if oldest is None:
        return True
    runtime, _, version = oldest.rpartition(" ")
    own = target.tensorflow if runtime == "TensorFlow" else target.onnxruntime
    return own is None or _number(own) < _number(version)


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2])
