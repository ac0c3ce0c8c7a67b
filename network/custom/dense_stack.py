"""Dense layers in a row, each with its normalisation and activation."""

from __future__ import annotations

import keras
from keras import ops

NORMALIZATIONS = ("batch", "layer", "none")
ENDS = ("activated", "normalized", "linear")


@keras.saving.register_keras_serializable(package="trackdnn")
class DenseStack(keras.layers.Layer):
    """Dense, normalise, activate, and again; the multilayer perceptron of graphs.

    Args:
        units: Sequence of positive integers, width of each dense layer.
        activation: Name of the activation.
        normalization: One of `NORMALIZATIONS`.
        end: What follows the last dense layer: `"activated"` for normalisation and
            activation, `"normalized"` for the first alone, `"linear"` for neither.
        lead: Boolean, whether the inputs are normalised and activated first, which is
            what an `EdgeDense` in front leaves open.
        **kwargs: Passed to `keras.layers.Layer`, such as `name` and `dtype`.

    Call arguments:
        inputs: Float tensor of shape `(rows, features)`.
        training: Boolean, whether batch normalisation takes the moments of these rows.

    Returns:
        Float tensor of shape `(rows, units[-1])`.

    Raises:
        ValueError: If there is no layer, a width is not positive, or a choice is
            unknown.

    Source:
        `make_mlp` of the Exa.TrkX pipeline, X. Ju et al., arXiv:2103.06995.
    """

    def __init__(
        self,
        units,
        activation="swish",
        normalization="layer",
        end="activated",
        lead=False,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        self.units = tuple(int(width) for width in units)
        self.activation = activation
        self.normalization = checked_choice(
            "normalization", normalization, NORMALIZATIONS
        )
        self.end = checked_choice("end", end, ENDS)
        self.lead = bool(lead)
        if not self.units or min(self.units) < 1:
            raise ValueError(
                "`units` must hold at least one width, each positive. "
                f"Received: units={self.units}"
            )
        self._steps = self._make_steps()

    def _make_steps(self):
        dtype, steps = self.dtype_policy, []
        if self.lead:
            steps += self._after("lead", "activated")
        for place, width in enumerate(self.units):
            name = f"dense_{place}"
            steps.append(keras.layers.Dense(width, name=name, dtype=dtype))
            last = place == len(self.units) - 1
            steps += self._after(name, self.end if last else "activated")
        return steps

    def _after(self, name, end):
        dtype, steps = self.dtype_policy, []
        if end != "linear" and self.normalization == "layer":
            name_of = f"{name}_normalization"
            steps.append(keras.layers.LayerNormalization(name=name_of, dtype=dtype))
        if end != "linear" and self.normalization == "batch":
            name_of = f"{name}_normalization"
            steps.append(keras.layers.BatchNormalization(name=name_of, dtype=dtype))
        if end == "activated":
            name_of = f"{name}_activation"
            layer = keras.layers.Activation(self.activation, name=name_of, dtype=dtype)
            steps.append(layer)
        return steps

    def build(self, inputs_shape):
        shape = tuple(inputs_shape)
        for step in self._steps:
            step.build(shape)
            shape = tuple(step.compute_output_shape(shape))
        self.built = True

    def call(self, inputs, training=None):
        x = inputs
        for step in self._steps:
            if isinstance(step, keras.layers.BatchNormalization):
                # Not called as a layer, which would hang the mask on what it gives.
                x = step.call(x, training=training, mask=_all_rows(x, training))
            else:
                x = step(x)
        return x

    def compute_output_shape(self, inputs_shape):
        return (*inputs_shape[:-1], self.units[-1])

    def get_config(self):
        return {
            **super().get_config(),
            "units": list(self.units),
            "activation": self.activation,
            "normalization": self.normalization,
            "end": self.end,
            "lead": self.lead,
        }


def _all_rows(x, training):
    """With a mask, the moments of no rows are 0: without edges no weight turns NaN."""
    # Keras' moments under a mask lose the axis of a single column.
    if not training or x.shape[-1] == 1:
        return None
    return ops.ones_like(x[:, 0], dtype="bool")


def checked_choice(name, value, choices):
    """The value, if it is one of the choices.

    Raises:
        ValueError: If it is not.
    """
    if value not in choices:
        raise ValueError(f"`{name}` must be of {choices}. Received: {name}={value!r}")
    return value
