"""A network of edges on its way to other software: a folder with all that it needs.

    edges.onnx        nodes, edge_index, edge_features to score, a probability
    edges_acts.onnx   the same to logit, for ACTS, which forms the probability itself
    saved_model/      as edges.onnx, for TensorFlow
    manifest.json     inputs, outputs, parity, size and SHA-256 of every file

It appears complete, each artifact reloaded and compared with Keras, or not at all.
"""

from __future__ import annotations

import dataclasses
import datetime
import importlib.metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from export import manifest
from export.assembly import assembled, check_replaceable
from export.graph_functions import edge_function
from export.graph_network import LEAST_OPSET, convert_graph
from export.graph_parity import (
    Graphs,
    Runtime,
    check_threads,
    compare_edges,
    edge_graphs,
    evaluate_edges,
)
from export.graph_saved_model import GraphSignature, write_graph_saved_model
from export.graph_session import GraphSession
from export.onnx_graph import write_onnx

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from network.graph_inputs import GraphInputs

FORMAT = "trackdnn.graph_network"
SCHEMA_VERSION = 1
EDGES, ACTS, SAVED_MODEL = "edges.onnx", "edges_acts.onnx", "saved_model"
# Of probabilities; messages over many steps add up roundings.
TOLERANCE = 2e-5
_IR_VERSION = 8
_PACKAGES = ("keras", "numpy", "onnx", "onnxruntime", "tf2onnx")


@dataclasses.dataclass(frozen=True)
class Column:
    """What a column of features is.

    Args:
        name: Its name.
        formula: How it follows from what was measured.
        unit: Its unit, empty where it has none.
    """

    name: str
    formula: str
    unit: str = ""


def write_graph_bundle(
    model: Any,
    inputs: GraphInputs,
    folder: str | Path,
    *,
    columns: tuple[Sequence[Column], Sequence[Column]],
    details: Mapping[str, Any] | None = None,
    float_index: bool = False,
    tolerance: float = TOLERANCE,
) -> dict[str, Any]:
    """Write a network of edges in every format, each proven.

    Args:
        model: As for `export.graph_functions.edge_function`.
        inputs: Names and ranges of its features.
        folder: New or empty, or an earlier folder of this kind.
        columns: What the features of nodes and of edges are.
        details: Plain values for the manifest, such as the architecture.
        float_index: Whether `edge_index` of the ONNX files is float32.
        tolerance: Largest difference from Keras that passes.

    Returns:
        The manifest.

    Raises:
        BundleError: If the folder holds anything else.
        ConversionError: If the network cannot be written in a format.
        ParityError: If an artifact does not reproduce the network.
        ExportError: If the disk refuses.
    """
    check_replaceable(Path(folder), FORMAT)
    options = {"float_index": float_index}
    with assembled(Path(folder), FORMAT) as work:
        for name, logit in ((EDGES, False), (ACTS, True)):
            index = {} if logit else options
            proto = convert_graph(edge_function(model, logit=logit, **index))
            write_onnx(proto, work / name)
        function = edge_function(model)
        write_graph_saved_model(model, function, work / SAVED_MODEL)
        content = {
            "format": FORMAT,
            "schema_version": SCHEMA_VERSION,
            **_described(inputs, columns, float_index),
            "parity": _proven(model, inputs, work, float_index, tolerance),
            **(details or {}),
        }
        return manifest.write_manifest(work, content)


def _proven(
    model: Any, inputs: GraphInputs, folder: Path, float_index: bool, tolerance: float
) -> dict[str, Any]:
    graphs = edge_graphs(inputs)
    reference = evaluate_edges(model, graphs)
    floats = _with_float_index(graphs) if float_index else graphs
    runtimes: dict[str, tuple[Runtime, Graphs, str]] = {
        EDGES: (GraphSession(folder / EDGES), floats, "score"),
        ACTS: (GraphSession(folder / ACTS), graphs, "logit"),
        SAVED_MODEL: (GraphSignature(folder / SAVED_MODEL), graphs, "score"),
    }
    artifacts = {
        name: compare_edges(
            runtime, given, reference, tolerance=tolerance, name=name, output=output
        )
        for name, (runtime, given, output) in runtimes.items()
    }
    threads = check_threads(folder / EDGES, floats)
    return {"tolerance": tolerance, "artifacts": artifacts, "equal_threads": threads}


def _with_float_index(graphs: Graphs) -> Graphs:
    return {
        kind: {**graph, "edge_index": graph["edge_index"].astype("float32")}
        for kind, graph in graphs.items()
    }


def _described(
    inputs: GraphInputs,
    columns: tuple[Sequence[Column], Sequence[Column]],
    float_index: bool,
) -> dict[str, Any]:
    nodes = (inputs.node_names, inputs.node_lower, inputs.node_upper)
    edges = (inputs.edge_names, inputs.edge_lower, inputs.edge_upper)
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    return {
        "created": now,
        "inputs": {
            "nodes": _features(nodes, columns[0]),
            "edge_index": {
                "dtype": "float32" if float_index else "int64",
                "shape": [2, -1],
                "meaning": "rows of nodes: where each edge starts, where it ends",
            },
            "edge_features": _features(edges, columns[1]),
        },
        "outputs": {
            EDGES: {"score": "probability that an edge is true, (edges, 1)"},
            ACTS: {"logit": "log(p / (1 - p)) of the same, (edges, 1)"},
            SAVED_MODEL: {"score": "as in edges.onnx; edge_index is int64"},
        },
        "onnx": {"opset": LEAST_OPSET, "ir_version": _IR_VERSION},
        "versions": _versions(),
    }


def _versions() -> dict[str, str]:
    import tensorflow as tf

    versions = {name: importlib.metadata.version(name) for name in _PACKAGES}
    return {"tensorflow": tf.__version__, **versions}


def _features(
    ranges: tuple[Sequence[str], Sequence[float], Sequence[float]],
    columns: Sequence[Column],
) -> dict[str, Any]:
    """Features in their order; the network clips each to its range."""
    known = {column.name: column for column in columns}
    rows = [
        {**_told(name, known), "lower": low, "upper": high}
        for name, low, high in zip(*ranges, strict=True)
    ]
    return {"dtype": "float32", "shape": [-1, len(rows)], "columns": rows}


def _told(name: str, known: Mapping[str, Column]) -> dict[str, str]:
    return dataclasses.asdict(known.get(name, Column(name, "")))
