"""TensorFlow functions and SavedModels: into flat graphs, and out of them again."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from export.artifacts import SIGNATURE, TAG, Tensor
from export.errors import ConversionError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from export.conversion.graph import Graph
    from export.signature import Names


@dataclasses.dataclass(frozen=True, kw_only=True)
class LoadedSignature:
    """A signature of a SavedModel.

    Args:
        inputs: What it takes.
        outputs: Keys of what it gives.
        graph: Its `GraphDef`, weights as constants, without functions.
        placeholders: Placeholder in the graph, by the name of the input.
        output: Tensor of its first output in the graph.
        function: The signature itself.
        owner: What was loaded; the variables die with it.
    """

    inputs: tuple[Tensor, ...]
    outputs: tuple[str, ...]
    graph: Any
    placeholders: Mapping[str, str]
    output: str
    function: Any
    owner: Any

    def run(self, feed: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
        """Its first output."""
        import tensorflow as tf

        given = {name: tf.constant(value) for name, value in feed.items()}
        result: NDArray[np.float32] = self.function(**given)[self.outputs[0]].numpy()
        return result


def load_saved_model(folder: Path) -> LoadedSignature:
    """The only signature of a SavedModel that keeps the rules of `export.safety`.

    Raises:
        ConversionError: If it has none, or several without `serving_default`, or cannot
            be loaded.
    """
    import tensorflow as tf

    try:
        loaded = tf.saved_model.load(str(folder), tags=[TAG])
    except Exception as error:
        raise ConversionError(
            f"TensorFlow must be able to load {folder}. Received: {_first_line(error)}"
        ) from error
    names = list(loaded.signatures)
    if SIGNATURE not in names and len(names) != 1:
        raise ConversionError(
            f"{folder} must have one signature, or one named {SIGNATURE}. "
            f"Received: {', '.join(names) or 'none'}"
        )
    function = loaded.signatures[SIGNATURE if SIGNATURE in names else names[0]]
    frozen = _frozen(function)
    specs = function.structured_input_signature[1]
    return LoadedSignature(
        inputs=tuple(_described(name, spec) for name, spec in sorted(specs.items())),
        outputs=tuple(sorted(function.structured_outputs)),
        graph=frozen.graph.as_graph_def(),
        # The arguments of the frozen function keep the names of the signature.
        placeholders={t.op.name: t.op.name for t in frozen.inputs},
        output=frozen.outputs[0].name,
        function=function,
        owner=loaded,
    )


def _described(name: str, spec: Any) -> Tensor:
    shape = None
    if spec.shape.rank is not None:
        shape = tuple(-1 if axis is None else axis for axis in spec.shape)
    return Tensor(name, spec.dtype.name, shape)


def flat_graph(graph: Any, features: Tensor, category: Tensor, output: str) -> Any:
    """A `GraphDef` without functions: what it calls is written out.

    Args:
        graph: The `GraphDef`; it comes back as it is if it has no functions.
        features: Its placeholder of the features.
        category: Its placeholder of the category.
        output: Its node of the score.
    """
    if not graph.library.function:
        return graph
    import tensorflow as tf

    def run() -> None:
        tf.import_graph_def(graph, name="")

    wrapped = tf.compat.v1.wrap_function(run, [])
    names = [f"{name}:0" for name in (features.name, category.name, output)]
    tensors = [wrapped.graph.as_graph_element(name) for name in names]
    pruned = wrapped.prune(tensors[:2], tensors[2])
    return _frozen(pruned).graph.as_graph_def()


def _frozen(function: Any) -> Any:
    from tensorflow.python.framework import convert_to_constants

    try:
        return convert_to_constants.convert_variables_to_constants_v2(
            function, lower_control_flow=True, aggressive_inlining=True
        )
    except Exception as error:
        raise ConversionError(
            "TensorFlow must be able to write the functions of the graph out. "
            f"Received: {_first_line(error)}"
        ) from error


def graph_function(
    graph: Graph, placeholders: tuple[str, str], names: Names, width: int
) -> Any:
    """A graph as a `tf.function` of two named inputs that gives `{score: ...}`.

    Args:
        graph: The graph.
        placeholders: Its placeholders of features and category.
        names: What the inputs and the output are to be called.
        width: Number of features.
    """
    import tensorflow as tf

    proto = graph.to_proto()
    # They are what the arguments of the function take the place of.
    kept = [node for node in proto.node if node.op != "Placeholder"]
    del proto.node[:]
    proto.node.extend(kept)

    def score(features: Any, category: Any) -> dict[str, Any]:
        inputs = {f"{placeholders[0]}:0": features, f"{placeholders[1]}:0": category}
        (result,) = tf.graph_util.import_graph_def(
            proto, input_map=inputs, return_elements=[graph.output], name="network"
        )
        return {names.score: tf.ensure_shape(result, (None, 1))}

    signature = [
        tf.TensorSpec((None, width), tf.float32, name=names.features),
        tf.TensorSpec((None, 1), tf.float32, name=names.category),
    ]
    return tf.function(score, input_signature=signature, autograph=False)


def write_function(function: Any, folder: Path) -> None:
    """Write a `tf.function` as a SavedModel of one signature."""
    import tensorflow as tf

    module = tf.Module()
    module.score = function
    tf.saved_model.save(
        module, str(folder), signatures={SIGNATURE: function.get_concrete_function()}
    )


def _first_line(error: BaseException) -> str:
    text = (str(error).strip().splitlines() or ["no details"])[0]
    return f"{type(error).__name__}: {text[:200]}"
