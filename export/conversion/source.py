"""What is to be converted: its graph, its tensors, and the file itself to run.

A frozen graph or a SavedModel that takes features `(tracks, width)` and a category
`(tracks, 1)` and gives one score per track, all float32, as `TrackTfClassifier` of
CMSSW feeds and reads them.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

from export import verify
from export.artifacts import SIGNATURE, Tensor, read_frozen_graph
from export.conversion.graph import origin
from export.conversion.passes import CHECKS
from export.conversion.signatures import flat_graph, load_saved_model
from export.errors import ConversionError
from export.safety import check_saved_model, read_graph

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from export.parity import Runtime

# The output that CMSSW fetches.
_CMSSW_OUTPUT = "Identity"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Source:
    """A graph to convert.

    Args:
        path: Where it is.
        kind: `frozen_graph` or `saved_model`.
        sha256: Hash of the file; of a SavedModel, of its `saved_model.pb`.
        graph: Its `GraphDef`, without functions.
        features: Placeholder of the features.
        category: Placeholder of the category.
        width: Number of features.
        output: Tensor of the score.
        runtime: The file itself, in TensorFlow.
        checks: How many nodes only check for NaN; they do not run.
    """

    path: Path
    kind: str
    sha256: str
    graph: Any
    features: str
    category: str
    width: int
    output: str
    runtime: Runtime
    checks: int = 0


def read_source(path: Path, output: str | None = None) -> Source:
    """Read what is to be converted; it is checked before TensorFlow sees it.

    Args:
        path: A frozen graph, or the folder of a SavedModel.
        output: Node of the score in a frozen graph that has several outputs; else
            `Identity`, or its only output.

    Raises:
        ConversionError: If it is of another kind, or its tensors are others.
        UnsafeGraphError: If it holds what no network needs.
        BundleError: If it is damaged.
    """
    if path.is_dir():
        if output is not None:
            raise ConversionError(
                "`--fetch` is for frozen graphs: a signature says what its score is. "
                f"Received: {output} for {path}"
            )
        return _saved_model(path)
    if path.suffix.lower() == ".onnx":
        raise ConversionError(
            f"`convert` reads frozen graphs and SavedModels; from ONNX there is no way "
            f"back. Received: {path}"
        )
    return _frozen_graph(path, output)


def _frozen_graph(path: Path, output: str | None) -> Source:
    import tensorflow as tf

    content = read_graph(path)
    artifact = read_frozen_graph(path)
    graph = tf.compat.v1.GraphDef.FromString(content)
    ends = [tensor.name for tensor in artifact.outputs]
    score = _chosen_output(path, {node.name for node in graph.node}, ends, output)
    features, category = _roles(path, artifact.inputs)
    calm, checks = _without_checks(graph)
    return Source(
        path=path,
        kind=artifact.kind,
        sha256=verify.sha256(path),
        graph=flat_graph(calm, features, category, score),
        features=features.name,
        category=category.name,
        width=_width(features),
        output=f"{score}:0",
        runtime=GraphSession(calm, features.name, category.name, f"{score}:0"),
        checks=checks,
    )


def _saved_model(folder: Path) -> Source:
    check_saved_model(folder)
    loaded = load_saved_model(folder)
    features, category = _roles(folder, loaded.inputs)
    if len(loaded.outputs) != 1:
        raise ConversionError(
            f"The signature '{SIGNATURE}' of {folder} must give the score alone. "
            f"Received: {', '.join(loaded.outputs) or 'nothing'}"
        )

    def run(x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.float32]:
        return loaded.run({features.name: x, category.name: y})

    return Source(
        path=folder,
        kind="saved_model",
        sha256=verify.sha256(folder / "saved_model.pb"),
        graph=loaded.graph,
        features=loaded.placeholders[features.name],
        category=loaded.placeholders[category.name],
        width=_width(features),
        output=loaded.output,
        runtime=run,
    )


def _chosen_output(
    path: Path, nodes: set[str], ends: list[str], wanted: str | None
) -> str:
    if wanted is not None:
        if wanted not in nodes:
            raise ConversionError(
                f"`--fetch` must name a node of {path}, such as "
                f"{', '.join(ends[:5])}. Received: {wanted}"
            )
        return wanted
    if _CMSSW_OUTPUT in ends or len(ends) == 1:
        return _CMSSW_OUTPUT if _CMSSW_OUTPUT in ends else ends[0]
    raise ConversionError(
        f"{path} must have one output, or one named {_CMSSW_OUTPUT}. Received: "
        f"{', '.join(ends[:8]) or 'none'}. Choose the score with --fetch NODE"
    )


def _roles(path: Path, tensors: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Which input holds the features, and which the category."""
    listed = ", ".join(
        f"{t.name} {t.dtype} {'of any shape' if t.shape is None else list(t.shape)}"
        for t in tensors
    )
    form = (
        f"The inputs of {path} must be features float32 [-1, width] and category "
        f"float32 [-1, 1], with a width of at least 2. Received: {listed or 'none'}"
    )
    if len(tensors) != 2 or any(t.dtype != "float32" for t in tensors):
        raise ConversionError(form)
    shapes = [t.shape or () for t in tensors]
    narrow = [t for t, shape in zip(tensors, shapes, strict=True) if shape == (-1, 1)]
    wide = [t for t, s in zip(tensors, shapes, strict=True) if len(s) == 2 and s[1] > 1]
    if len(narrow) != 1 or len(wide) != 1 or wide[0].shape is None:
        raise ConversionError(form)
    if wide[0].shape[0] != -1:
        raise ConversionError(form)
    return wide[0], narrow[0]


def _width(features: Tensor) -> int:
    return 0 if features.shape is None else features.shape[1]


def _without_checks(graph: Any) -> tuple[Any, int]:
    """`CheckNumerics` as `Identity`: it would stop at a NaN that is fed on purpose."""
    calm, count = type(graph)(), 0
    calm.CopyFrom(graph)
    for node in calm.node:
        if node.op in CHECKS:
            kind = node.attr["T"].type
            node.op = "Identity"
            node.attr.clear()
            node.attr["T"].type = kind
            count += 1
    return calm, count


class GraphSession:
    """A `GraphDef` in a session of one thread, from features and category to a score.

    Args:
        graph: The `GraphDef`.
        features: Placeholder of the features.
        category: Placeholder of the category.
        output: The tensor to fetch.

    Raises:
        ConversionError: If TensorFlow cannot load it.
    """

    def __init__(self, graph: Any, features: str, category: str, output: str) -> None:
        import tensorflow as tf

        scope = tf.Graph()
        try:
            with scope.as_default():
                tf.import_graph_def(graph, name="")
        except ValueError as error:
            reason = (str(error).strip().splitlines() or ["no details"])[0]
            raise ConversionError(
                f"TensorFlow must be able to load the graph. Received: {reason[:200]}"
            ) from error
        one = tf.compat.v1.ConfigProto(
            intra_op_parallelism_threads=1, inter_op_parallelism_threads=1
        )
        self._session = tf.compat.v1.Session(graph=scope, config=one)
        self._inputs = (f"{origin(features)}:0", f"{origin(category)}:0")
        self._output = output

    def __call__(
        self, features: NDArray[np.float32], category: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        feed = dict(zip(self._inputs, (features, category), strict=True))
        scores: NDArray[np.float32] = self._session.run(self._output, feed)
        return scores
