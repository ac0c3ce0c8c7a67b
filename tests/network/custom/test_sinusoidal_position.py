import math

import keras
import numpy as np
import pytest

from network.custom.sinusoidal_position import SinusoidalPosition

TOKENS = np.random.default_rng(1).normal(size=(2, 4, 6)).astype("f4")


def twin(tokens, positions, longest):
    output = np.array(tokens, "f8")
    width = tokens.shape[-1]
    for b, row in enumerate(positions):
        for t, position in enumerate(row):
            for i in range(width // 2):
                angle = position / longest ** (2 * i / width)
                output[b, t, 2 * i] += math.sin(angle)
                output[b, t, 2 * i + 1] += math.cos(angle)
    return output


def test_order_equals_its_twin(check_layer):
    expected = twin(TOKENS, [range(4)] * 2, 10000.0)

    check_layer(SinusoidalPosition(), TOKENS, expected=expected, atol=1e-6)


def test_positions_equal_their_twin(check_layer):
    positions = np.float32([[0.5, 30.25, -7, 200], [3, 1, 1e3, 0]])
    expected = twin(TOKENS, positions.tolist(), 50.0)

    check_layer(SinusoidalPosition(50), TOKENS, positions, expected=expected, atol=1e-4)


def test_wild_positions_are_finite_and_no_position_is_zero():
    wild = np.float32([np.nan, np.inf, -np.inf, 3e38])

    found = np.asarray(SinusoidalPosition()(TOKENS, wild))

    assert np.isfinite(found).all()
    np.testing.assert_array_equal(found[:, 0], SinusoidalPosition()(TOKENS)[:, 0])


def test_positions_keep_their_digits_in_half_precision():
    positions = np.full((2, 4), 1000.7, "f4")
    layer = SinusoidalPosition(dtype="mixed_bfloat16")

    found = layer(TOKENS, positions)

    assert keras.backend.standardize_dtype(found.dtype) == "bfloat16"
    exact = twin(TOKENS, positions.tolist(), 10000.0)
    np.testing.assert_allclose(np.asarray(found, "f4"), exact, atol=0.03)


@pytest.mark.parametrize("longest", [1.0, -3.0, math.nan, math.inf])
def test_impossible_wavelengths_are_refused(longest):
    with pytest.raises(ValueError, match="`longest` must be greater than 1"):
        SinusoidalPosition(longest)


def test_odd_features_are_refused():
    with pytest.raises(ValueError, match=r"even number.*5 features"):
        SinusoidalPosition()(TOKENS[..., :5])
