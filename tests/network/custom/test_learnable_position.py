import numpy as np
import pytest

from network.custom.learnable_position import LearnablePosition
from tests.network.custom.trained_layer import check_trained_layer, randomize

TOKENS = np.random.default_rng(1).normal(size=(2, 4, 3)).astype("f4")


@pytest.fixture
def layer():
    made = LearnablePosition(5)
    made(TOKENS)
    return randomize(made)


def twin(layer, tokens, positions):
    table = np.asarray(layer.table)
    output = tokens.copy()
    for b, row in enumerate(positions):
        for t, position in enumerate(row):
            output[b, t] += table[min(max(position, 0), len(table) - 1)]
    return output


def test_positions_equal_their_twin(layer):
    positions = np.array([[0, 4, 2, 2], [-3, 7, 1, 0]], "i4")
    expected = twin(layer, TOKENS, positions)

    check_trained_layer(layer, TOKENS, positions, expected=expected)


def test_order_is_the_position_where_none_is_given(layer):
    expected = twin(layer, TOKENS, [range(4), range(4)])

    np.testing.assert_array_equal(layer(TOKENS), expected)


def test_more_tokens_than_rows_are_refused():
    with pytest.raises(ValueError, match="4 tokens for max_positions=3"):
        LearnablePosition(3)(TOKENS)


def test_table_without_rows_is_refused():
    with pytest.raises(ValueError, match=r"at least 1.*max_positions=0"):
        LearnablePosition(0)
