"""Whether an artifact can run at a target, and which rule says no.

Each broken rule is one sentence: what must hold where, what was received.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from export.errors import TargetError
from export.targets import FROZEN_GRAPH, ONNX, TARGETS, Target, find_target

if TYPE_CHECKING:
    from export.artifacts import Artifact, Tensor

_WORDS = {"frozen_graph": "frozen graph", "saved_model": "SavedModel", "onnx": "ONNX"}
# What a graph with functions asks for; every TensorFlow 2 knows far later versions.
_MIN_CONSUMER = 12


class TargetOptions(Protocol):
    """What the rules ask of the exporter's settings."""

    @property
    def target(self) -> str: ...

    @property
    def feature_input(self) -> str: ...

    @property
    def category_input(self) -> str: ...

    @property
    def opset(self) -> int: ...

    @property
    def ir_version(self) -> int: ...

    @property
    def static_batches(self) -> Sequence[int]: ...


def check_target(artifact: Artifact, target: Target) -> list[str]:
    """The rules of `target` that `artifact` breaks, none if it can run there.

    Args:
        artifact: What a file asks for.
        target: Where it is to run.
    """
    if artifact.kind not in target.kinds:
        served = ", ".join(_WORDS[kind] for kind in target.kinds)
        return [f"{target.name} runs {served} only. Received: {_WORDS[artifact.kind]}"]
    return [text for rule in _RULES for text in rule(artifact, target)]


def check_bundle(artifacts: Iterable[Artifact], target: Target) -> list[str]:
    """The rules of `target` that those of `artifacts` break that it runs."""
    served = [one for one in artifacts if one.kind in target.kinds]
    return [text for one in served for text in check_target(one, target)]


def satisfied(artifacts: Iterable[Artifact]) -> list[str]:
    """Names of the targets of the table at which `artifacts` can run."""
    every = list(artifacts)
    return [name for name, one in TARGETS.items() if not check_bundle(every, one)]


def require(artifacts: Iterable[Artifact], target: Target) -> None:
    """Raise unless `artifacts` can run at `target`.

    Raises:
        TargetError: With every rule that is broken.
    """
    _refuse(check_bundle(artifacts, target))


def require_options(options: TargetOptions) -> None:
    """Raise unless what is asked of the exporter suits its target.

    Args:
        options: The settings `export`.

    Raises:
        TargetError: With every rule that is broken, or if there is no such target.
    """
    target = find_target(options.target)
    broken = [
        *_at_most("`export.opset`", options.opset, target.opset, target),
        *_at_most("`export.ir_version`", options.ir_version, target.ir_version, target),
    ]
    if options.static_batches and target.tensorflow is None:
        broken.append(
            f"`export.static_batches` must be empty for {target.name}, where no "
            f"TensorFlow is. Received: {list(options.static_batches)}"
        )
    asked = {"feature": options.feature_input, "category": options.category_input}
    broken += [
        f"`export.{key}_input` must be '{wanted}' for {target.name}. Received: '{name}'"
        for (key, name), wanted in zip(
            asked.items(), target.placeholders or asked.values(), strict=True
        )
        if name != wanted
    ]
    _refuse(broken)


def _refuse(broken: list[str]) -> None:
    if broken:
        raise TargetError(
            f"{'; '.join(broken)}. Change that, or choose another `export.target`"
        )


def _at_most(what: str, value: int, limit: int | None, target: Target) -> Iterator[str]:
    if limit is not None and value > limit:
        yield (
            f"{what} must be at most {limit} for {target.name} "
            f"(ONNX Runtime {target.onnxruntime}). Received: {value}"
        )


def _versions(artifact: Artifact, target: Target) -> Iterator[str]:
    if artifact.kind != ONNX:
        if artifact.min_consumer > _MIN_CONSUMER:
            yield (
                f"{_WORDS[artifact.kind]}: min_consumer must be at most "
                f"{_MIN_CONSUMER} for {target.name}, so that TensorFlow "
                f"{target.tensorflow} reads it. Received: {artifact.min_consumer}"
            )
        return
    limits = {"ai.onnx": target.opset, "ai.onnx.ml": target.ml_opset}
    for domain, version in artifact.opsets.items():
        if domain in limits:
            what = f"ONNX: the opset of {domain}"
            yield from _at_most(what, version, limits[domain], target)
        else:
            yield (
                f"ONNX: operators must be of ai.onnx or ai.onnx.ml for {target.name}. "
                f"Received: domain={domain!r}"
            )
    yield from _at_most(
        "ONNX: the IR version", artifact.ir_version, target.ir_version, target
    )


def _one_file(artifact: Artifact, target: Target) -> Iterator[str]:
    if artifact.external:
        yield (
            f"ONNX: the weights must be in the file itself for {target.name}. "
            "Received: external data"
        )


def _names(artifact: Artifact, target: Target) -> Iterator[str]:
    """The tensors that a C++ caller of the frozen graph asks for by name."""
    if artifact.kind != FROZEN_GRAPH:
        return
    if target.placeholders is not None:
        found = {tensor.name: tensor.shape for tensor in artifact.inputs}
        if found != dict(target.placeholders):
            yield (
                f"frozen graph: the inputs must be {_shapes(target.placeholders)} for "
                f"{target.name}. Received: {_shapes(found)}"
            )
    names = [tensor.name for tensor in artifact.outputs]
    if target.output is not None and names != [target.output]:
        yield (
            f"frozen graph: the output must be {target.output} for {target.name}. "
            f"Received: {', '.join(names) or 'none'}"
        )


def _tensors(artifact: Artifact, target: Target) -> Iterator[str]:
    if target.outputs is not None and len(artifact.outputs) != target.outputs:
        yield (
            f"{_WORDS[artifact.kind]}: it must have {target.outputs} output for "
            f"{target.name}. Received: {len(artifact.outputs)}"
        )
    for tensor in (*artifact.inputs, *artifact.outputs):
        faults = _faults(tensor, target)
        # A GraphDef does not say which shape its outputs have.
        if tensor.shape is None and artifact.kind != FROZEN_GRAPH:
            faults = [*faults, f"must tell its shape for {target.name}. Received: none"]
        for fault in faults:
            yield f"{_WORDS[artifact.kind]}: '{tensor.name}' {fault}"


def _faults(tensor: Tensor, target: Target) -> list[str]:
    faults, shape = [], tensor.shape
    if target.dtype and tensor.dtype not in ("", target.dtype):
        faults.append(
            f"must be {target.dtype} for {target.name}. Received: {tensor.dtype}"
        )
    if shape is None:
        return faults
    if target.rank is not None and len(shape) != target.rank:
        faults.append(
            f"must have {target.rank} axes for {target.name}. Received: {len(shape)}"
        )
    if shape[:1] != (-1,) or -1 in shape[1:]:
        faults.append(
            f"must vary in its first axis, the tracks, and in no other for "
            f"{target.name}. Received: {list(shape)}"
        )
    return faults


def _shapes(tensors: Mapping[str, tuple[int, ...] | None]) -> str:
    return ", ".join(
        f"{name} {'of any shape' if shape is None else list(shape)}"
        for name, shape in tensors.items()
    )


_RULES: tuple[Callable[[Artifact, Target], Iterator[str]], ...] = (
    _versions,
    _one_file,
    _names,
    _tensors,
)
