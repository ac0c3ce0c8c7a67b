"""SavedModel with one named signature: inputs `x` and `y`, output `score`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from export.safety import check_saved_model
from export.signature import Names, score_function

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

SIGNATURE = "serving_default"


def write_saved_model(model: Any, folder: Path, names: Names) -> None:
    """Write `model` to `folder` with the signature `serving_default`.

    Args:
        model: Functional `keras.Model` with inputs `features` and `category`.
        folder: A folder that does not exist yet.
        names: Names of the inputs and of the output.
    """
    import keras

    archive = keras.export.ExportArchive()
    archive.track(model)
    archive.add_endpoint(SIGNATURE, score_function(model, names, names.score))
    archive.write_out(str(folder), verbose=False)


class SavedModelSignature:
    """A SavedModel, reloaded from its folder by TensorFlow, without Keras.

    Args:
        folder: The SavedModel.
        names: Names of the inputs and of the output.

    Raises:
        UnsafeGraphError: If it holds what no network needs (`export.safety`).
    """

    def __init__(self, folder: Path, names: Names) -> None:
        import tensorflow as tf

        check_saved_model(folder)
        # The signature dies with the object that holds its variables.
        self._loaded = tf.saved_model.load(str(folder))
        self._names = names

    def __call__(
        self, features: NDArray[np.float32], category: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        import tensorflow as tf

        feed = {
            self._names.features: tf.constant(features),
            self._names.category: tf.constant(category),
        }
        result = self._loaded.signatures[SIGNATURE](**feed)
        scores: NDArray[np.float32] = result[self._names.score].numpy()
        return scores
