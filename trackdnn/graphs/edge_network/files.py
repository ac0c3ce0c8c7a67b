"""A trained network of edges as a folder.

```
network.json          format, settings, inputs, history of the training
edges.onnx            what runs: nodes, edge_index, edge_features to score; with masks
                      also to hit_features
masks.onnx            the pivot transformer, where there is one
network.weights.h5    what another training starts from
```
"""

from __future__ import annotations

import dataclasses
import json
import warnings
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from network.graph_inputs import GraphInputs
from trackdnn.data.prepared.atomic import write_bytes
from trackdnn.errors import BadFileError
from trackdnn.settings.finding.edge_network import EdgeNetworkSettings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FILE, EDGES, MASKS = "network.json", "edges.onnx", "masks.onnx"
WEIGHTS = "network.weights.h5"
FORMAT = "trackdnn edge network 1"


@dataclasses.dataclass(frozen=True)
class Description:
    """What `network.json` says.

    Args:
        settings: The block of the network.
        inputs: Names and ranges of its columns.
        masks: Whether it has a pivot transformer.
        history: One entry per epoch of its training.
    """

    settings: EdgeNetworkSettings
    inputs: GraphInputs
    masks: bool
    history: Sequence[dict[str, Any]]

    @property
    def node_features(self) -> tuple[str, ...]:
        """Groups of the columns of hits."""
        return self.settings.node_features

    @property
    def alone(self) -> bool:
        """Whether each edge is scored for itself."""
        return self.settings.alone


def write(
    folder: Path,
    model: Any,
    *,
    settings: EdgeNetworkSettings,
    inputs: GraphInputs,
    masks: bool,
    history: Sequence[dict[str, Any]],
) -> None:
    """Writes a network; `network.json` is last, so half a folder has none.

    Args:
        folder: New, or half of a former attempt.
        model: In float32, with the weights that count.
        settings: The block of the network.
        inputs: Of the network.
        masks: Whether it has a pivot transformer.
        history: Of the training.
    """
    from export.graph_network import convert_edges, convert_masks
    from trackdnn.training.run import write_weights

    folder.mkdir(parents=True, exist_ok=True)
    edges = convert_edges(model, hits=masks)
    write_bytes(folder / EDGES, edges.SerializeToString())
    if masks:
        write_bytes(folder / MASKS, convert_masks(model).SerializeToString())
    write_weights(folder / WEIGHTS, model)
    content = {
        "format": FORMAT,
        "settings": settings.model_dump(mode="json"),
        "inputs": inputs.to_dict(),
        "masks": masks,
        "history": list(history),
    }
    text = json.dumps(_finite(content), indent=2, allow_nan=False)
    write_bytes(folder / FILE, text.encode() + b"\n")


def read(folder: Path) -> Description:
    """What a folder says of its network.

    Raises:
        BadFileError: If the file is missing, or of another kind.
    """
    path = folder / FILE
    text = content(path)
    try:
        return _described(json.loads(text))
    except (ValueError, TypeError, KeyError, ValidationError) as error:
        said = str(error).splitlines()[0]
        raise BadFileError(
            f"'{path}' must describe a network of edges of the format '{FORMAT}'. "
            f"Received: {said}. Train the finder again."
        ) from error


def _described(found: Any) -> Description:
    if found["format"] != FORMAT:
        raise ValueError(f"the format {found['format']!r}")
    return Description(
        EdgeNetworkSettings.model_validate(found["settings"]),
        GraphInputs.from_dict(found["inputs"]),
        bool(found["masks"]),
        list(found["history"]),
    )


def content(path: Path) -> bytes:
    """The bytes of a file.

    Raises:
        BadFileError: If it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadFileError(
            f"A network of edges must have the file '{path}'. Received: "
            f"{error.strerror}. Train the finder again."
        ) from error


def load_weights(model: Any, folder: Path) -> None:
    """Sets the weights of a network to those of a folder.

    Args:
        model: Of the same architecture.
        folder: Of a network, or of a finder that has one.

    Raises:
        BadFileError: If the weights are missing or of another network.
    """
    from trackdnn.training.weights import check_weights

    path = place_of(folder) / WEIGHTS
    content(path)
    check_weights(path)
    try:
        with warnings.catch_warnings():
            # Keras only warns of layers for which the file has nothing.
            warnings.simplefilter("error", UserWarning)
            model.load_weights(path)
    except (ValueError, KeyError, OSError, UserWarning) as error:
        said = str(error).strip().splitlines()[0]
        raise BadFileError(
            f"'{path}' must hold the weights of the network of finding.network. "
            f"Received: {said}. Set the same architecture and options."
        ) from error


def place_of(folder: Path) -> Path:
    """The folder of the network, given that or the finder's."""
    inner = folder / "network"
    return inner if (inner / FILE).is_file() else folder


def _finite(value: Any) -> Any:
    """The same without NaN, which JSON does not know."""
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(each) for each in value]
    if isinstance(value, float) and value != value:
        return None
    return value
