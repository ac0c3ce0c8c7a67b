"""The ReLU activation behind a sum, in a form that TensorFlow does not fuse."""

from __future__ import annotations

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="trackdnn")
def lone_relu(x):
    """`max(x, 0)`, the same numbers as ReLU.

    TensorFlow's graph optimiser joins a product, its bias, the sum of a residual block
    and the ReLU behind it on processors, fails at that, and says so in several lines on
    stderr of whatever job loads the graph. A maximum it leaves alone.

    Args:
        x: Float tensor of any shape.

    Returns:
        Float tensor of the shape of `x`.

    Source:
        This project.
    """
    return ops.maximum(x, 0.0)
