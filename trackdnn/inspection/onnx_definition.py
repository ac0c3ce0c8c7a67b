"""The structure of an ONNX file, and the file in ONNX Runtime."""

from __future__ import annotations

import dataclasses
import functools
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from export.errors import UnsafeGraphError
from export.safety import read_onnx
from trackdnn.errors import BadFileError
from trackdnn.inspection.wiring import Node, Wiring

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


@dataclasses.dataclass(frozen=True)
class OnnxDefinition:
    """A `ModelProto` with the questions `inspect` has for it.

    Args:
        proto: The `ModelProto`.
    """

    proto: Any

    @functools.cached_property
    def wiring(self) -> Wiring:
        """Nodes and constants; graphs within nodes are not looked into."""
        graph = self.proto.graph
        constants = {tensor.name: _array(tensor) for tensor in graph.initializer}
        for node in graph.node:
            for item in node.attribute if node.op_type == "Constant" else ():
                # Other attributes hold constants that no matrix is made of.
                if item.name == "value":
                    constants[node.output[0]] = _array(item.t)
        return Wiring(
            nodes=tuple(_node(n) for n in graph.node if n.op_type != "Constant"),
            inputs=tuple(v.name for v in graph.input if v.name not in constants),
            constants=constants,
            silent=Counter(n.op_type for n in graph.node if n.op_type == "Constant"),
        )


def _array(tensor: Any) -> NDArray[Any]:
    import onnx

    array: NDArray[Any] = onnx.numpy_helper.to_array(tensor)
    return array


def _node(node: Any) -> Node:
    return Node(
        name=node.name,
        operation=node.op_type,
        inputs=tuple(name for name in node.input if name),
        outputs=tuple(name for name in node.output if name),
        transposed=any(item.name == "transB" and item.i for item in node.attribute),
    )


def read_definition(path: Path) -> OnnxDefinition:
    """The graph in an ONNX file.

    Raises:
        BadFileError: If the file is not ONNX, has no graph, or holds what no network
            needs.
    """
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
    if not _is_text(proto):
        raise BadFileError(
            f"{path} must be an ONNX file with names in UTF-8. Received: other bytes"
        )
    _check_constants(path, proto.graph)
    return OnnxDefinition(proto)


def _is_text(message: Any) -> bool:
    """Whether every text in a message is one; where it is none, it is read as bytes."""
    for field, value in message.ListFields():
        many = not (isinstance(value, (str, bytes)) or hasattr(value, "ListFields"))
        values = value if many else [value]
        if field.type == field.TYPE_STRING:
            known = all(isinstance(one, str) for one in values)
        else:
            inner = values if field.type == field.TYPE_MESSAGE else ()
            known = all(_is_text(one) for one in inner)
        if not known:
            return False
    return True


def _check_constants(path: Path, graph: Any) -> None:
    """Raise unless each constant holds as many numbers as its shape says."""
    for tensor in graph.initializer:
        try:
            found = _array(tensor).size
        except Exception as error:
            reason = (str(error).strip().splitlines() or ["no details"])[0]
            raise BadFileError(
                f"{path} must hold the numbers of '{tensor.name}', "
                f"{list(tensor.dims)}. Received: {reason[:160]}"
            ) from error
        if found != math.prod(tensor.dims):
            raise BadFileError(
                f"{path} must hold the numbers of '{tensor.name}', "
                f"{list(tensor.dims)}. Received: {found}"
            )


class OnnxRuntime:
    """Runs a graph in ONNX Runtime, on one thread.

    Args:
        definition: The graph.
    """

    def __init__(self, definition: OnnxDefinition) -> None:
        self._proto = definition.proto
        self._sessions: dict[tuple[str, ...], Any] = {}

    def fetch(
        self, tensors: Sequence[str], feed: Mapping[str, NDArray[Any]]
    ) -> list[NDArray[Any]]:
        """Values of tensors, outputs or not."""
        session = self._session(tuple(tensors))
        values: list[NDArray[Any]] = session.run(list(tensors), dict(feed))
        return values

    def _session(self, tensors: tuple[str, ...]) -> Any:
        """A session of the graph that gives these tensors."""
        if tensors not in self._sessions:
            import onnx
            import onnxruntime

            proto = type(self._proto)()
            proto.CopyFrom(self._proto)
            known = {output.name: output for output in self._proto.graph.output}
            # Without the other outputs nothing behind the tensors is computed.
            del proto.graph.output[:]
            for name in tensors:
                value = known.get(name) or onnx.ValueInfoProto(name=name)
                proto.graph.output.append(value)
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            # What goes wrong is told in the error; the log would come on top.
            options.log_severity_level = 4
            self._sessions[tensors] = onnxruntime.InferenceSession(
                proto.SerializeToString(),
                sess_options=options,
                providers=["CPUExecutionProvider"],
            )
        return self._sessions[tensors]
