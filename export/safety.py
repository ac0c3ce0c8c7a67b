"""A graph is a program: what it holds is looked at before anything can run it.

The rules are in `onnx_rules` and `graph_rules`. They are about what a graph can reach
outside itself and how much it can ask for; that it scores tracks well, they do not
say. Keras files (`.keras`, `.h5`) are never loaded at all. Neither TensorFlow nor ONNX
is imported here.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from export import graph_rules, onnx_rules
from export.errors import UnsafeGraphError
from export.wire import Message, WireError

# A protocol buffer cannot be longer than 2 GiB; networks here have some MB.
MAX_BYTES = 1 << 30


def read_onnx(path: Path) -> bytes:
    """The bytes of an ONNX file that keeps the rules.

    Raises:
        UnsafeGraphError: If it breaks one, or is no ONNX file.
    """
    return _read(path, onnx_rules.check_model, "an ONNX file")[0]


def read_graph(path: Path) -> bytes:
    """The bytes of a frozen TensorFlow graph that keeps the rules.

    Raises:
        UnsafeGraphError: If it breaks one, or is no `GraphDef`.
    """
    return _read(path, graph_rules.check_graph, "a frozen graph, a binary GraphDef")[0]


def check_saved_model(folder: Path) -> int:
    """Raise unless a SavedModel keeps the rules.

    Returns:
        Number of its nodes.

    Raises:
        UnsafeGraphError: If it breaks one, or is no SavedModel.
    """
    for other in ("saved_model.cpb", "saved_model.pbtxt"):
        # TensorFlow may read that one, and not the one that was looked at.
        if (folder / other).exists():
            raise UnsafeGraphError(
                f"{folder} must hold its graph in saved_model.pb alone. "
                f"Received: {other}"
            )
    path = folder / "saved_model.pb"
    return _read(path, graph_rules.check_saved_model, "a SavedModel")[1]


def check_bundle(folder: Path) -> str:
    """Raise unless every graph of a bundle keeps the rules.

    Returns:
        How many nodes each has.

    Raises:
        UnsafeGraphError: With the file and the rule.
    """
    frozen, onnx = folder / "frozen_graph.pb", folder / "model.onnx"
    counts = {
        "frozen_graph": _read(frozen, graph_rules.check_graph, "a frozen graph")[1],
        "saved_model": check_saved_model(folder / "saved_model"),
        "onnx": _read(onnx, onnx_rules.check_model, "an ONNX file")[1],
    }
    static = folder / "saved_model_static"
    if static.exists():
        counts["saved_model_static"] = check_saved_model(static)
    listed = ", ".join(f"{name} {count}" for name, count in counts.items())
    return f"operations that compute, and no others; nodes: {listed}"


def _read(path: Path, check: Callable[[Message], int], kind: str) -> tuple[bytes, int]:
    try:
        content = _content(path)
        return content, check(Message(content))
    except (WireError, OSError) as error:
        raise UnsafeGraphError(f"{path} must be {kind}. Received: {error}") from error
    except UnsafeGraphError as error:
        raise UnsafeGraphError(f"{path} {error}") from None


def _content(path: Path) -> bytes:
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise UnsafeGraphError(
            f"must have at most {MAX_BYTES:,} bytes. Received: {size:,}"
        )
    return path.read_bytes()
