"""What every exported artifact has in common: two inputs in, one probability out."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from export.errors import ConversionError

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEATURES = "features"
CATEGORY = "category"


@dataclasses.dataclass(frozen=True)
class Names:
    """Names of the tensors that the software around an artifact asks for.

    Args:
        features: Input of shape `(batch, features)`, float32.
        category: Input of shape `(batch, 1)`, float32.
        score: Output of shape `(batch, 1)`, float32 probability, of the SavedModel
            and the ONNX file. The frozen graph calls it `Identity`, as CMSSW asks.

    Raises:
        ConversionError: If two names are equal.
    """

    features: str = "x"
    category: str = "y"
    score: str = "score"

    def __post_init__(self) -> None:
        names = dataclasses.astuple(self)
        if len({name.lower() for name in names}) < len(names):
            raise ConversionError(
                "The inputs and the output of an artifact must have different names. "
                f"Received: {names}"
            )


def check_model(model: Any) -> int:
    """Width of the feature input of a model that can be exported.

    Args:
        model: Functional `keras.Model` with inputs `features` of shape
            `(batch, width)` and `category` of shape `(batch, 1)`.

    Returns:
        Number of features.

    Raises:
        ConversionError: If inputs or outputs are others, or not float32.
    """
    shapes = {tensor.name: tuple(tensor.shape) for tensor in model.inputs}
    if set(shapes) != {FEATURES, CATEGORY} or shapes[CATEGORY] != (None, 1):
        raise ConversionError(
            f"The inputs of a model must be `{FEATURES}` (batch, width) and "
            f"`{CATEGORY}` (batch, 1). Received: {shapes}"
        )
    outputs = [tuple(tensor.shape) for tensor in model.outputs]
    if outputs != [(None, 1)]:
        raise ConversionError(
            "A model must have one output of shape (batch, 1). "
            f"Received: outputs={outputs}"
        )
    _check_precision(model)
    return int(shapes[FEATURES][1])


def _check_precision(model: Any) -> None:
    tensors = [*model.inputs, *model.outputs, *model.weights]
    floats = {str(t.dtype) for t in tensors if "float" in str(t.dtype)}
    if floats != {"float32"}:
        raise ConversionError(
            "Inputs, outputs and weights of an exported model must be float32. "
            f"Received: {sorted(floats)}. Rebuild the model under the float32 policy"
        )


def score_function(
    model: Any, names: Names, output: str | None = None, *, batch: int | None = None
) -> Any:
    """A `tf.function` from two named inputs to the score, without autograph.

    Args:
        model: A model that `check_model` accepts.
        names: Names of the inputs.
        output: Key of the result when it is to be a dictionary; `None` for a bare
            tensor, which TensorFlow names `Identity`.
        batch: Rows per call; `None` for any number.

    Returns:
        A `tf.function` with its input signature fixed.
    """
    import tensorflow as tf

    def score(features: Any, category: Any) -> Any:
        result = call(model, features, category)
        return result if output is None else {output: result}

    signature = input_signature(model, names, batch)
    return tf.function(score, input_signature=signature, autograph=False)


def input_signature(model: Any, names: Names, batch: int | None = None) -> list[Any]:
    """The two `tf.TensorSpec` of a model: features and category, `batch` rows each."""
    import tensorflow as tf

    return [
        tf.TensorSpec((batch, check_model(model)), tf.float32, name=names.features),
        tf.TensorSpec((batch, 1), tf.float32, name=names.category),
    ]


def call(model: Any, features: Any, category: Any) -> Any:
    """The only output of `model` in inference mode, shape `(batch, 1)`."""
    result = model({FEATURES: features, CATEGORY: category}, training=False)
    return next(iter(result.values())) if isinstance(result, dict) else result


def evaluate(
    model: Any,
    features: NDArray[np.float32],
    category: NDArray[np.float32],
    batch_size: int = 8192,
) -> NDArray[np.float32]:
    """Scores by Keras itself, the reference of every comparison.

    Args:
        model: A model that `check_model` accepts.
        features: Float32 array of shape `(rows, width)`.
        category: Float32 array of shape `(rows, 1)`.
        batch_size: Rows per call.

    Returns:
        Float32 array of shape `(rows, 1)`.
    """
    parts = [
        np.asarray(call(model, features[low:high], category[low:high]))
        for low, high in _slices(len(features), batch_size)
    ]
    return np.concatenate([np.empty((0, 1), np.float32), *parts])


def _slices(rows: int, size: int) -> list[tuple[int, int]]:
    return [(low, min(low + size, rows)) for low in range(0, rows, size)]
