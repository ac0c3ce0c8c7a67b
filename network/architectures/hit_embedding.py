"""Places of hits in a space where those of one particle lie close together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras
from keras import layers

from network.architectures.edge_classifier import encoded, sanitized

if TYPE_CHECKING:
    from network.graph_inputs import GraphInputs


def hit_embedding(
    inputs: GraphInputs,
    *,
    width: int,
    depth: int,
    dimensions: int,
    normalize: bool,
    normalization: str,
    activation: str,
):
    """Dense layers from the features of a hit to its place.

    The input is `nodes` of shape `(nodes, features)`, raw; the output is `place` of
    shape `(nodes, dimensions)`. All of it computes in float32, whatever the dtype
    policy, because near places are told apart by their distance.

    Args:
        inputs: Names and ranges of the features; those of edges are not used.
        width: Units of each layer.
        depth: Number of layers in front of the last one.
        dimensions: Dimensions of the space.
        normalize: Whether places lie on the unit sphere.
        normalization: `"batch"`, `"layer"` or `"none"`.
        activation: Name of the activation.

    Returns:
        `keras.Model`.

    Source:
        The metric learning of the Exa.TrkX pipeline, X. Ju et al., arXiv:2103.06995.
    """
    style = {"normalization": normalization, "activation": activation}
    raw, nodes = sanitized("node", inputs)
    x = encoded(nodes, width, depth, "encoder", **style)
    name = "direction" if normalize else "place"
    place = layers.Dense(dimensions, dtype="float32", name=name)(x)
    if normalize:
        place = layers.UnitNormalization(dtype="float32", name="place")(place)
    return keras.Model([raw], {"place": place}, name="embedding")
