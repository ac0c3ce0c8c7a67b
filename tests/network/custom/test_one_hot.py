"""OneHot against comparison by hand."""

import keras
import numpy as np
import pytest

from network.custom.one_hot import OneHot

VALUES = np.float32([[4], [9], [25], [7], [np.nan], [np.inf], [-np.inf], [-4], [4.4]])


def twin(values, vocabulary, unknown):
    rows = []
    for value in values.ravel():
        whole = value if not np.isfinite(value) else round(float(value))
        row = [float(whole == word) for word in vocabulary]
        rows.append(row if unknown == "zero" else [*row, float(1 not in row)])
    return np.array(rows, "f4")


@pytest.mark.parametrize("unknown", ["code", "zero"])
def test_one_hot_equals_its_twin(check_layer, unknown):
    layer = OneHot([4, 7, 25, 26], unknown=unknown)

    check_layer(layer, VALUES, expected=twin(VALUES, layer.vocabulary, unknown))


def test_one_hot_takes_integers(check_layer):
    values = np.array([[4], [5], [7]], "i4")

    check_layer(OneHot([4, 7]), values, expected=twin(values, [4, 7], "code"))


def test_one_hot_hides_a_share_of_the_categories_in_training_only():
    layer = OneHot([4], dropout=0.25)
    values = np.full((4000, 1), 4.0, "f4")

    hidden = keras.ops.convert_to_numpy(layer(values, training=True))

    assert np.mean(hidden[:, 1]) == pytest.approx(0.25, abs=0.03)
    np.testing.assert_array_equal(hidden.sum(axis=1), 1.0)
    np.testing.assert_array_equal(layer(values)[:, 1], 0.0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"vocabulary": []}, "at least one value, each once"),
        ({"vocabulary": [4, 4]}, r"each once.*\(4, 4\)"),
        ({"vocabulary": [2**24 + 1]}, "must stay within"),
        ({"vocabulary": [4], "unknown": "none"}, "`unknown` must be of.*'none'"),
        ({"vocabulary": [4], "dropout": 1.0}, r"`dropout` must be in \[0, 1\)"),
    ],
)
def test_one_hot_refuses_impossible_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        OneHot(**arguments)


def test_one_hot_refuses_more_than_one_column():
    with pytest.raises(ValueError, match=r"one column.*\(2, 2\)"):
        OneHot([4])(np.zeros((2, 2), "f4"))
