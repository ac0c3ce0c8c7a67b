"""Explains a frozen TensorFlow graph or a SavedModel. Imports TensorFlow."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from export.artifacts import read_frozen_graph
from trackdnn.inspection import behaviour
from trackdnn.inspection.explanation import Explanation, explanation
from trackdnn.inspection.graph_definition import Definition, Session, read_definition
from trackdnn.inspection.runtimes import KINDS, find_runtimes
from trackdnn.inspection.structure import structure_lines, structure_of

if TYPE_CHECKING:
    from pathlib import Path

    from export.artifacts import Artifact


def explain_graph(path: Path, data: behaviour.Data | None = None) -> Explanation:
    """Structure, runtimes, preprocessing and responses of a frozen graph.

    Args:
        path: A binary GraphDef.
        data: Tracks to ask about; generated ones by default.

    Raises:
        BadFileError: If the file is not a frozen graph, or cannot be run.
    """
    definition = read_definition(path)
    artifact = read_frozen_graph(path)
    return explain_definition(path, definition, artifact, definition.graph, data)


def explain_definition(
    path: Path,
    definition: Definition,
    artifact: Artifact,
    stored: Any,
    data: behaviour.Data | None,
) -> Explanation:
    """Explain a graph of TensorFlow.

    Args:
        path: Where it lies.
        definition: The graph with its weights as constants.
        artifact: What its file asks for.
        stored: The GraphDef as it lies there.
        data: Tracks to ask about, or `None`.

    Raises:
        BadFileError: If it cannot be run.
    """
    content = structure_of(artifact, definition.wiring)
    versions = stored.versions
    content |= {
        "functions": len(stored.library.function),
        "producer": versions.producer,
        "min_consumer": versions.min_consumer,
    }
    runtimes = find_runtimes(artifact, stored)
    content["runtimes"] = runtimes.to_dict()
    words = f"{content['functions']} functions, producer {versions.producer}"
    lines = [*structure_lines(content, words), *runtimes.lines()]
    found = explanation(KINDS[artifact.kind], path, lines, content)
    subject = behaviour.Subject(
        path=path,
        inputs=artifact.inputs,
        outputs=definition.outputs,
        wiring=definition.wiring,
        runtime=functools.partial(Session, definition),
        runtime_name="TensorFlow",
    )
    return behaviour.ask(found, subject, data)
