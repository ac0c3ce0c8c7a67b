import numpy as np
import pytest

from network.custom.self_attention_block import SelfAttentionBlock
from tests.network.custom.set_twins import cross_attention
from tests.network.custom.trained_layer import check_trained_layer, randomize

RNG = np.random.default_rng(2)
TOKENS = RNG.normal(size=(3, 5, 8)).astype("f4")
VALID = np.array([[1, 1, 1, 1, 1], [1, 0, 1, 1, 0], [0, 0, 0, 0, 0]], bool)


@pytest.fixture(scope="module")
def layer():
    made = SelfAttentionBlock(4, 8, hidden=5)
    made(TOKENS)
    return randomize(made)


def test_block_equals_its_twin(layer):
    expected = cross_attention(layer.block, TOKENS, TOKENS, VALID, VALID)

    check_trained_layer(layer, TOKENS, VALID, expected=expected)


def test_bias_reaches_the_attention(layer):
    bias = RNG.normal(size=(4, 5, 5)).astype("f4")

    expected = cross_attention(layer.block, TOKENS, TOKENS, VALID, VALID, bias)
    np.testing.assert_allclose(layer(TOKENS, VALID, bias), expected, atol=5e-6)


def test_permuted_tokens_give_permuted_outputs(layer):
    turn = np.array([3, 0, 4, 1, 2])

    found = layer(TOKENS[:, turn], VALID[:, turn])

    expected = np.asarray(layer(TOKENS, VALID))[:, turn]
    np.testing.assert_allclose(found, expected, atol=5e-6)


def test_padding_never_changes_a_token_that_exists(layer):
    wild = np.where(VALID[..., None], TOKENS, np.float32(np.nan))

    np.testing.assert_array_equal(layer(wild, VALID), layer(TOKENS, VALID))


def test_impossible_arguments_are_refused():
    with pytest.raises(ValueError, match=r"divide `width`.*heads=3, width=8"):
        SelfAttentionBlock(3, 8)
