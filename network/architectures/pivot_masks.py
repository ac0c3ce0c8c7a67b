"""An edge classifier that also finds whole tracks: the pivot transformer on top."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
from keras import layers

from network.custom.gather_rows import GatherRows
from network.custom.pivot_mask_head import PivotMaskHead

if TYPE_CHECKING:
    from collections.abc import Mapping


def with_masks(model: Any, options: Mapping[str, Any]):
    """The model with a second output: which hits belong to the track of some pivots.

    Further inputs, where `M` counts the sets of hits, `T` the hits of the largest set
    and `P` the pivots of a set::

        tokens       int32   (M, T)    node of each hit; of padding any node
        token_valid  float32 (M, T)    1 where there is a hit, 0 for padding
        pivots       int32   (M, P)    node of each pivot
        pivot_valid  float32 (M, P)    as `token_valid`

    and a further output `mask`, logits of shape `(M, T)`. A hit is given to the layer
    `masks` by its state and its sanitized features side by side.

    Args:
        model: Of `network.architectures.edge_classifier`; its layers are shared.
        options: Arguments of `PivotMaskHead`.

    Returns:
        `keras.Model`.

    Source:
        mieskolainen/hypertrack, arXiv:2309.14113.
    """
    known = [model.get_layer(name).output for name in ("state", "node_sanitizer")]
    features = layers.Concatenate(name="hit_features", dtype="float32")(known)
    given, rows, valid = [], [], []
    for name in ("token", "pivot"):
        index = keras.Input((None,), dtype="int32", name=f"{name}s")
        exists = keras.Input((None,), dtype="float32", name=f"{name}_valid")
        gather = GatherRows(name=f"{name}_features", dtype="float32")
        rows.append(gather(features, index))
        valid.append(exists)
        given += [index, exists]
    mask = PivotMaskHead(**options, name="masks")(*rows, *valid)
    outputs = {**model.output, "mask": mask}
    return keras.Model([*model.inputs, *given], outputs, name=f"{model.name}_masks")
