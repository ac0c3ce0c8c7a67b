"""Cross-attention against loops, and what must not change it."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from network.custom.alibi_bias import AlibiBias
from network.custom.cross_attention_block import CrossAttentionBlock
from tests.network.custom.set_twins import cross_attention
from tests.network.custom.trained_layer import check_trained_layer, randomize

RNG = np.random.default_rng(2)
QUERIES = RNG.normal(size=(3, 5, 8)).astype("f4")
KEYS = RNG.normal(size=(3, 4, 6)).astype("f4")
# The last set has a query but no key.
QUERY_VALID = np.array([[1, 1, 1, 1, 1], [1, 0, 1, 1, 0], [1, 1, 0, 0, 0]], bool)
KEY_VALID = np.array([[1, 1, 1, 1], [0, 1, 0, 1], [0, 0, 0, 0]], bool)


@pytest.fixture(scope="module")
def block():
    made = CrossAttentionBlock(2, 8, hidden=12)
    made(QUERIES, KEYS)
    return randomize(made)


def test_block_equals_its_twin(block):
    given = (QUERIES, KEYS, QUERY_VALID, KEY_VALID)

    check_trained_layer(block, *given, expected=cross_attention(block, *given))


def test_bias_equals_its_twin(block):
    given = (QUERIES, KEYS, QUERY_VALID, KEY_VALID)
    positions = (RNG.normal(0, 50, rows.shape[:2]).astype("f4") for rows in given[:2])
    bias = np.asarray(AlibiBias(2)(*positions))

    found = np.asarray(block(*given, bias))

    expected = cross_attention(block, *given, bias)
    np.testing.assert_allclose(found, expected, atol=5e-6)
    assert np.abs(found - block(*given)).max() > 0.01


def test_everything_exists_where_nothing_is_said(block):
    full = [np.ones(rows.shape[:2], bool) for rows in (QUERIES, KEYS)]

    found = block(QUERIES, KEYS)

    np.testing.assert_allclose(found, block(QUERIES, KEYS, *full), atol=5e-6)


@pytest.mark.parametrize("wild", [np.nan, np.inf, -3e38, 7.0])
def test_padding_never_changes_a_row_that_exists(block, wild):
    queries, keys = QUERIES.copy(), KEYS.copy()
    queries[~QUERY_VALID], keys[~KEY_VALID] = wild, wild

    found = block(queries, keys, QUERY_VALID, KEY_VALID)

    expected = np.asarray(block(QUERIES, KEYS, QUERY_VALID, KEY_VALID))
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(expected[~QUERY_VALID], 0.0)


def test_length_of_the_padding_means_nothing(block):
    queries = np.pad(QUERIES, ((0, 0), (0, 3), (0, 0)), constant_values=np.nan)
    keys = np.pad(KEYS, ((0, 0), (2, 0), (0, 0)), constant_values=np.nan)
    query_valid = np.pad(QUERY_VALID, ((0, 0), (0, 3)))
    key_valid = np.pad(KEY_VALID, ((0, 0), (2, 0)))

    found = np.asarray(block(queries, keys, query_valid, key_valid))[:, :5]

    expected = block(QUERIES, KEYS, QUERY_VALID, KEY_VALID)
    np.testing.assert_allclose(found, expected, atol=5e-6)


def test_order_of_queries_is_kept_and_that_of_keys_means_nothing(block):
    turn, swap = np.array([3, 0, 4, 1, 2]), np.array([2, 3, 0, 1])

    found = block(
        QUERIES[:, turn], KEYS[:, swap], QUERY_VALID[:, turn], KEY_VALID[:, swap]
    )

    expected = np.asarray(block(QUERIES, KEYS, QUERY_VALID, KEY_VALID))[:, turn]
    np.testing.assert_allclose(found, expected, atol=5e-6)


def test_gradient_is_finite_beside_padding_and_without_keys(block):
    queries, keys = QUERIES.copy(), KEYS.copy()
    queries[~QUERY_VALID], keys[~KEY_VALID] = np.nan, np.nan

    with tf.GradientTape() as tape:
        output = block(queries, keys, QUERY_VALID, KEY_VALID)
        loss = keras.ops.sum(keras.ops.square(output - 1.0))
    gradients = tape.gradient(loss, [weight.value for weight in block.weights])

    assert all(np.isfinite(gradient).all() for gradient in gradients)
    assert all(np.abs(gradient).max() > 0 for gradient in gradients[:2])


def test_large_scores_do_not_overflow(block):
    assert np.isfinite(block(QUERIES * 1e4, KEYS * 1e4, QUERY_VALID, KEY_VALID)).all()


@pytest.mark.parametrize("count", [(0, 4), (5, 0)])
def test_sets_without_rows_pass(block, count):
    found = np.asarray(block(QUERIES[:, : count[0]], KEYS[:, : count[1]]))

    assert found.shape == (3, count[0], 8)
    assert np.isfinite(found).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((3, 8), "divide `width`.*heads=3, width=8"),
        ((0, 8), "heads=0"),
        ((2, 0), "width=0"),
        ((2, 8, 0), "`hidden` must be at least 1.*hidden=0"),
    ],
)
def test_impossible_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        CrossAttentionBlock(*arguments)


def test_queries_of_another_width_are_refused():
    with pytest.raises(ValueError, match=r"must have 8 features.*6 features"):
        CrossAttentionBlock(2, 8)(KEYS, KEYS)
