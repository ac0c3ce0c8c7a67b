import keras
import numpy as np
import tensorflow as tf

from network.custom.without_padding import without_padding

ROWS = np.float32([[[1, 2], [np.nan, np.inf]], [[3, 4], [5, 6]]])
VALID = np.array([[True, False], [True, True]])


def test_rows_that_do_not_exist_are_zero():
    expected = [[[1, 2], [0, 0]], [[3, 4], [5, 6]]]

    np.testing.assert_array_equal(without_padding(ROWS, VALID), expected)
    np.testing.assert_array_equal(without_padding(ROWS, VALID.astype("f4")), expected)


def test_all_rows_exist_where_nothing_is_said():
    assert without_padding(ROWS, None) is ROWS


def test_padding_gives_no_gradient_of_its_own():
    rows = keras.Variable(ROWS)

    with tf.GradientTape() as tape:
        total = keras.ops.sum(keras.ops.square(without_padding(rows, VALID)))

    expected = [[[2, 4], [0, 0]], [[6, 8], [10, 12]]]
    np.testing.assert_array_equal(tape.gradient(total, rows.value), expected)
