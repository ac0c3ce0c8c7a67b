"""Explains an ONNX file, ours or foreign, without TensorFlow."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from export.errors import UnsafeGraphError
from export.onnx_graph import OnnxSession
from export.safety import read_onnx
from export.signature import Names
from trackdnn.data.features import FEATURE_NAMES
from trackdnn.errors import BadFileError
from trackdnn.inspection import plausible, responses
from trackdnn.inspection.explanation import Explanation, explanation

if TYPE_CHECKING:
    from pathlib import Path

_WIDTH = len(FEATURE_NAMES)


def explain_onnx(
    path: Path, reference: plausible.Reference | None = None
) -> Explanation:
    """Interface, operators and responses of an ONNX file.

    Args:
        path: The file.
        reference: Tracks to ask about; generated ones by default.

    Raises:
        BadFileError: If the file is not ONNX, holds what no network needs, or cannot be
            run.
    """
    proto = _read(path)
    content = _structure(proto)
    lines = _describe(content)
    names = _classifier_names(content)
    if names is None:
        lines.append(
            "not evaluated: the inputs are not those of the track classifier, "
            f"(tracks, {_WIDTH}) and (tracks, 1), with one output"
        )
    else:
        try:
            score = OnnxSession(path, names)
            found = responses.measure(
                score, FEATURE_NAMES, reference or plausible.built_in()
            )
        except Exception as error:
            reason = (str(error).strip().splitlines() or ["no details"])[0]
            raise BadFileError(
                f"{path} must run in ONNX Runtime. Received: {reason[:160]}"
            ) from error
        lines += found.lines()
        content["responses"] = found.to_dict()
    return explanation("ONNX file", path, lines, content)


def _read(path: Path) -> Any:
    import onnx
    from google.protobuf.message import DecodeError

    try:
        proto = onnx.ModelProto.FromString(read_onnx(path))
    except UnsafeGraphError as error:
        raise BadFileError(str(error)) from error
    except DecodeError as error:
        raise BadFileError(f"{path} must be an ONNX file. Received: {error}") from error
    if not proto.graph.node or not proto.graph.output:
        raise BadFileError(
            f"{path} must be an ONNX file with a graph. Received: "
            f"{len(proto.graph.node)} nodes"
        )
    return proto


def _structure(proto: Any) -> dict[str, Any]:
    weights = {item.name: int(np.prod(item.dims)) for item in proto.graph.initializer}
    return {
        "inputs": {
            item.name: _shape(item)
            for item in proto.graph.input
            if item.name not in weights
        },
        "outputs": {item.name: _shape(item) for item in proto.graph.output},
        "opset": {
            item.domain or "ai.onnx": item.version for item in proto.opset_import
        },
        "ir_version": proto.ir_version,
        "producer": f"{proto.producer_name} {proto.producer_version}".strip(),
        "nodes": len(proto.graph.node),
        "operations": dict(
            Counter(node.op_type for node in proto.graph.node).most_common()
        ),
        "parameters": sum(weights.values()),
        "metadata": {item.key: item.value for item in proto.metadata_props},
    }


def _shape(value: Any) -> list[int | str]:
    axes = value.type.tensor_type.shape.dim
    return [axis.dim_param or axis.dim_value for axis in axes]


def _describe(content: dict[str, Any]) -> list[str]:
    def listed(tensors: dict[str, Any]) -> str:
        return ", ".join(f"{name} {shape}" for name, shape in tensors.items())

    opset = ", ".join(f"{name} {number}" for name, number in content["opset"].items())
    operations = (f"{name} {count}" for name, count in content["operations"].items())
    lines = [
        f"inputs: {listed(content['inputs'])}; outputs: {listed(content['outputs'])}",
        f"{content['nodes']} nodes, opset {opset}, IR {content['ir_version']}, "
        f"producer {content['producer'] or 'unnamed'}",
        f"parameters: {content['parameters']:,}",
        f"operations: {', '.join(operations)}",
    ]
    if content["metadata"]:
        lines.append(f"metadata: {', '.join(content['metadata'])}")
    return lines


def _classifier_names(content: dict[str, Any]) -> Names | None:
    last = {
        shape[-1] if len(shape) == 2 else None: name
        for name, shape in content["inputs"].items()
    }
    if set(last) != {_WIDTH, 1} or len(content["inputs"]) != 2:
        return None
    if len(content["outputs"]) != 1:
        return None
    return Names(last[_WIDTH], last[1], next(iter(content["outputs"])))
