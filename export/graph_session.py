"""A network of graphs in ONNX Runtime, with no number of threads that spoils it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from export.races import safe_threads
from export.safety import read_onnx

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


class GraphSession:
    """An ONNX file over named arrays; it needs neither TensorFlow nor ONNX.

    Args:
        path: The `.onnx` file.
        threads: Threads to run it with, 0 for one per core. A graph that would give
            other numbers with several (`export.races`) gets one.

    Raises:
        UnsafeGraphError: If the file holds what no network needs (`export.safety`).
    """

    def __init__(self, path: Path, threads: int = 1) -> None:
        import onnxruntime

        content = read_onnx(path)
        self.threads = safe_threads(content, threads)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.threads
        options.inter_op_num_threads = 1
        # Bytes, not the path: what was looked at is what runs.
        self._session = onnxruntime.InferenceSession(
            content, sess_options=options, providers=["CPUExecutionProvider"]
        )

    @property
    def inputs(self) -> dict[str, tuple[int, ...]]:
        """Shapes of the inputs by name, in their order; -1 for any length."""
        return _shapes(self._session.get_inputs())

    @property
    def outputs(self) -> dict[str, tuple[int, ...]]:
        """Shapes of the outputs, likewise."""
        return _shapes(self._session.get_outputs())

    def __call__(self, inputs: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """The outputs by name.

        Args:
            inputs: One array for each input.
        """
        names = list(self.outputs)
        found = self._session.run(names, inputs)
        return dict(zip(names, found, strict=True))


def _shapes(tensors: list[Any]) -> dict[str, tuple[int, ...]]:
    return {
        tensor.name: tuple(n if isinstance(n, int) else -1 for n in tensor.shape)
        for tensor in tensors
    }
