"""Track classifiers: the probability that a reconstructed track is a true one.

Each function returns a functional `keras.Model` with the inputs `features` of shape
`(batch, 29)` and `category` of shape `(batch, 1)`, both float32 and raw, and the
output `score` of shape `(batch, 1)`, float32 in `(0, 1)`. The preprocessing is part of
the network. Layer names are fixed: they name the weights and the nodes of the graphs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras
from keras import layers

from network.custom.input_sanitizer import InputSanitizer
from network.custom.lone_relu import lone_relu
from network.custom.one_hot import OneHot
from network.custom.select_columns import SelectColumns
from network.custom.tanh_gelu import tanh_gelu
from network.custom.track_kinematics import TrackKinematics

if TYPE_CHECKING:
    from network.inputs import InputSpec

# What turns with the track around the beam: of no use to judge it, and enough for a
# large network to learn single training tracks by heart.
DIRECTIONS = (
    *("inner_px", "inner_py", "inner_pz", "outer_px", "outer_py", "outer_pz"),
    "phi",
)
CMS_UNITS = (256, 128, 64, 32, 32)
RUN3_BLOCKS = 5
RUN3_LAYERS_PER_BLOCK = 3
RUN3_WIDTH = 32


def cms2020(spec: InputSpec, *, unknown: str = "zero"):
    """The first CMS track classifier: dense layers with ReLU, each batch-normalised.

    60,449 parameters with 29 inputs and a vocabulary of 25.

    Args:
        spec: Names, transforms and ranges of the inputs.
        unknown: What a category outside the vocabulary becomes; see `OneHot`.

    Returns:
        `keras.Model`.

    Source:
        hajohajo/TrainingFrameworkTrackDNN, `network/model_manager.py`.
    """
    inputs, x = _inputs(spec, unknown=unknown)
    for index, units in enumerate(CMS_UNITS):
        x = _dense(units, "relu", f"dense_{index}")(x)
        x = layers.BatchNormalization(name=f"normalization_{index}")(x)
    return _model(inputs, x, "cms2020")


def cms_run3(spec: InputSpec, *, unknown: str = "zero"):
    """The CMS track classifier of Run 3: dense layers with ELU, five residual blocks.

    74,241 parameters with 29 inputs and a vocabulary of 25.

    Args:
        spec: Names, transforms and ranges of the inputs.
        unknown: What a category outside the vocabulary becomes; see `OneHot`.

    Returns:
        `keras.Model`.

    Source:
        leonardogiannini/TrainingFrameworkTrackDNN, branch dev-run3, and the graphs
        `*_Run3_12_5_0_pre5.pb` of cms-data/RecoTracker-FinalTrackSelectors.
    """
    inputs, x = _inputs(spec, unknown=unknown)
    for index, units in enumerate(CMS_UNITS):
        x = _dense(units, "elu", f"dense_{index}")(x)
    for block in range(RUN3_BLOCKS):
        shortcut = x
        for index in range(RUN3_LAYERS_PER_BLOCK):
            x = _dense(RUN3_WIDTH, "elu", f"block_{block}_dense_{index}")(x)
        x = layers.Add(name=f"block_{block}_add")([shortcut, x])
    return _model(inputs, x, "cms_run3")


def residual(
    spec: InputSpec,
    *,
    unknown: str,
    width: int,
    blocks: int,
    activation: str,
    normalization: str,
    dropout: float,
    category_dropout: float,
    derived: bool,
    directions: bool,
):
    """Our default: pre-activation residual blocks on inputs and derived quantities.

    A block is normalise, dense, activation, dropout, dense, add; the stream of width
    `width` between blocks stays linear, and is normalised once more at the end.

    Args:
        spec: Names, transforms and ranges of the inputs.
        unknown: What a category outside the vocabulary becomes; see `OneHot`.
        width: Units of each dense layer.
        blocks: Number of residual blocks.
        activation: `"elu"`, `"gelu"`, `"relu"` or `"swish"`.
        normalization: `"batch"`, `"layer"` or `"none"`.
        dropout: Share of the units of a block that are dropped in training.
        category_dropout: Share of the tracks whose category is hidden in training.
        derived: Whether `TrackKinematics` is among the inputs.
        directions: Whether azimuth and components of the momenta are, too.

    Returns:
        `keras.Model`.

    Source:
        K. He et al., "Identity mappings in deep residual networks" (2016), with dense
        layers; this project.
    """
    inputs, x = _inputs(
        spec,
        unknown=unknown,
        category_dropout=category_dropout,
        derived=derived,
        directions=directions,
    )
    x = layers.Dense(width, name="stem")(x)
    for block in range(blocks):
        shortcut, name = x, f"block_{block}"
        x = _normalize(normalization, f"{name}_normalization")(x)
        x = layers.Dense(width, name=f"{name}_dense_0")(x)
        x = _activate(activation, f"{name}_activation")(x)
        if dropout > 0:
            x = layers.Dropout(dropout, name=f"{name}_dropout")(x)
        x = layers.Dense(width, name=f"{name}_dense_1")(x)
        x = layers.Add(name=f"{name}_add")([shortcut, x])
    x = _normalize(normalization, "head_normalization")(x)
    behind_sum = activation == "relu" and normalization == "none" and blocks > 0
    x = _activate("lone_relu" if behind_sum else activation, "head_activation")(x)
    return _model(inputs, x, "default", bias=0.0)


def _inputs(spec, *, unknown, category_dropout=0.0, derived=False, directions=True):
    """The two inputs, and the prepared columns side by side."""
    features = keras.Input((spec.width,), dtype="float32", name="features")
    category = keras.Input((1,), dtype="float32", name="category")
    sanitizer = InputSanitizer(
        spec.transforms,
        spec.lower,
        spec.upper,
        scales=spec.scales,
        rescale=spec.rescale,
        name="sanitizer",
    )
    one_hot = OneHot(
        spec.vocabulary, unknown=unknown, dropout=category_dropout, name="one_hot"
    )
    regular = sanitizer(features)
    if not directions:
        kept = [i for i, name in enumerate(spec.names) if name not in DIRECTIONS]
        regular = SelectColumns(kept, name="without_directions")(regular)
    columns = [regular, one_hot(category)]
    if derived:
        columns.append(TrackKinematics(spec.names, name="kinematics")(features))
    x = layers.Concatenate(name="inputs")(columns)
    return [features, category], x


def _dense(units, activation, name):
    return layers.Dense(
        units, activation=activation, kernel_initializer="lecun_normal", name=name
    )


def _normalize(kind, name):
    if kind == "batch":
        return layers.BatchNormalization(name=name)
    if kind == "layer":
        return layers.LayerNormalization(epsilon=1e-5, name=name)
    return layers.Identity(name=name)


def _activate(name, layer_name):
    ours = {"gelu": tanh_gelu, "lone_relu": lone_relu}
    return layers.Activation(ours.get(name, name), name=layer_name)


def _model(inputs, x, name, bias=0.5):
    """The head in float32, whatever the dtype policy, and the model."""
    score = layers.Dense(
        1,
        activation="sigmoid",
        kernel_initializer="lecun_normal",
        bias_initializer=keras.initializers.Constant(bias),
        dtype="float32",
        name="score",
    )(x)
    return keras.Model(inputs, score, name=name)
