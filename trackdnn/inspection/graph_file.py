"""Explains a frozen TensorFlow graph, ours or foreign. Imports TensorFlow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trackdnn.data.features import FEATURE_NAMES
from trackdnn.errors import BadFileError
from trackdnn.inspection import plausible, preprocessing, responses
from trackdnn.inspection.explanation import Explanation, explanation
from trackdnn.inspection.graph_definition import Definition, Session, read_definition

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_WIDTH = len(FEATURE_NAMES)


def explain_graph(
    path: Path, reference: plausible.Reference | None = None
) -> Explanation:
    """Structure, preprocessing and responses of a frozen graph.

    Args:
        path: A binary GraphDef.
        reference: Tracks to ask about; generated ones by default.

    Raises:
        BadFileError: If the file is not a frozen graph, or cannot be run.
    """
    definition = read_definition(path)
    lines, content = _structure(definition)
    names = _classifier_inputs(definition)
    if names is None:
        lines.append(
            f"not evaluated: the inputs are not those of the track classifier, "
            f"(tracks, {_WIDTH}) and (tracks, 1), with one output"
        )
    else:
        more_lines, more = _behaviour(path, definition, names, reference)
        lines += more_lines
        content |= more
    return explanation("frozen graph", path, lines, content)


def _structure(definition: Definition) -> tuple[list[str], dict[str, Any]]:
    graph = definition.graph
    dense, total = definition.parameters()
    content = {
        "inputs": definition.placeholders,
        "outputs": definition.outputs,
        "nodes": len(graph.node),
        "functions": len(graph.library.function),
        "producer": graph.versions.producer,
        "min_consumer": graph.versions.min_consumer,
        "operations": definition.operations,
        "parameters": dense,
        "constants": total,
    }
    inputs = [f"{name} {shape}" for name, shape in definition.placeholders.items()]
    operations = [f"{name} {count}" for name, count in definition.operations.items()]
    lines = [
        f"inputs: {', '.join(inputs)}; outputs: {', '.join(definition.outputs)}",
        f"{len(graph.node)} nodes, {len(graph.library.function)} functions, "
        f"producer {graph.versions.producer}",
        f"parameters: {dense:,} in matrices and biases ({total:,} numbers in all "
        "constants)",
        f"operations: {', '.join(operations)}",
    ]
    return lines, content


def _classifier_inputs(definition: Definition) -> tuple[str, str] | None:
    """Placeholders of features and category, if these are what the graph takes."""
    last = {
        shape[-1] if len(shape) == 2 else None: name
        for name, shape in definition.placeholders.items()
    }
    if set(last) != {_WIDTH, 1} or len(definition.placeholders) != 2:
        return None
    if len(definition.outputs) != 1:
        return None
    return last[_WIDTH], last[1]


def _behaviour(
    path: Path,
    definition: Definition,
    names: tuple[str, str],
    reference: plausible.Reference | None,
) -> tuple[list[str], dict[str, Any]]:
    """What evaluation shows."""
    reference = reference or plausible.built_in()
    output = f"{definition.outputs[0]}:0"
    try:
        session = Session(definition, *names)

        def score(features: NDArray[Any], category: NDArray[Any]) -> NDArray[Any]:
            return session.run([output], features, category)[0]

        found = responses.measure(score, FEATURE_NAMES, reference)
        prepared = preprocessing.find(
            definition, session, FEATURE_NAMES, names[0], reference
        )
    except Exception as error:
        reason = (str(error).strip().splitlines() or ["no details"])[0]
        raise BadFileError(
            f"{path} must run in TensorFlow. Received: {type(error).__name__}: "
            f"{reason[:160]}"
        ) from error
    content = {"preprocessing": prepared.to_dict(), "responses": found.to_dict()}
    return [*prepared.lines(), *found.lines()], content
