"""The files of a trained constructor.

```
place.onnx      nodes (hits, F) to place (hits, D), what runs
history.json    one entry per epoch of the training; nothing reads it
```
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from trackdnn.data.prepared.atomic import write_bytes
from trackdnn.errors import BadFileError
from trackdnn.graphs.onnx_session import open_session

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

PLACE, HISTORY = "place.onnx", "history.json"


class Places:
    """Features of hits to places; ONNX Runtime alone, no TensorFlow.

    Args:
        content: Of `place.onnx`.

    Raises:
        ValueError: If it is another graph than that of metric learning.
    """

    def __init__(self, content: bytes) -> None:
        self.content = content
        # Many events are done side by side, and the search takes longer in any case.
        try:
            self._session = open_session(content, 1)
        except ValueError as error:
            raise ValueError("a damaged graph") from error
        given, made = self._session.get_inputs(), self._session.get_outputs()
        names = [one.name for one in (*given, *made)]
        if names != ["nodes", "place"] or len(given) != 1:
            raise ValueError(f"a graph with {', '.join(names)}")
        self.features, self.dimensions = given[0].shape[1], made[0].shape[1]

    def __call__(self, nodes: NDArray[np.float32]) -> NDArray[np.float32]:
        """Places, float32 of shape `(hits, dimensions)`.

        Args:
            nodes: Float32 of shape `(hits, features)`.
        """
        places: NDArray[np.float32] = self._session.run(["place"], {"nodes": nodes})[0]
        return places


def write_places(
    folder: Path, places: Places, history: Sequence[dict[str, Any]]
) -> None:
    """Writes both files into an existing folder.

    Raises:
        OutputError: If they cannot be written.
    """
    write_bytes(folder / PLACE, places.content)
    text = json.dumps(list(history), indent=2)
    write_bytes(folder / HISTORY, text.encode() + b"\n")


def read_places(folder: Path, *, features: int, dimensions: int) -> Places:
    """Reads what `write_places` has written.

    Args:
        folder: Of the constructor.
        features: Columns that its settings ask for.
        dimensions: Of the learned space.

    Raises:
        BadFileError: If the file is missing, damaged or of other settings.
    """
    path = folder / PLACE
    try:
        places = Places(path.read_bytes())
        _check(places, features, dimensions)
    except OSError as error:
        raise _bad(path, error.strerror or "no file") from error
    except ValueError as error:
        raise _bad(path, str(error)) from error
    return places


def _check(places: Places, features: int, dimensions: int) -> None:
    found = places.features, places.dimensions
    if found != (features, dimensions):
        raise ValueError(
            f"{found[0]} features and {found[1]} dimensions instead of {features} and "
            f"{dimensions}"
        )


def _bad(path: Path, what: str) -> BadFileError:
    return BadFileError(
        f"'{path}' must be the network of a metric learning. Received: {what}. Train "
        "it again, or copy the folder again."
    )
