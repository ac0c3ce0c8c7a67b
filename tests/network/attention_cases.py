"""Calls of attention layers, position layers and losses, for whichever backend runs."""

import keras
import numpy as np

from network.custom.alibi_bias import AlibiBias
from network.custom.cross_attention_block import CrossAttentionBlock
from network.custom.geometric_position import GeometricPosition
from network.custom.learnable_position import LearnablePosition
from network.custom.pivot_mask_head import PivotMaskHead
from network.custom.rotary_position import RotaryPosition
from network.custom.self_attention_block import SelfAttentionBlock
from network.custom.sinusoidal_position import SinusoidalPosition
from network.edge_losses import (
    binary_focal,
    contrastive_edges,
    hard_negative_hinge,
    hinge_embedding_mean,
    negatives_per_positive,
    squared_distance,
)
from network.mask_losses import dice, intersect


def layer_cases():
    """Name to layer and inputs; the first axis is the batch, the second one rows."""
    keras.utils.set_random_seed(6)
    rng = np.random.default_rng(6)
    tokens = rng.normal(size=(3, 5, 8)).astype("f4")
    pivots = rng.normal(size=(3, 4, 8)).astype("f4")
    position = rng.uniform(-30, 30, (3, 5)).astype("f4")
    valid, some = rng.random((3, 5)) < 0.7, rng.random((3, 4)) < 0.7
    some[1] = False
    bias = rng.normal(size=(3, 2, 5, 4)).astype("f4")
    return {
        "alibi": (AlibiBias(3), (position, pivots[..., 0])),
        "cross": (CrossAttentionBlock(2, 8), (tokens, pivots, valid, some, bias)),
        "geometric": (GeometricPosition([64.0] * 8), (tokens,)),
        "learnable": (LearnablePosition(9), (tokens, position.astype("i4"))),
        "mask": (PivotMaskHead(8, 2, 1, [4]), (tokens, pivots, valid, some)),
        "order": (LearnablePosition(9), (tokens,)),
        "rotary": (RotaryPosition(50.0), (tokens, position)),
        "self": (SelfAttentionBlock(2, 8), (tokens, valid)),
        "sinusoidal": (SinusoidalPosition(50.0), (tokens, position)),
    }


def loss_cases():
    """Name to function and arguments."""
    rng = np.random.default_rng(7)
    label, other = rng.integers(0, 2, (2, 6, 9)).astype("f4")
    logit = rng.normal(0, 3, (6, 9)).astype("f4")
    valid = rng.random((6, 9)) < 0.6
    particle = rng.integers(-1, 5, 20).astype("i4")
    edge = rng.integers(0, 20, (2, 54)).astype("i4")
    weight = np.float32([1, 2, 0, 3, 4])
    flat = (label.ravel(), np.abs(logit).ravel())
    none = np.zeros((2, 0), "i4")
    return {
        "balance": (negatives_per_positive, (label.ravel(), other.ravel())),
        "contrastive": (contrastive_edges, (logit.ravel(), edge, particle, weight)),
        "dice": (dice, (label, logit, valid)),
        "distance": (squared_distance, (logit, edge % 6)),
        "focal": (binary_focal, (label, 100 * logit, 1.0, 3.0)),
        "hard negatives": (hard_negative_hinge, (logit, *_crowd(), 5.0)),
        "hinge": (hinge_embedding_mean, (*flat, 1.2, 2.0)),
        "intersect": (intersect, (label, logit, valid)),
        "no edge": (contrastive_edges, (none[0], none, particle, weight)),
    }


def _crowd():
    """Queries, others, particles and events of six nodes."""
    ids = [[0, 3], [0, 1, 2, 4, 5], [1, 1, 2, 3, 0, 0], [0, 0, 0, 0, 0, 1]]
    return [np.array(each, "i4") for each in ids]


def call_layers(weights=None, run=lambda calls: calls()):
    """Results and weights of all layers, with the given weights if there are any.

    `run` calls a function without arguments, perhaps compiled.
    """
    cases, own = layer_cases(), {}
    for name, (layer, inputs) in cases.items():
        layer(*(keras.KerasTensor(x.shape, str(x.dtype)) for x in inputs))
        for number, weight in enumerate(layer.weights if weights else ()):
            weight.assign(weights[f"{name}/{number}"])
        own |= {f"{name}/{i}": w for i, w in enumerate(layer.get_weights())}
    return _call(cases, run), own


def call_losses(run=lambda calls: calls()):
    """Results of all losses."""
    return _call(loss_cases(), run)


def _call(cases, run):
    found = run(lambda: {name: call(*given) for name, (call, given) in cases.items()})
    return {name: keras.ops.convert_to_numpy(value) for name, value in found.items()}
