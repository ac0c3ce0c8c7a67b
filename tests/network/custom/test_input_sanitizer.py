"""InputSanitizer against NumPy, bit for bit, and against hostile input."""

import keras
import numpy as np
import pytest

from network.custom.input_sanitizer import InputSanitizer

TRANSFORMS = ("identity", "absolute", "absolute_log1p", "absolute_log1p")
LOWER, UPPER = (-2.0, 0.5, 0.1, 0.0), (3.0, 4.0, 5.0, 9.0)
SCALES = (1.0, 1.0, 1.0, 0.003)


def sanitizer(**changes):
    arguments = {"transforms": TRANSFORMS, "lower": LOWER, "upper": UPPER}
    return InputSanitizer(**(arguments | {"scales": SCALES} | changes))


def twin(x, rescale=True):
    """One number at a time, in float32, as the module's docstring has it."""
    one, two = np.float32(1), np.float32(2)
    result = np.empty_like(x)
    for row, column in np.ndindex(x.shape):
        low, high = np.float32(LOWER[column]), np.float32(UPPER[column])
        value = np.float32(0) if np.isnan(x[row, column]) else x[row, column]
        if TRANSFORMS[column] == "absolute":
            value = np.abs(value)
        if TRANSFORMS[column] == "absolute_log1p":
            with np.errstate(over="ignore"):
                ratio = np.abs(value) * (one / np.float32(SCALES[column]))
            value = np.log1p(min(ratio, np.float32(1e38)))
        value = min(max(value, low), high)
        if rescale:
            value = (value - (low + high) / two) * (two / (high - low))
        result[row, column] = value
    return result


def inputs():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(2000, 4)) * 10 ** rng.uniform(-8, 6, (2000, 4))
    x[:8] = np.array([[np.nan, np.inf, -np.inf, 3e38, -3e38, 0, -0.0, 1e-37]]).T
    return x.astype("f4")


def test_input_sanitizer_equals_its_twin(check_layer):
    x = inputs()

    # TensorFlow's log1p is within 4 units in the last place of NumPy's.
    check_layer(sanitizer(), x, expected=twin(x), atol=1e-6)


@pytest.mark.parametrize("rescale", [True, False])
def test_input_sanitizer_is_bit_equal_but_for_the_logarithm(rescale):
    x = inputs()

    found = keras.ops.convert_to_numpy(sanitizer(rescale=rescale)(x))

    np.testing.assert_array_equal(found[:, :2], twin(x, rescale)[:, :2])


def test_input_sanitizer_takes_logarithms_to_four_units_in_the_last_place():
    wide = sanitizer(lower=(-9.0, 0.0, 0.0, 0.0), upper=(100.0,) * 4, rescale=False)
    x = np.float32(10) ** np.linspace(-30, 30, 5001, dtype="f4")
    exact = np.log1p(x.astype("f8"))

    found = keras.ops.convert_to_numpy(wide(np.stack([x] * 4, axis=1)))[:, 2]

    assert np.max(np.abs(found - exact) / np.spacing(exact.astype("f4"))) <= 4


def test_input_sanitizer_sends_what_is_not_finite_to_a_defined_end():
    x = np.repeat(np.float32([[np.nan], [np.inf], [-np.inf]]), 4, axis=1)

    found = keras.ops.convert_to_numpy(sanitizer()(x))

    np.testing.assert_allclose(found[0], [-0.2, -1, -1, -1], atol=1e-6)
    np.testing.assert_allclose(found[1], [1, 1, 1, 1], atol=1e-6)
    np.testing.assert_allclose(found[2], [-1, 1, 1, 1], atol=1e-6)


def test_input_sanitizer_computes_in_float32_under_any_policy():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        layer = sanitizer(dtype="float16")
        found = layer(inputs())
    finally:
        keras.config.set_dtype_policy("float32")

    assert keras.backend.standardize_dtype(found.dtype) == "float32"
    np.testing.assert_array_equal(found, sanitizer()(inputs()))


def test_input_sanitizer_divides_by_one_without_scales():
    x = inputs()

    np.testing.assert_array_equal(
        sanitizer(scales=None)(x), sanitizer(scales=(1.0,) * 4)(x)
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"lower": (0.0,)}, "`lower` must have one entry per column.*1 entries for 4"),
        ({"scales": (1.0,)}, "`scales` must have one entry per column"),
        ({"transforms": ("log",) * 4}, "`transforms` must be of.*'log'"),
        ({"upper": LOWER}, "`lower` must be below `upper`.*column 0"),
        ({"upper": (np.inf,) * 4}, "both finite"),
        ({"lower": (1.0,) * 4, "upper": (1 + 1e-9,) * 4}, "in float32"),
        ({"scales": (0.0,) * 4}, "`scales` must be positive.*scale=0.0 in column 0"),
        ({"scales": (np.nan,) * 4}, "`scales` must be positive"),
    ],
)
def test_input_sanitizer_refuses_impossible_arguments(changes, message):
    with pytest.raises(ValueError, match=message):
        sanitizer(**changes)


def test_input_sanitizer_refuses_inputs_of_another_width():
    with pytest.raises(ValueError, match="3 columns for 4 transforms"):
        sanitizer()(np.zeros((2, 3), "f4"))
