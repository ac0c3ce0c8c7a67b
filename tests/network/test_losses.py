"""Losses per track against their formulas."""

import numpy as np
import pytest

from network.losses import LOSSES, loss

LABEL = np.float32([[0], [1], [1], [0]])
SCORE = np.float32([[0.2], [0.9], [0.4], [0.7]])
GAMMA = 2.0


def right(label, score):
    """Probability that was given to the class that is right."""
    return np.where(label > 0, score, 1 - score)[:, 0]


def test_binary_crossentropy_equals_its_formula():
    found = loss("binary_crossentropy")(LABEL, SCORE)

    np.testing.assert_allclose(found, -np.log(right(LABEL, SCORE)), rtol=1e-5)


def test_binary_focal_crossentropy_equals_its_formula():
    p = right(LABEL, SCORE)

    found = loss("binary_focal_crossentropy")(LABEL, SCORE)

    np.testing.assert_allclose(found, -((1 - p) ** GAMMA) * np.log(p), rtol=1e-5)


@pytest.mark.parametrize("name", LOSSES)
def test_loss_is_finite_at_both_ends(name):
    score = np.float32([[0], [0], [1], [1]])

    assert np.isfinite(loss(name)(LABEL, score)).all()


def test_loss_refuses_an_unknown_name():
    with pytest.raises(ValueError, match="Did you mean 'binary_crossentropy'"):
        loss("binary_cross_entropy")
