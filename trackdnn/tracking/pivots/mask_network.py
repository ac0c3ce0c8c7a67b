"""The pivot transformer at work; ONNX Runtime alone, no TensorFlow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from trackdnn.errors import BadFileError
from trackdnn.graphs.onnx_session import open_session

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Float = NDArray[np.float32]
    Int = NDArray[np.int64]
    Mask = NDArray[np.bool_]

FILE = "masks.onnx"
INPUTS = ("tokens", "pivots", "token_valid", "pivot_valid")
OUTPUT = "probability"
# A micrograph is padded to a multiple of this: its own size alone says to which.
_STEP = 8
# Micrographs at a time: what is in memory, and in the caches, stays small.
_BATCH = 32


class MaskNetwork:
    """A trained pivot transformer.

    A mask depends on nothing but its micrograph: to the last bit, it is the same in any
    batch and with any number of threads (tested).

    Args:
        content: The ONNX graph, as `export.graph_network.convert_masks` writes it.
        threads: Threads to use; 0 for one per core.

    Raises:
        ValueError: If the graph is none of this kind.
    """

    def __init__(self, content: bytes, *, threads: int = 0) -> None:
        self._session = open_session(content, threads)
        inputs = {one.name: one.shape for one in self._session.get_inputs()}
        outputs = {one.name for one in self._session.get_outputs()}
        if set(inputs) != set(INPUTS) or OUTPUT not in outputs:
            raise ValueError(f"inputs {sorted(inputs)}, outputs {sorted(outputs)}")
        self.features = int(inputs["tokens"][2])

    @classmethod
    def load(cls, folder: Path, threads: int = 0) -> Self:
        """Reads `masks.onnx` of the folder of a network.

        Args:
            folder: Of the network.
            threads: Threads to use; 0 for one per core.

        Raises:
            BadFileError: If the file is missing or damaged.
        """
        path = folder / FILE
        try:
            return cls(path.read_bytes(), threads=threads)
        except OSError as error:
            raise BadFileError(
                f"The pivot transformer must be in '{path}'. Received: "
                f"{error.strerror}. Copy it again, or train the finder again."
            ) from error
        except ValueError as error:
            raise BadFileError(
                f"'{path}' must hold a pivot transformer. Received: {error}. Train the "
                "finder again."
            ) from error

    def probability(
        self, tokens: Float, pivots: Float, token_valid: Mask, pivot_valid: Mask
    ) -> Float:
        """How likely each token belongs to the track of the pivots.

        Args:
            tokens: Features, of shape `(micrographs, tokens, features)`.
            pivots: Features, of shape `(micrographs, pivots, features)`.
            token_valid: Which tokens exist, of shape `(micrographs, tokens)`.
            pivot_valid: Which pivots exist, of shape `(micrographs, pivots)`.

        Returns:
            Float32 of shape `(micrographs, tokens)`, 0 where there is no token.
        """
        if not tokens.size:
            return np.zeros(token_valid.shape, dtype=np.float32)
        given = (tokens, pivots, token_valid, pivot_valid)
        feed = {
            name: np.ascontiguousarray(value, dtype=np.float32)
            for name, value in zip(INPUTS, given, strict=True)
        }
        found: Float = self._session.run([OUTPUT], feed)[0]
        return np.where(token_valid, found, np.float32(0.0))

    def of_hits(
        self, state: Float, tokens: Int, valid: Mask, pivots: Int, pivot_valid: Mask
    ) -> Float:
        """The same for rows of hits, in batches of micrographs of about one size.

        Args:
            state: Features of all hits, of shape `(hits, features)`.
            tokens: Hits, of shape `(micrographs, tokens)`; those that exist come first.
            valid: Which of them exist.
            pivots: Hits, of shape `(micrographs, pivots)`.
            pivot_valid: Which of them exist.

        Raises:
            ValueError: If hits have another number of features than the network knows.
        """
        if state.shape[1] != self.features:
            raise ValueError(
                f"Hits must have the {self.features} features of the pivot "
                f"transformer. Received: {state.shape[1]}"
            )
        found = np.zeros(tokens.shape, dtype=np.float32)
        safe = np.where(pivot_valid, pivots, 0)
        for rows, width in _batches(valid.sum(axis=1)):
            one = _padded(tokens[rows], width), _padded(valid[rows], width)
            probability = self.probability(
                state[one[0]], state[safe[rows]], one[1], pivot_valid[rows]
            )
            fits = min(width, tokens.shape[1])
            found[rows, :fits] = probability[:, :fits]
        return found


def _batches(sizes: Int) -> list[tuple[Int, int]]:
    """Rows of each batch, and the tokens that their micrographs are padded to."""
    steps = np.maximum(-(-sizes // _STEP), 1)
    return [
        (rows[start : start + _BATCH], int(step) * _STEP)
        for step in np.unique(steps)
        for rows in [np.flatnonzero(steps == step)]
        for start in range(0, len(rows), _BATCH)
    ]


def _padded(values: NDArray[Any], width: int) -> NDArray[Any]:
    """The first `width` columns, with zeros behind where there are fewer."""
    more = max(width - values.shape[1], 0)
    return np.pad(values[:, :width], ((0, 0), (0, more)))
