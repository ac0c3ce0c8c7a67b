"""Frozen GraphDef: what `TrackTfClassifier` of CMSSW loads.

Inputs `x` (batch, 29) and `y` (batch, 1), output `Identity` (batch, 1), all float32.
The file holds no function library and nothing that only newer TensorFlow knows, so
that TensorFlow 2.12 loads it without a word.

Source: contract of RecoTracker/FinalTrackSelectors/plugins/TrackTfClassifier.cc and
PhysicsTools/TensorFlow, cms-sw/cmssw.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from export.errors import ConversionError
from export.safety import read_graph
from export.signature import Names, score_function

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

OUTPUT = "Identity"

# Attributes of gradients and of the tracing; operations of TensorFlow 2.12 lack them.
_FOREIGN_ATTRIBUTES = ("grad_a", "grad_b")


def freeze(model: Any, names: Names, *, batch: int | None = None) -> Any:
    """The model as a `GraphDef` with its weights as constants.

    Args:
        model: Functional `keras.Model` with inputs `features` and `category`.
        names: Names of the placeholders.
        batch: Rows per call; `None` for any number.

    Returns:
        A `GraphDef` with two placeholders and one output, `Identity`.

    Raises:
        ConversionError: If an input takes no part in the score, or the graph cannot be
            written without functions.
    """
    from tensorflow.python.framework import convert_to_constants

    concrete = score_function(model, names, batch=batch).get_concrete_function()
    frozen = convert_to_constants.convert_variables_to_constants_v2(
        concrete, lower_control_flow=True, aggressive_inlining=True
    )
    graph = _prune(strip(frozen.graph.as_graph_def()))
    _check(graph, names)
    return graph


def strip(graph: Any) -> Any:
    """A copy of a `GraphDef` without what serves only the process that made it.

    Gone are devices, debug information, control dependencies, private attributes
    (`_...`), and attributes that TensorFlow 2.12 does not know.
    """
    lean = type(graph)()
    lean.versions.CopyFrom(graph.versions)
    lean.library.CopyFrom(graph.library)
    for node in graph.node:
        kept = lean.node.add(name=node.name, op=node.op)
        # A pure function needs no control dependency.
        kept.input.extend(name for name in node.input if not name.startswith("^"))
        for key, value in node.attr.items():
            if not key.startswith("_") and key not in _FOREIGN_ATTRIBUTES:
                kept.attr[key].CopyFrom(value)
    return lean


def _prune(graph: Any) -> Any:
    """Only the nodes that the output needs, in their order."""
    inputs = {n.name: [i.split(":")[0] for i in n.input] for n in graph.node}
    if OUTPUT not in inputs:
        raise ConversionError(
            f"The frozen graph must have a node named '{OUTPUT}'. "
            f"Received: {len(inputs)} nodes without it"
        )
    needed, waiting = set(), [OUTPUT]
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting.extend(inputs[name])
    pruned = type(graph)()
    pruned.versions.CopyFrom(graph.versions)
    pruned.library.CopyFrom(graph.library)
    pruned.node.extend(node for node in graph.node if node.name in needed)
    return pruned


def _check(graph: Any, names: Names) -> None:
    placeholders = {node.name for node in graph.node if node.op == "Placeholder"}
    if placeholders != {names.features, names.category}:
        raise ConversionError(
            "Both inputs must take part in the score, and nothing else may. "
            f"Received: placeholders={sorted(placeholders)}, "
            f"expected {sorted({names.features, names.category})}"
        )
    if graph.library.function:
        functions = [item.signature.name for item in graph.library.function]
        raise ConversionError(
            "A frozen graph must not call functions. "
            f"Received: functions={functions[:5]}"
        )


def write_frozen_graph(model: Any, path: Path, names: Names) -> None:
    """Freeze `model` and write it to `path` as a binary protobuf."""
    content = freeze(model, names).SerializeToString(deterministic=True)
    path.write_bytes(content)


class FrozenGraphSession:
    """A frozen graph, reloaded from its file in a `tf.compat.v1` session.

    Args:
        path: The `.pb` file.
        names: Names of the placeholders.

    Raises:
        UnsafeGraphError: If the file holds what no network needs (`export.safety`).
    """

    def __init__(self, path: Path, names: Names) -> None:
        import tensorflow as tf

        definition = tf.compat.v1.GraphDef.FromString(read_graph(path))
        graph = tf.Graph()
        with graph.as_default():
            tf.import_graph_def(definition, name="")
        self._session = tf.compat.v1.Session(graph=graph)
        self._names = names

    def __call__(
        self, features: NDArray[np.float32], category: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        feed = {f"{self._names.features}:0": features}
        feed[f"{self._names.category}:0"] = category
        scores: NDArray[np.float32] = self._session.run(f"{OUTPUT}:0", feed)
        return scores
