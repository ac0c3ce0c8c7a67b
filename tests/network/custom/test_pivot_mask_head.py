"""The mask head against loops, and what must not change it."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from network.custom.pivot_mask_head import PADDED_LOGIT, PivotMaskHead
from tests.network.custom.set_twins import pivot_mask
from tests.network.custom.trained_layer import check_trained_layer, randomize, values

RNG = np.random.default_rng(2)
TOKENS = RNG.normal(size=(3, 6, 5)).astype("f4")
PIVOTS = RNG.normal(size=(3, 3, 5)).astype("f4")
TOKEN_VALID = np.array([[1] * 6, [1, 0, 1, 1, 0, 1], [0] * 6], bool)
PIVOT_VALID = np.array([[1, 1, 1], [1, 0, 1], [1, 0, 0]], bool)
GIVEN = (TOKENS, PIVOTS, TOKEN_VALID, PIVOT_VALID)
SMALL = {"width": 8, "heads": 2, "blocks": 2, "mask_units": [6, 4]}


@pytest.fixture(scope="module")
def head():
    made = PivotMaskHead(**SMALL)
    made(TOKENS, PIVOTS)
    return randomize(made)


def test_head_equals_its_twin(head):
    check_trained_layer(head, *GIVEN, expected=pivot_mask(head, *GIVEN), half=1.5)


def test_everything_exists_where_nothing_is_said(head):
    full = [np.ones(rows.shape[:2], bool) for rows in (TOKENS, PIVOTS)]

    expected = pivot_mask(head, TOKENS, PIVOTS, *full)
    np.testing.assert_allclose(head(TOKENS, PIVOTS), expected, atol=5e-6)


@pytest.mark.parametrize("wild", [np.nan, np.inf, -3e38, 7.0])
def test_padding_never_changes_a_token_that_exists(head, wild):
    tokens, pivots = TOKENS.copy(), PIVOTS.copy()
    tokens[~TOKEN_VALID], pivots[~PIVOT_VALID] = wild, wild

    found = np.asarray(head(tokens, pivots, TOKEN_VALID, PIVOT_VALID))

    np.testing.assert_array_equal(found, head(*GIVEN))
    np.testing.assert_array_equal(found[~TOKEN_VALID], PADDED_LOGIT)


def test_order_of_tokens_is_kept_and_that_of_pivots_means_nothing(head):
    turn, swap = np.array([3, 0, 5, 4, 1, 2]), np.array([2, 0, 1])

    found = head(
        TOKENS[:, turn], PIVOTS[:, swap], TOKEN_VALID[:, turn], PIVOT_VALID[:, swap]
    )

    expected = np.asarray(head(*GIVEN))[:, turn]
    np.testing.assert_allclose(found, expected, atol=5e-6)


def test_each_micrograph_is_judged_alone(head):
    together = np.asarray(head(*GIVEN))

    alone = [np.asarray(head(*(a[b : b + 1] for a in GIVEN)))[0] for b in range(3)]

    np.testing.assert_allclose(together, alone, atol=5e-6)


def test_pivots_change_the_answer(head):
    found = np.asarray(head(TOKENS, PIVOTS[::-1]))

    assert np.abs(found - head(TOKENS, PIVOTS)).max() > 0.01


def test_gradient_is_finite_beside_padding(head):
    tokens = np.where(TOKEN_VALID[..., None], TOKENS, np.float32(np.nan))
    pivots = np.where(PIVOT_VALID[..., None], PIVOTS, np.float32(np.inf))

    with tf.GradientTape() as tape:
        loss = keras.ops.sum(head(tokens, pivots, TOKEN_VALID, PIVOT_VALID))
    gradients = tape.gradient(loss, [weight.value for weight in head.weights])

    assert all(np.isfinite(gradient).all() for gradient in gradients)


@pytest.mark.filterwarnings("ignore:__array__ implementation")
def test_saved_head_is_the_same_head(head, tmp_path):
    kinds = [("tokens", (None, 5), "float32"), ("pivots", (None, 5), "float32")]
    kinds += [("token_valid", (None,), "bool"), ("pivot_valid", (None,), "bool")]
    inputs = [keras.Input(shape, name=name, dtype=kind) for name, shape, kind in kinds]
    clone = PivotMaskHead(**SMALL)
    model = keras.Model(inputs, clone(*inputs))
    clone.set_weights(head.get_weights())
    model.save(tmp_path / "head.keras")

    loaded = keras.models.load_model(tmp_path / "head.keras")

    np.testing.assert_allclose(values(loaded(list(GIVEN))), head(*GIVEN), atol=5e-6)


def test_default_is_as_large_as_described():
    head = PivotMaskHead()
    head.build((None, None, 64), (None, None, 64))

    dense = 64 * 64 + 64
    block = 4 * dense + 2 * dense + 4 * 64
    mask = 64 * 32 + 32 + 32 * 16 + 16 + 16 + 1
    assert head.count_params() == 2 * dense + 5 * block + mask


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"heads": 3}, "divide `width`.*heads=3, width=64"),
        ({"blocks": -1}, "`blocks` must be at least 0.*blocks=-1"),
        ({"mask_units": [0]}, r"mask_units=\(0,\)"),
    ],
)
def test_impossible_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        PivotMaskHead(**arguments)


def test_pivots_of_another_kind_are_refused():
    with pytest.raises(ValueError, match=r"same features.*5 and 4 features"):
        PivotMaskHead()(TOKENS, PIVOTS[..., :4])
