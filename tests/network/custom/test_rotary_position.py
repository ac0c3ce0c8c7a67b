import math

import keras
import numpy as np
import pytest

from network.custom.rotary_position import RotaryPosition

VECTORS = np.random.default_rng(1).normal(size=(2, 3, 4, 6)).astype("f4")


def twin(vectors, positions, base):
    """`positions[batch][token]`, the same for all heads."""
    output = np.zeros(vectors.shape)
    width = vectors.shape[-1]
    for b, h, t in np.ndindex(vectors.shape[:3]):
        for i in range(0, width, 2):
            angle = positions[b][t] / base ** (i / width)
            pair = complex(*vectors[b, h, t, i : i + 2]) * complex(
                math.cos(angle), math.sin(angle)
            )
            output[b, h, t, i : i + 2] = pair.real, pair.imag
    return output


def test_order_equals_its_twin(check_layer):
    expected = twin(VECTORS, [range(4)] * 2, 10000.0)

    check_layer(RotaryPosition(), VECTORS, expected=expected, atol=1e-6)


def test_positions_equal_their_twin(check_layer):
    positions = np.float32([[0.5, 30.25, -7, 200], [3, 1, 90, 0]])
    expected = twin(VECTORS, positions.tolist(), 50.0)

    check_layer(
        RotaryPosition(50), VECTORS, positions[:, None], expected=expected, atol=1e-4
    )


def test_products_depend_on_the_difference_of_positions_alone():
    layer = RotaryPosition()
    query, key = VECTORS[0], VECTORS[1]
    positions = np.float32([0, 2, 5, 3])

    def products(shift):
        turned = [np.asarray(layer(x, positions + shift)) for x in (query, key)]
        return np.einsum("hqf,hkf->hqk", *turned)

    np.testing.assert_allclose(products(0), products(11), atol=1e-4)
    plain = np.einsum("hqf,hkf->hqk", query, key)
    assert np.abs(products(0) - plain).max() > 0.1


def test_wild_positions_are_finite_and_no_position_is_zero():
    wild = np.float32([np.nan, np.inf, -np.inf, 3e38])

    found = np.asarray(RotaryPosition()(VECTORS, wild))

    assert np.isfinite(found).all()
    np.testing.assert_array_equal(found[..., 0, :], VECTORS[..., 0, :])


def test_positions_keep_their_digits_in_half_precision():
    positions = np.full((2, 1, 4), 1000.7, "f4")

    found = RotaryPosition(dtype="mixed_bfloat16")(VECTORS, positions)

    assert keras.backend.standardize_dtype(found.dtype) == "bfloat16"
    exact = twin(VECTORS, positions[:, 0].tolist(), 10000.0)
    np.testing.assert_allclose(np.asarray(found, "f4"), exact, atol=0.03)


@pytest.mark.parametrize("base", [1.0, -3.0, math.nan, math.inf])
def test_impossible_bases_are_refused(base):
    with pytest.raises(ValueError, match="`base` must be greater than 1"):
        RotaryPosition(base)


def test_odd_features_are_refused():
    with pytest.raises(ValueError, match=r"even number.*5 features"):
        RotaryPosition()(VECTORS[..., :5])
