"""From raw track columns to bounded network inputs, inside the network.

Per column, in this order::

    x     = 0                       where x is not a number
    t     = x                       transform "identity"
          = |x|                     transform "absolute"
          = log(1 + |x| / scale)    transform "absolute_log1p"
    t     = min(max(t, lower), upper)
    value = (t - (lower + upper) / 2) * 2 / (upper - lower)     if `rescale`
"""

from __future__ import annotations

import keras
import numpy as np
from keras import ops

from network.inputs import TRANSFORMS

# |x| / scale beyond this would overflow to infinity, where a logarithm that is
# written as log(1 + r) * r / ((1 + r) - 1) gives NaN; float32 ends at 3.4e38.
LARGEST_RATIO = 1e38


@keras.saving.register_keras_serializable(package="trackdnn")
class InputSanitizer(keras.layers.Layer):
    """Transforms, clips and scales each column of the raw inputs.

    The output is finite whatever comes in: NaN reads as zero before the transform
    (so it ends at the lower end of a column of absolute values), +inf ends at the
    upper end, -inf at the end that its transform sends it to. Every operation acts
    on elements and every range is a constant of the graph: the layer has no weights.
    It computes in float32 whatever the dtype policy, because half precision cannot
    tell 1e-5 cm from zero.

    Args:
        transforms: Sequence of strings, one of `network.inputs.TRANSFORMS` per
            column.
        lower: Sequence of floats, lower end of each column after its transform.
        upper: Sequence of floats, upper end of each column after its transform.
        scales: Sequence of positive floats, divisor of each column before the
            logarithm, in units of the column; `None` for 1 everywhere.
        rescale: Boolean, whether `[lower, upper]` is mapped to `[-1, 1]`.
        **kwargs: Passed to `keras.layers.Layer`; `dtype` is always float32.

    Call arguments:
        inputs: Float tensor of shape `(batch, columns)`, in the units of the columns.

    Returns:
        Float32 tensor of shape `(batch, columns)`: in `[-1, 1]`, within one unit in
        the last place, or in `[lower, upper]` without `rescale`.

    Raises:
        ValueError: If the lengths differ, a transform is unknown, a range is empty or
            not finite, a scale is not positive, or the inputs have another width.

    Source:
        `InputSanitizerLayer` of hajohajo/TrainingFrameworkTrackDNN, with named
        transforms in place of slices, and with a defined answer to NaN and infinity.
    """

    def __init__(
        self, transforms, lower, upper, scales=None, rescale=True, **kwargs
    ) -> None:
        kwargs["dtype"] = "float32"
        super().__init__(**kwargs)
        self.transforms = tuple(str(name) for name in transforms)
        self.lower = tuple(float(value) for value in lower)
        self.upper = tuple(float(value) for value in upper)
        unit = (1.0,) * len(self.transforms)
        self.scales = unit if scales is None else tuple(float(v) for v in scales)
        self.rescale = bool(rescale)
        _check(self.transforms, self.lower, self.upper, self.scales)

    def build(self, input_shape):
        if input_shape[-1] != len(self.transforms):
            raise ValueError(
                "The inputs must have one column per entry of `transforms`. "
                f"Received: {input_shape[-1]} columns for {len(self.transforms)} "
                "transforms"
            )
        self.built = True

    def call(self, inputs):
        low, high = np.array((self.lower, self.upper), np.float32)
        x = ops.where(ops.isnan(inputs), 0.0, inputs)
        value = ops.clip(self._transform(x), low, high)
        if not self.rescale:
            return value
        # Around the centre, both ends come out as -1 and 1; a multiplication, because
        # TensorFlow rewrites a division by a constant, which changes the last bit.
        center, gain = (low + high) / np.float32(2), np.float32(2) / (high - low)
        return (value - center) * gain

    def _transform(self, x):
        logarithm = np.array([name == "absolute_log1p" for name in self.transforms])
        signed = np.array([name == "identity" for name in self.transforms])
        if signed.all():
            # As of graphs, whose edges are many: nothing is computed for no column.
            return x
        magnitude = ops.abs(x)
        bare = ops.where(signed, x, magnitude)
        inverse = np.float32(1) / np.array(self.scales, np.float32)
        ratio = ops.minimum(magnitude * inverse, LARGEST_RATIO)
        return ops.where(logarithm, ops.log1p(ratio), bare)

    def compute_output_shape(self, input_shape):
        return tuple(input_shape)

    def get_config(self):
        return {
            **super().get_config(),
            "transforms": list(self.transforms),
            "lower": list(self.lower),
            "upper": list(self.upper),
            "scales": list(self.scales),
            "rescale": self.rescale,
        }


def _check(transforms, lower, upper, scales) -> None:
    for name, values in (("lower", lower), ("upper", upper), ("scales", scales)):
        if len(values) != len(transforms):
            raise ValueError(
                f"`{name}` must have one entry per column. "
                f"Received: {len(values)} entries for {len(transforms)} transforms"
            )
    unknown = sorted(set(transforms) - set(TRANSFORMS))
    if unknown:
        raise ValueError(
            f"`transforms` must be of {TRANSFORMS}. Received: {unknown[0]!r}"
        )
    for column, (low, high) in enumerate(zip(lower, upper, strict=True)):
        # In float32, where the layer computes: 1 and 1 + 1e-9 are the same number.
        if not -np.inf < np.float32(low) < np.float32(high) < np.inf:
            raise ValueError(
                "`lower` must be below `upper`, and both finite, in float32. "
                f"Received: lower={low}, upper={high} in column {column}"
            )
    for column, scale in enumerate(scales):
        if not (1e-30 <= scale <= 1e30):
            raise ValueError(
                "`scales` must be positive, between 1e-30 and 1e30. "
                f"Received: scale={scale} in column {column}"
            )
