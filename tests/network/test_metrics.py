"""The area under the ROC against counting pairs, and against scikit-learn."""

import itertools

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from network.metrics import roc_auc


def twin(label, score):
    """Share of pairs of a true and a fake track in the right order."""
    pairs = itertools.product(score[label], score[~label])
    wins = [1.0 if t > f else 0.5 if t == f else 0.0 for t, f in pairs]
    return float(np.mean(wins))


@pytest.mark.parametrize("decimals", [1, 7])
def test_roc_auc_equals_counting_pairs(decimals):
    rng = np.random.default_rng(2)
    label = rng.random(200) < 0.3
    score = np.round(rng.normal(label, 1.0), decimals)

    assert roc_auc(label, score) == pytest.approx(twin(label, score), abs=1e-12)


def test_roc_auc_equals_scikit_learn_on_many_tracks():
    rng = np.random.default_rng(3)
    label = rng.random(50_000) < 0.8
    score = rng.normal(label, 1.0).astype("f4")

    assert roc_auc(label, score) == pytest.approx(
        roc_auc_score(label, score), abs=1e-12
    )


def test_roc_auc_of_perfect_and_useless_scores():
    label = np.array([True, False, True, False])

    assert roc_auc(label, np.array([0.9, 0.1, 0.8, 0.2])) == 1.0
    assert roc_auc(label, np.zeros(4)) == 0.5


def test_roc_auc_refuses_one_class():
    with pytest.raises(ValueError, match="3 true and 0 fake"):
        roc_auc(np.ones(3, bool), np.zeros(3))


def test_roc_auc_refuses_nan():
    with pytest.raises(ValueError, match="must not hold NaN"):
        roc_auc(np.array([True, False]), np.array([np.nan, 0.0]))
