"""The network of the throughput benchmark: our inputs, then dense layers, no more.

What it does is nearly all matrix products, so that its speed can be compared with the
speed of those; and anybody can write it again with another library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from network.inputs import InputSpec

WIDTH, LAYERS = 256, 7


def dense_network(spec: InputSpec) -> Any:
    """`InputSanitizer` and `OneHot`, seven dense layers with ReLU, and a sigmoid.

    Args:
        spec: Names, transforms, ranges and vocabulary of the inputs.

    Returns:
        `keras.Model` with the inputs `features` and `category`.
    """
    import keras

    from network.custom.input_sanitizer import InputSanitizer
    from network.custom.one_hot import OneHot

    features = keras.Input((spec.width,), name="features")
    category = keras.Input((1,), name="category")
    prepared = InputSanitizer(
        spec.transforms,
        spec.lower,
        spec.upper,
        scales=spec.scales,
        rescale=spec.rescale,
    )(features)
    known = OneHot(spec.vocabulary, unknown="zero")(category)
    x = keras.layers.Concatenate()([prepared, known])
    for _ in range(LAYERS):
        x = keras.layers.Dense(WIDTH, activation="relu")(x)
    score = keras.layers.Dense(1, activation="sigmoid", dtype="float32")(x)
    return keras.Model([features, category], score)


def operations(inputs: int) -> int:
    """Operations in the matrix products of a step, per track.

    Forwards one product per layer; backwards one for the weights and, but for the first
    layer, one for the inputs.

    Args:
        inputs: Columns that the first layer sees.
    """
    inner = (LAYERS - 1) * WIDTH * WIDTH + WIDTH
    return 6 * inner + 4 * inputs * WIDTH
