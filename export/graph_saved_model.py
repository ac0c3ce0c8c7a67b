"""Networks of graphs as a SavedModel with one named signature."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from export.safety import check_saved_model
from export.saved_model import SIGNATURE

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def write_graph_saved_model(model: Any, function: Any, folder: Path) -> None:
    """Write a function to `folder` with the signature `serving_default`.

    Args:
        model: The `keras.Model` whose weights the function reads.
        function: A function of `export.graph_functions`.
        folder: A folder that does not exist yet.
    """
    import keras

    archive = keras.export.ExportArchive()
    archive.track(model)
    archive.add_endpoint(SIGNATURE, function)
    archive.write_out(str(folder), verbose=False)


class GraphSignature:
    """A SavedModel, reloaded from its folder by TensorFlow, without Keras.

    Args:
        folder: The SavedModel.

    Raises:
        UnsafeGraphError: If it holds what no network needs (`export.safety`).
    """

    def __init__(self, folder: Path) -> None:
        import tensorflow as tf

        check_saved_model(folder)
        # The signature dies with the object that holds its variables.
        self._loaded = tf.saved_model.load(str(folder))

    def __call__(self, inputs: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """The outputs by name.

        Args:
            inputs: One array for each input.
        """
        import tensorflow as tf

        feed = {name: tf.constant(array) for name, array in inputs.items()}
        result = self._loaded.signatures[SIGNATURE](**feed)
        return {name: tensor.numpy() for name, tensor in result.items()}
