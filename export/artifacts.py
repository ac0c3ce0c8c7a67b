"""What an artifact asks of a runtime, read from its file without running it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from export import manifest
from export.errors import BundleError
from export.targets import FROZEN_GRAPH, ONNX, SAVED_MODEL

# The tag that TensorFlow, and `loadMetaGraphDef` of CMSSW, look for.
TAG, SIGNATURE = "serve", "serving_default"
_SILENT = ("Const", "NoOp", "Placeholder")


@dataclasses.dataclass(frozen=True)
class Tensor:
    """An input or an output.

    Args:
        name: Its name.
        dtype: Its type as NumPy calls it; empty if the file does not say.
        shape: Its shape, -1 for an axis of any length; `None` if the file does not say.
    """

    name: str
    dtype: str
    shape: tuple[int, ...] | None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Artifact:
    """What a file asks of the runtime that loads it.

    Args:
        kind: `frozen_graph`, `saved_model` or `onnx`.
        inputs: What must be fed.
        outputs: What can be fetched.
        opsets: Operator set per domain, of ONNX; the own domain is called `ai.onnx`.
        ir_version: Version of the ONNX format.
        min_consumer: Least version of GraphDef that a TensorFlow must know.
        external: Whether weights lie in other files.
    """

    kind: str
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    opsets: Mapping[str, int] = dataclasses.field(default_factory=dict)
    ir_version: int = 0
    min_consumer: int = 0
    external: bool = False


def read_artifacts(folder: Path) -> list[Artifact]:
    """The artifacts of a bundle; hashes are not compared here.

    Args:
        folder: The bundle's folder.

    Raises:
        BundleError: If an artifact cannot be read.
    """
    return [
        read_frozen_graph(folder / manifest.FROZEN_GRAPH),
        read_saved_model(folder / manifest.SAVED_MODEL),
        read_onnx(folder / manifest.ONNX),
    ]


def read_onnx(path: Path) -> Artifact:
    """An ONNX file; files that it refers to are not opened.

    Raises:
        BundleError: If it cannot be read.
    """
    import onnx

    proto = _parsed(path, onnx.ModelProto, "an ONNX file")
    given = {tensor.name for tensor in proto.graph.initializer}
    external = onnx.TensorProto.EXTERNAL
    return Artifact(
        kind=ONNX,
        inputs=tuple(_onnx_tensor(v) for v in proto.graph.input if v.name not in given),
        outputs=tuple(_onnx_tensor(value) for value in proto.graph.output),
        opsets={item.domain or "ai.onnx": item.version for item in proto.opset_import},
        ir_version=proto.ir_version,
        external=any(t.data_location == external for t in proto.graph.initializer),
    )


def _onnx_tensor(value: Any) -> Tensor:
    import onnx

    if not value.type.HasField("tensor_type"):
        return Tensor(value.name, value.type.WhichOneof("value") or "", None)
    kind = value.type.tensor_type
    dtype = _dtype(onnx.helper.tensor_dtype_to_np_dtype, kind.elem_type)
    if not kind.HasField("shape"):
        return Tensor(value.name, dtype, None)
    axes = kind.shape.dim
    shape = tuple(a.dim_value if a.HasField("dim_value") else -1 for a in axes)
    return Tensor(value.name, dtype, shape)


def read_frozen_graph(path: Path) -> Artifact:
    """A frozen TensorFlow graph.

    Raises:
        BundleError: If it cannot be read.
    """
    from tensorflow.core.framework import graph_pb2

    graph = _parsed(path, graph_pb2.GraphDef, "a frozen graph")
    return Artifact(
        kind=FROZEN_GRAPH,
        inputs=tuple(
            Tensor(
                node.name,
                _tensorflow_dtype(node.attr["dtype"].type),
                _shape(node.attr["shape"].shape),
            )
            for node in graph.node
            if node.op == "Placeholder"
        ),
        outputs=tuple(_ends(graph)),
        min_consumer=graph.versions.min_consumer,
    )


def _ends(graph: Any) -> Iterator[Tensor]:
    """The nodes that nothing else takes as input."""
    used = {
        name.lstrip("^").partition(":")[0] for node in graph.node for name in node.input
    }
    for node in graph.node:
        if node.name not in used and node.op not in _SILENT:
            dtype = _tensorflow_dtype(node.attr["T"].type) if "T" in node.attr else ""
            yield Tensor(node.name, dtype, None)


def read_saved_model(folder: Path) -> Artifact:
    """The signature `serving_default` of a SavedModel.

    Raises:
        BundleError: If it cannot be read, or has no such signature.
    """
    from tensorflow.core.protobuf import saved_model_pb2

    path = folder / "saved_model.pb"
    proto = _parsed(path, saved_model_pb2.SavedModel, "a SavedModel")
    graphs = [g for g in proto.meta_graphs if TAG in g.meta_info_def.tags]
    if not graphs or SIGNATURE not in graphs[0].signature_def:
        raise BundleError(
            f"{folder} must hold a graph tagged '{TAG}' with the signature "
            f"'{SIGNATURE}', and does not"
        )
    signature = graphs[0].signature_def[SIGNATURE]
    return Artifact(
        kind=SAVED_MODEL,
        inputs=_signature_tensors(signature.inputs),
        outputs=_signature_tensors(signature.outputs),
        min_consumer=graphs[0].graph_def.versions.min_consumer,
    )


def _signature_tensors(tensors: Mapping[str, Any]) -> tuple[Tensor, ...]:
    return tuple(
        Tensor(name, _tensorflow_dtype(info.dtype), _shape(info.tensor_shape))
        for name, info in sorted(tensors.items())
    )


def _tensorflow_dtype(number: int) -> str:
    import tensorflow as tf

    return _dtype(tf.dtypes.as_dtype, number)


def _dtype(known: Callable[[int], Any], number: int) -> str:
    """The name of a type, empty if the file does not say."""
    try:
        return str(known(number).name) if number else ""
    except (KeyError, TypeError):
        return f"type {number}"


def _shape(shape: Any) -> tuple[int, ...] | None:
    return None if shape.unknown_rank else tuple(axis.size for axis in shape.dim)


def _parsed(path: Path, kind: Any, name: str) -> Any:
    try:
        return kind.FromString(path.read_bytes())
    except Exception as error:
        reason = (str(error).strip().splitlines() or ["no details"])[0]
        raise BundleError(f"{path} must be {name}. Received: {reason[:160]}") from error
