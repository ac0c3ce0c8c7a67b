"""ONNX file: what `cms::Ort::ONNXRuntime` and any other ONNX runtime load.

Float32 inputs `x` (batch, 29) and `y` (batch, 1), float32 output `score` (batch, 1),
opset 13 and IR version 7 unless the settings say otherwise: those load in ONNX
Runtime 1.10 and later, which is CMSSW 13_0 and later.
"""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING, Any

from export.errors import ConversionError
from export.safety import read_onnx
from export.signature import Names, score_function

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

BATCH = "batch"

# Name of the first axis, or of all; `None` for an axis of a fixed length.
Axes = str | tuple[str | None, ...]

# tf2onnx writes no later opset; onnx converts the rest of the way.
_TF2ONNX_OPSET = 18
_DOMAINS = ("", "ai.onnx", "ai.onnx.ml")


def convert(
    model: Any,
    names: Names,
    *,
    opset: int = 13,
    ir_version: int = 7,
    metadata: Mapping[str, str] | None = None,
) -> Any:
    """The model as an ONNX `ModelProto`.

    Args:
        model: Functional `keras.Model` with inputs `features` and `category`.
        names: Names of the inputs and of the output.
        opset: Version of the ONNX operator set, 13 to 20.
        ir_version: Version of the ONNX file format, at least that of the opset.
        metadata: Text that travels in the file.

    Returns:
        A checked `onnx.ModelProto` with one dynamic axis, `batch`.

    Raises:
        ConversionError: If an operation has no ONNX form, or the versions do not fit.
    """
    function = score_function(model, names, names.score)
    return convert_function(
        function, opset=opset, ir_version=ir_version, metadata=metadata
    )


def convert_function(
    function: Any,
    *,
    opset: int = 13,
    ir_version: int = 7,
    metadata: Mapping[str, str] | None = None,
    axes: Mapping[str, Axes] | None = None,
) -> Any:
    """A `tf.function` with an input signature as an ONNX `ModelProto`.

    Args:
        function: From named inputs to a dictionary of named outputs, whose first axis
            is the batch.
        opset: As for `convert`.
        ir_version: As for `convert`.
        metadata: As for `convert`.
        axes: Names of the axes of inputs and outputs whose first is no batch, such as
            nodes and edges: of the first axis, or of all, `None` for one of a fixed
            length. ONNX Runtime takes two axes of one name for equally long.

    Returns:
        As `convert`.

    Raises:
        ConversionError: As `convert`.
    """
    import onnx

    proto = _from_tensorflow(function, min(opset, _TF2ONNX_OPSET))
    check_operators(proto)
    _keep_used_domains(proto)
    if opset > _TF2ONNX_OPSET:
        proto = onnx.version_converter.convert_version(proto, opset)
    _set_ir_version(proto, ir_version)
    _name_axes(proto, axes or {})
    for key, value in (metadata or {}).items():
        proto.metadata_props.add(key=key, value=value)
    try:
        onnx.checker.check_model(proto, full_check=True)
    except Exception as error:
        raise ConversionError(
            f"The ONNX model must pass the ONNX checker. Received: {error}"
        ) from error
    return proto


def _from_tensorflow(function: Any, opset: int) -> Any:
    import tf2onnx

    import export.onnx_handlers  # registers on import
    import export.segment_handlers  # noqa: F401  as well

    with _quiet("tf2onnx"):
        try:
            proto, _ = tf2onnx.convert.from_function(
                function, input_signature=function.input_signature, opset=opset
            )
        except Exception as error:
            raise ConversionError(
                f"tf2onnx must be able to convert the model. Received: {error!r}"
            ) from error
    return proto


@contextlib.contextmanager
def _quiet(name: str) -> Iterator[None]:
    """Silence a logger: `check_operators` says better what it would say."""
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


def check_operators(proto: Any) -> None:
    """Raise unless every node is an operator of the model's ONNX opset.

    Raises:
        ConversionError: With the names of the operations that are not.
    """
    import onnx

    opset = next(o.version for o in proto.opset_import if o.domain in ("", "ai.onnx"))
    known = {
        schema.name
        for schema in onnx.defs.get_all_schemas_with_history()
        if schema.domain != "" or schema.since_version <= opset
    }
    foreign = sorted(
        {
            f"{node.domain}.{node.op_type}" if node.domain else node.op_type
            for node in _nodes(proto.graph)
            if node.op_type not in known or node.domain not in _DOMAINS
        }
    )
    if foreign:
        raise ConversionError(
            "Every operation of the network must have an ONNX form. "
            f"Received: {', '.join(foreign)} at opset {opset}. Use other operations, "
            "a higher opset, or add a handler to export/onnx_handlers.py"
        )


def _nodes(graph: Any) -> Iterator[Any]:
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            for inner in (attribute.g, *attribute.graphs):
                yield from _nodes(inner)


def _keep_used_domains(proto: Any) -> None:
    """Drop opset imports nobody needs: ONNX Runtime 1.17 rejects newer ones."""
    used = {node.domain for node in _nodes(proto.graph)} | {""}
    kept = [item for item in proto.opset_import if item.domain in used]
    del proto.opset_import[:]
    proto.opset_import.extend(kept)


def _set_ir_version(proto: Any, ir_version: int) -> None:
    import onnx

    least = onnx.helper.find_min_ir_version_for(list(proto.opset_import))
    if ir_version < least:
        opset = proto.opset_import[0].version
        raise ConversionError(
            f"`export.ir_version` must be at least {least} for opset {opset}. "
            f"Received: ir_version={ir_version}"
        )
    proto.ir_version = ir_version


def _name_axes(proto: Any, axes: Mapping[str, Axes]) -> None:
    """Call the first axis `batch`, or as told; tf2onnx makes up a name per tensor."""
    for value in (*proto.graph.input, *proto.graph.output):
        names = axes.get(value.name, BATCH)
        names = (names,) if isinstance(names, str) else names
        for axis, name in zip(value.type.tensor_type.shape.dim, names, strict=False):
            if name is not None:
                axis.ClearField("dim_value")
                axis.dim_param = name
    del proto.graph.value_info[:]


def write_onnx(proto: Any, path: Path) -> None:
    """Write an ONNX model as one file, weights included."""
    path.write_bytes(proto.SerializeToString(deterministic=True))


class OnnxSession:
    """An ONNX file, reloaded in ONNX Runtime on one CPU thread.

    Args:
        path: The `.onnx` file.
        names: Names of the inputs and of the output.

    Raises:
        UnsafeGraphError: If the file holds what no network needs (`export.safety`).
    """

    def __init__(self, path: Path, names: Names) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        # Bytes, not the path: what was looked at is what runs.
        self._session = onnxruntime.InferenceSession(
            read_onnx(path),
            sess_options=options,
            providers=["CPUExecutionProvider"],
        )
        self._names = names

    def __call__(
        self, features: NDArray[np.float32], category: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        feed = {self._names.features: features, self._names.category: category}
        scores: NDArray[np.float32] = self._session.run([self._names.score], feed)[0]
        return scores
