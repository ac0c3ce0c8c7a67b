import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from trackdnn.errors import InputError, NoTracksError
from trackdnn.evaluation.metrics import auc, roc_curve


def sample(count, seed, *, ties):
    random = np.random.default_rng(seed)
    label = random.random(count) < 0.5
    label[:2] = True, False
    scores = random.normal(label * 1.0)
    return (np.round(scores, 1) if ties else scores), label, random.random(count)


def auc_by_pairs(scores, label, weights):
    won = total = 0.0
    for i in np.flatnonzero(label):
        for j in np.flatnonzero(~label):
            pair = weights[i] * weights[j]
            total += pair
            won += pair * ((scores[i] > scores[j]) + 0.5 * (scores[i] == scores[j]))
    return won / total


def count_passing(scores, label, threshold):
    true = fake = 0
    for score, is_true in zip(scores, label, strict=True):
        if score >= threshold:
            true, fake = true + is_true, fake + (not is_true)
    return true, fake


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_auc_equals_count_of_pairs(seed, ties):
    scores, label, weights = sample(60, seed, ties=ties)

    assert auc(scores, label) == pytest.approx(
        auc_by_pairs(scores, label, np.ones(60)), abs=1e-12
    )
    assert auc(scores, label, weights) == pytest.approx(
        auc_by_pairs(scores, label, weights), abs=1e-12
    )


@pytest.mark.parametrize("ties", [False, True])
def test_auc_equals_scikit_learn(ties):
    scores, label, weights = sample(5000, 7, ties=ties)

    assert auc(scores, label, weights) == pytest.approx(
        roc_auc_score(label, scores, sample_weight=weights), abs=1e-12
    )


def test_auc_of_perfect_reversed_and_constant_scores():
    label = np.array([True, False, True, False])

    assert auc(label.astype(float), label) == 1.0
    assert auc(-label.astype(float), label) == 0.0
    assert auc(np.zeros(4), label) == 0.5


@pytest.mark.parametrize("ties", [False, True])
def test_roc_curve_equals_loop_over_thresholds(ties):
    scores, label, _ = sample(80, 3, ties=ties)

    curve = roc_curve(scores, label)

    assert curve.thresholds[0] == np.inf
    assert (curve.true_passing[0], curve.fake_passing[0]) == (0, 0)
    assert sorted(set(scores), reverse=True) == curve.thresholds[1:].tolist()
    for point, threshold in enumerate(curve.thresholds):
        true, fake = count_passing(scores, label, threshold)
        assert curve.true_passing[point] == true
        assert curve.fake_passing[point] == fake
        assert curve.efficiency[point] == true / label.sum()
        assert curve.fake_acceptance[point] == fake / (~label).sum()
        assert curve.fake_rate[point] == (fake / (true + fake) if true + fake else 0)


@pytest.mark.parametrize("target", [0.001, 0.5, 0.9, 0.95, 0.99, 1.0])
@pytest.mark.parametrize("ties", [False, True])
def test_at_efficiency_is_the_tightest_threshold_that_reaches_it(target, ties):
    scores, label, _ = sample(200, 11, ties=ties)

    curve = roc_curve(scores, label)

    good = [
        threshold
        for threshold in set(scores)
        if count_passing(scores, label, threshold)[0] >= target * label.sum() - 1e-9
    ]
    assert curve.thresholds[curve.at_efficiency(target)] == max(good)


@pytest.mark.parametrize("target", [0.05, 0.2, 0.4])
@pytest.mark.parametrize("ties", [False, True])
def test_at_fake_rate_is_the_loosest_threshold_that_keeps_it(target, ties):
    scores, label, _ = sample(200, 12, ties=ties)

    curve = roc_curve(scores, label)
    index = curve.at_fake_rate(target)

    good = []
    for threshold in set(scores):
        true, fake = count_passing(scores, label, threshold)
        if fake / (true + fake) <= target:
            good.append(threshold)
    assert (index is None) == (not good)
    assert index is None or curve.thresholds[index] == min(good)


def test_at_fake_rate_is_none_when_the_best_track_is_fake():
    label = np.array([False, True, False])

    assert roc_curve(np.array([3.0, 2.0, 1.0]), label).at_fake_rate(0.1) is None


def test_whole_number_targets_are_met_exactly():
    label = np.arange(200) % 2 == 0
    curve = roc_curve(-np.arange(200.0), label)

    for percent in range(1, 101):
        assert curve.true_passing[curve.at_efficiency(percent / 100)] == percent


def test_nan_scores_are_counted_in_the_error():
    scores, label, _ = sample(10, 1, ties=False)
    scores[[3, 5]] = np.nan

    with pytest.raises(InputError, match=r"must be a number.*2 NaN among 10 scores"):
        roc_curve(scores, label)


def test_one_class_is_an_error():
    with pytest.raises(InputError, match="Received: true=4, fake=0"):
        roc_curve(np.arange(4.0), np.ones(4, bool))


def test_no_tracks_is_an_error():
    with pytest.raises(NoTracksError, match="Received: tracks=0"):
        roc_curve(np.zeros(0), np.zeros(0, bool))


def test_weights_without_one_class_are_an_error():
    label = np.array([True, False])

    with pytest.raises(InputError, match=r"positive sum. Received: true=1, fake=0"):
        roc_curve(np.array([1.0, 0.0]), label, np.array([1.0, 0.0]))
