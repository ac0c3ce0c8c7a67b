"""Explains an ONNX file, ours or foreign, without TensorFlow."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from export.artifacts import read_onnx
from trackdnn.inspection import behaviour
from trackdnn.inspection.explanation import Explanation, explanation
from trackdnn.inspection.onnx_definition import OnnxRuntime, read_definition
from trackdnn.inspection.runtimes import KINDS, find_runtimes
from trackdnn.inspection.structure import structure_lines, structure_of

if TYPE_CHECKING:
    from pathlib import Path


def explain_onnx(path: Path, data: behaviour.Data | None = None) -> Explanation:
    """Structure, runtimes, preprocessing and responses of an ONNX file.

    Args:
        path: The file.
        data: Tracks to ask about; generated ones by default.

    Raises:
        BadFileError: If the file is not ONNX, holds what no network needs, or cannot be
            run.
    """
    definition = read_definition(path)
    artifact = read_onnx(path)
    content = structure_of(artifact, definition.wiring)
    content |= _head(definition.proto)
    runtimes = find_runtimes(artifact)
    content["runtimes"] = runtimes.to_dict()
    lines = [*structure_lines(content, _versions(content)), *runtimes.lines()]
    if content["metadata"]:
        lines.append(f"metadata: {', '.join(content['metadata'])}")
    subject = behaviour.Subject(
        path=path,
        inputs=artifact.inputs,
        outputs=[tensor.name for tensor in artifact.outputs],
        wiring=definition.wiring,
        runtime=functools.partial(OnnxRuntime, definition),
        runtime_name="ONNX Runtime",
    )
    found = explanation(KINDS[artifact.kind], path, lines, content)
    return behaviour.ask(found, subject, data)


def _head(proto: Any) -> dict[str, Any]:
    # tf2onnx writes its version and that of a commit, which a release has not.
    version = proto.producer_version.removesuffix(" None")
    return {
        "opset": {
            item.domain or "ai.onnx": item.version for item in proto.opset_import
        },
        "ir_version": proto.ir_version,
        "producer": f"{proto.producer_name} {version}".strip(),
        "metadata": {item.key: item.value for item in proto.metadata_props},
    }


def _versions(content: dict[str, Any]) -> str:
    opset = ", ".join(f"{name} {number}" for name, number in content["opset"].items())
    maker = content["producer"] or "unnamed"
    return f"opset {opset}, IR {content['ir_version']}, producer {maker}"
