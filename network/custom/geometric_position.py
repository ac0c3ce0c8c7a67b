"""Detector coordinates as sines and cosines of many wavelengths.

For each coordinate `x` and `k` from 0 to `bands - 1`, `sin(2 pi x 2^k / longest)` and
`cos(2 pi x 2^k / longest)`.
"""

from __future__ import annotations

import keras
import numpy as np
from keras import ops

# From here on a float32 has no fraction.
WHOLE = 2.0**23


@keras.saving.register_keras_serializable(package="trackdnn")
class GeometricPosition(keras.layers.Layer):
    """Fourier features of coordinates, such as (r, phi, z) or the place of a sensor.

    A dense network sees a coordinate of a metre as one smooth number and misses what
    differs within millimetres; each further band doubles the resolution. An angle with
    `longest` = `2 pi` keeps its period exactly, so that -pi and pi are the same place.
    The output is finite whatever comes in: NaN reads as zero. Float32 whatever the
    dtype policy; no weights.

    Args:
        longest: Sequence of positive floats, the longest wavelength of each coordinate,
            in the unit of the coordinate.
        bands: Positive integer up to 24, wavelengths for each coordinate; each is half
            the one before.
        **kwargs: Passed to `keras.layers.Layer`; `dtype` is always float32.

    Call arguments:
        coordinates: Float tensor of shape `(..., coordinates)`.

    Returns:
        Float32 tensor of shape `(..., 2 * bands * coordinates)`: the sines, coordinate
        by coordinate from the longest wavelength to the shortest, then the cosines.

    Raises:
        ValueError: If a wavelength is not positive, there are no bands or too many, or
            the inputs have another number of coordinates.

    Source:
        B. Mildenhall et al., "NeRF" (2020), equation 4, with a wavelength for each
        coordinate; M. Tancik et al., "Fourier features let networks learn high
        frequency functions in low dimensional domains" (2020).
    """

    def __init__(self, longest, bands=6, **kwargs) -> None:
        kwargs["dtype"] = "float32"
        super().__init__(**kwargs)
        self.longest = tuple(float(value) for value in longest)
        self.bands = int(bands)
        if not self.longest or not all(1e-30 <= v <= 1e30 for v in self.longest):
            raise ValueError(
                "`longest` must hold a positive wavelength for each coordinate, "
                f"between 1e-30 and 1e30. Received: longest={self.longest}"
            )
        if not 1 <= self.bands <= 24:
            raise ValueError(
                f"`bands` must be from 1 to 24. Received: bands={self.bands}"
            )

    def build(self, coordinates_shape):
        if coordinates_shape[-1] != len(self.longest):
            raise ValueError(
                "`longest` must have one entry per coordinate. Received: "
                f"{len(self.longest)} entries for {coordinates_shape[-1]} coordinates"
            )
        self.built = True

    def call(self, coordinates):
        x = ops.where(ops.isnan(coordinates), 0.0, coordinates)
        inverse = (1.0 / np.array(self.longest)).astype("float32")
        turn = ops.clip(x * inverse, -WHOLE, WHOLE)
        # Whole turns go first; the factors of two are exact.
        turn = turn - ops.round(turn)
        place = np.repeat(np.arange(len(self.longest), dtype="int32"), self.bands)
        factor = np.tile(2.0 ** np.arange(self.bands), len(self.longest))
        turn = ops.take(turn, place, axis=-1) * factor.astype("float32")
        angle = (turn - ops.round(turn)) * np.float32(2 * np.pi)
        return ops.concatenate([ops.sin(angle), ops.cos(angle)], axis=-1)

    def compute_output_shape(self, coordinates_shape):
        return (*coordinates_shape[:-1], 2 * self.bands * len(self.longest))

    def get_config(self):
        return {
            **super().get_config(),
            "longest": list(self.longest),
            "bands": self.bands,
        }
