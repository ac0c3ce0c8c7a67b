from __future__ import annotations

import numpy as np
import pytest

from export import signature
from export.errors import ConversionError


def test_names_must_differ():
    with pytest.raises(ConversionError, match=r"different names.*'x', 'X'"):
        signature.Names("x", "X", "score")


def test_check_model_gives_the_width(model, spec):
    assert signature.check_model(model) == spec.width


def test_check_model_refuses_other_inputs():
    import keras

    x = keras.Input((3,), name="features")
    model = keras.Model(x, keras.layers.Dense(1)(x))

    with pytest.raises(ConversionError, match=r"`category` \(batch, 1\)\. Received"):
        signature.check_model(model)


def test_check_model_refuses_two_columns_of_output():
    import keras

    x, y = keras.Input((3,), name="features"), keras.Input((1,), name="category")
    both = keras.layers.Concatenate()([x, y])
    model = keras.Model([x, y], keras.layers.Dense(2)(both))

    with pytest.raises(ConversionError, match=r"one output.*\(None, 2\)"):
        signature.check_model(model)


def test_check_model_refuses_half_precision():
    import keras

    x, y = keras.Input((3,), name="features"), keras.Input((1,), name="category")
    both = keras.layers.Concatenate()([x, y])
    hidden = keras.layers.Dense(2, dtype="mixed_bfloat16")(both)
    model = keras.Model([x, y], keras.layers.Dense(1, dtype="bfloat16")(hidden))

    with pytest.raises(ConversionError, match=r"must be float32.*bfloat16"):
        signature.check_model(model)


def test_evaluate_is_the_model_in_batches(model, tracks):
    expected = np.asarray(model(list(tracks), training=False))

    scores = signature.evaluate(model, *tracks, batch_size=300)

    np.testing.assert_allclose(scores, expected, atol=1e-6)
    assert signature.evaluate(model, tracks[0][:0], tracks[1][:0]).shape == (0, 1)


def test_evaluate_takes_models_of_dictionaries(make_model, spec, tracks):
    model = make_model(spec, form="dict")

    scores = signature.evaluate(model, *tracks)

    assert scores.shape == (1000, 1)
