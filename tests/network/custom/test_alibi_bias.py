import math

import numpy as np
import pytest

from network.custom.alibi_bias import AlibiBias

QUERY = np.float32([[0, 1, 2.5], [7, -3, 40]])
KEY = np.float32([[0, 9, 2], [1, 1, 1]])


def twin(query, key, slopes, length):
    output = np.zeros((len(query), len(slopes), query.shape[1], key.shape[1]))
    for b, h, q, k in np.ndindex(output.shape):
        output[b, h, q, k] = -slopes[h] * abs(query[b, q] - key[b, k]) / length
    return output


@pytest.mark.parametrize(
    ("heads", "slopes"),
    [
        (1, [2**-8]),
        (2, [2**-4, 2**-8]),
        (4, [2**-2, 2**-4, 2**-6, 2**-8]),
        (3, [2**-4, 2**-8, 2**-2]),
        (6, [2**-2, 2**-4, 2**-6, 2**-8, 2**-1, 2**-3]),
    ],
)
def test_bias_equals_its_twin(heads, slopes, check_layer):
    layer = AlibiBias(heads, length=2.0)

    check_layer(layer, QUERY, KEY, expected=twin(QUERY, KEY, slopes, 2.0), rtol=1e-6)


def test_keys_are_the_queries_where_none_are_given(check_layer):
    order = np.array([[0, 1, 2, 3]], "i4")
    expected = twin(order, order, [2**-4, 2**-8], 1.0)

    check_layer(AlibiBias(2), order, expected=expected)


def test_shape_follows_queries_and_keys():
    layer = AlibiBias(2)
    shape = layer(QUERY, KEY[:, :2]).shape

    assert tuple(shape) == layer.compute_output_shape((2, 3), (2, 2)) == (2, 2, 3, 2)


def test_wild_positions_are_finite():
    wild = np.float32([[np.nan, np.inf, -np.inf, 3e38, 0]])

    assert np.isfinite(AlibiBias(8, length=1e-3)(wild)).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0,), "`heads` must be at least 1.*heads=0"),
        ((2, 0.0), "`length` must be positive.*length=0.0"),
        ((2, math.nan), "`length` must be positive.*length=nan"),
    ],
)
def test_impossible_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        AlibiBias(*arguments)
