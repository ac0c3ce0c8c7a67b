import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from trackdnn.errors import BadFileError
from trackdnn.graphs.edge_filter.trees import (
    Trees,
    _below,
    fit_trees,
    load_trees,
    onnx_of,
    trees_of,
)
from trackdnn.settings.finding import EdgeFilterSettings


@pytest.fixture(scope="module")
def fitted():
    rng = np.random.default_rng(1)
    features = rng.normal(size=(4000, 5)).astype("f4")
    features[:, 1] = rng.integers(0, 4, 4000)
    features[rng.random(features.shape) < 0.1] = np.nan
    true = np.nansum(features * [1, 2, -1, 0.5, 0], axis=1) > rng.normal(size=4000)
    trees = HistGradientBoostingClassifier(max_iter=60, early_stopping=False)
    with threadpool_limits(1, user_api="openmp"):
        return trees.fit(features, true), features


def test_trees_give_what_scikit_learn_gives(fitted):
    classifier, features = fitted

    score = Trees(onnx_of(classifier, list("abcde"))).score(features)

    assert score.dtype == np.float32
    expected = classifier.predict_proba(features)[:, 1]
    np.testing.assert_allclose(score, expected, atol=2e-6)


def test_trees_take_values_at_and_beside_their_thresholds(fitted):
    classifier, features = fitted
    nodes = classifier._predictors[0][0].nodes
    split = nodes[nodes["is_leaf"] == 0]
    rows = np.repeat(features[:1], 3 * len(split), axis=0)
    near = split["num_threshold"].astype("f4")
    beside = [near, np.nextafter(near, np.float32(9)), np.nextafter(near, -near)]
    at = np.arange(len(rows))
    rows[at, np.tile(split["feature_idx"], 3)] = np.concatenate(beside)

    score = Trees(onnx_of(classifier, list("abcde"))).score(rows)

    expected = classifier.predict_proba(rows)[:, 1]
    np.testing.assert_allclose(score, expected, atol=2e-6)


def test_trees_can_be_shifted(fitted):
    classifier, features = fitted

    shifted = Trees(onnx_of(classifier, list("abcde"), 0.7)).score(features)

    logit = classifier.decision_function(features) + 0.7
    np.testing.assert_allclose(shifted, 1 / (1 + np.exp(-logit)), atol=2e-6)


def test_trees_of_no_rows_give_no_scores(fitted):
    trees = Trees(onnx_of(fitted[0], list("abcde")))

    assert trees.features == 5
    assert trees.score(np.zeros((0, 5), dtype="f4")).shape == (0,)


def test_trees_refuse_what_is_no_graph():
    with pytest.raises(ValueError, match=r"(?i)protobuf|model"):
        Trees(b"nonsense")


def test_below_never_lets_a_float_pass_that_was_above():
    threshold = np.array([0.1, 1 / 3, 2.0, np.inf, -np.inf, 1e300])

    near = _below(threshold)

    assert (near <= threshold).all()
    assert (np.nextafter(near[:3], np.float32(9)) > threshold[:3]).all()


def test_trees_that_are_fitted_depend_on_no_number_of_threads():
    rng = np.random.default_rng(2)
    features = rng.normal(size=(500, 3)).astype("f4")
    true = features[:, 0] + 0.1 * features[:, 1] > 0
    settings = EdgeFilterSettings(trees=4, leaves=5)

    made = [fit_trees(settings, features, true, seed=3, threads=n) for n in (1, 2)]

    first, second = (onnx_of(one, "abc") for one in made)
    assert first == second
    assert ((Trees(first).score(features) > 0.5) == true).mean() > 0.9


def test_trees_must_be_of_the_features_that_are_asked_for(fitted):
    content = onnx_of(fitted[0], "abcde")

    assert trees_of(content, 5).features == 5
    with pytest.raises(ValueError, match="5 features in place of 4"):
        trees_of(content, 4)


def test_trees_of_a_bad_file_are_refused(tmp_path):
    path = tmp_path / "trees.onnx"
    with pytest.raises(
        BadFileError, match=r"A filter must have the file .*trees\.onnx"
    ):
        load_trees(path, 3, "A filter")
    path.write_bytes(b"none")
    with pytest.raises(BadFileError, match=r"must hold boosted trees of a filter"):
        load_trees(path, 3, "A filter")
