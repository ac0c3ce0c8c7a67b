"""What a network sees of each hit: numbers of order 1, float32, never NaN.

| group      | feature        | formula                    | unit   |
|------------|----------------|----------------------------|--------|
| `position` | `r`            | hypot(x, y) / 1000         | mm     |
|            | `phi`          | atan2(y, x) / pi           | rad    |
|            | `z`            | z / 1000                   | mm     |
| `turn`     | `cos_phi`      | cos(phi)                   |        |
|            | `sin_phi`      | sin(phi)                   |        |
| `layer`    | `v7_l2`, ...   | 1 on this layer, else 0    |        |
|            | `other_layer`  | 1 on none of the 48 layers |        |
| `cluster`  | `has_cluster`  | 1 if a shape is known      |        |
|            | `cell_count`   | ln(n)                      |        |
|            | `cell_val`     | ln(1 + v), v above 0       | charge |
|            | `leta`, `geta` | eta / 4                    |        |
|            | `lphi`, `gphi` | phi / pi                   | rad    |
|            | `lx`, `ly`     | ln(l / 1 mm)               | mm     |
|            | `lz`           | l / 1 mm                   | mm     |

The unit is that of what is scaled; charge is in the unit of the file.
`position` is what Exa.TrkX takes (EPJC 81, 876). It jumps from 1 to -1 where phi does;
`turn` says the same without a jump. A hit without a cluster has 0 in all of `cluster`,
also `has_cluster`. `layer_ids` gives the layers as numbers, for an embedding.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from trackdnn.events.layers import LAYERS, layer_index

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from trackdnn.events.event import Event

_MM = 1000.0


@dataclasses.dataclass(frozen=True)
class NodeFeature:
    """One number per hit.

    Args:
        name: Unique among all.
        formula: How it follows from what the detector has seen.
        unit: Of what is scaled; the feature itself has none.
    """

    name: str
    formula: str
    unit: str = ""


_CLUSTER = (
    NodeFeature("has_cluster", "1 if the shape is known, else 0"),
    NodeFeature("cell_count", "ln(cell_count)"),
    NodeFeature("cell_val", "ln(1 + max(cell_val, 0))", "charge of the file"),
    NodeFeature("leta", "leta / 4"),
    NodeFeature("lphi", "lphi / pi", "rad"),
    NodeFeature("lx", "ln(lx / 1 mm)", "mm"),
    NodeFeature("ly", "ln(ly / 1 mm)", "mm"),
    NodeFeature("lz", "lz / 1 mm", "mm"),
    NodeFeature("geta", "geta / 4"),
    NodeFeature("gphi", "gphi / pi", "rad"),
)
FEATURES: dict[str, tuple[NodeFeature, ...]] = {
    "position": (
        NodeFeature("r", "hypot(x, y) / 1000", "mm"),
        NodeFeature("phi", "atan2(y, x) / pi", "rad"),
        NodeFeature("z", "z / 1000", "mm"),
    ),
    "turn": (NodeFeature("cos_phi", "cos(phi)"), NodeFeature("sin_phi", "sin(phi)")),
    "layer": (
        *(
            NodeFeature(f"v{volume}_l{layer}", "1 on this layer, else 0")
            for volume, layer in LAYERS
        ),
        NodeFeature("other_layer", "1 on no known layer, else 0"),
    ),
    "cluster": _CLUSTER,
}
GROUPS = tuple(FEATURES)


def feature_table(groups: Sequence[str] = GROUPS) -> tuple[NodeFeature, ...]:
    """The features of some groups, in the order of the columns.

    Raises:
        ValueError: If there is no such group, or one is there twice.
    """
    _check(groups)
    return tuple(feature for group in groups for feature in FEATURES[group])


def node_features(event: Event, groups: Sequence[str] = GROUPS) -> NDArray[np.float32]:
    """The features of all hits; truth is not looked at.

    Args:
        event: The event.
        groups: Which, in this order.

    Returns:
        Of shape `(hits, features)`, as `feature_table` lists them.

    Raises:
        ValueError: If there is no such group, or one is there twice.
    """
    _check(groups)
    columns = [np.empty((len(event), 0), dtype=np.float32)]
    columns += [_MAKERS[group](event) for group in groups]
    return np.concatenate(columns, axis=1)


def layer_ids(event: Event) -> NDArray[np.int32]:
    """The layer of each hit as a number from 0 to 48, for an embedding.

    Returns:
        Place in `events.layers.LAYERS`, or their number for any other layer; int32 of
        shape `(hits,)`.
    """
    index = layer_index(event.hits.volume, event.hits.layer)
    return np.where(index < 0, len(LAYERS), index).astype(np.int32)


def _position(event: Event) -> NDArray[np.float32]:
    hits = event.hits
    return _stacked(hits.r / _MM, hits.phi / np.pi, hits.z / _MM)


def _turn(event: Event) -> NDArray[np.float32]:
    phi = event.hits.phi
    return _stacked(np.cos(phi), np.sin(phi))


def _layer(event: Event) -> NDArray[np.float32]:
    return np.eye(len(LAYERS) + 1, dtype=np.float32)[layer_ids(event)]


def _cluster(event: Event) -> NDArray[np.float32]:
    if event.clusters is None:
        return np.zeros((len(event), len(_CLUSTER)), dtype=np.float32)
    known = np.asarray(np.isfinite(event.clusters).all(axis=1))
    # A cluster of one cell stands for those that are not known, until they are 0.
    count, value, leta, lphi, lx, ly, lz, geta, gphi = (
        np.where(known, column, 1.0) for column in event.clusters.T
    )
    columns = _stacked(
        np.ones(len(event)),
        np.log(np.maximum(count, 1.0)),
        np.log1p(np.maximum(value, 0.0)),
        leta / 4.0,
        lphi / np.pi,
        _log_of_length(lx),
        _log_of_length(ly),
        lz,
        geta / 4.0,
        gphi / np.pi,
    )
    return np.where(known[:, None], columns, np.float32(0.0))


_MAKERS: dict[str, Callable[[Event], NDArray[np.float32]]] = {
    "position": _position,
    "turn": _turn,
    "layer": _layer,
    "cluster": _cluster,
}


def _log_of_length(length: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of a length in mm; no cell is smaller than a micrometre."""
    return np.asarray(np.log(np.maximum(length, 1e-3)))


def _stacked(*columns: NDArray[np.floating]) -> NDArray[np.float32]:
    return np.stack(columns, axis=1).astype(np.float32)


def _check(groups: Sequence[str]) -> None:
    if not set(groups) <= set(GROUPS) or len(set(groups)) != len(groups):
        raise ValueError(
            f"Groups of features must be some of {', '.join(GROUPS)}, each once. "
            f"Received: {', '.join(groups)}"
        )
