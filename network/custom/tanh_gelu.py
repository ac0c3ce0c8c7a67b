"""The GELU activation in a form that every runtime has."""

from __future__ import annotations

import keras


@keras.saving.register_keras_serializable(package="trackdnn")
def tanh_gelu(x):
    """`x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))`.

    The exact form of GELU needs the operator Erfc, which ONNX does not have.

    Args:
        x: Float tensor of any shape.

    Returns:
        Float tensor of the shape of `x`.

    Source:
        D. Hendrycks and K. Gimpel, "Gaussian error linear units" (2016), section 2.
    """
    return keras.activations.gelu(x, approximate=True)
