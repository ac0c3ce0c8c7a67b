"""Weights against loops over tracks."""

from __future__ import annotations

import math

import numpy as np
import pytest

from trackdnn.data.weights import sample_weights
from trackdnn.errors import TrainingError


def test_no_weights_are_one(tracks_factory):
    weights = sample_weights(tracks_factory(10), "none")

    assert weights.tolist() == [1.0] * 10
    assert weights.dtype == np.float32


def test_log_pt_weights_equal_their_slow_twin(tracks_factory):
    tracks = tracks_factory(100)
    tracks.features[:3, 0] = (0.0, 50.0, 7000.0)

    weights = sample_weights(tracks, "log_pt")

    expected = [math.log(1 + min(pt, 50.0)) for pt in tracks.features[:, 0].tolist()]
    np.testing.assert_allclose(weights, expected, rtol=1e-6)


def test_log_pt_weights_are_finite_for_any_pt(tracks_factory):
    tracks = tracks_factory(4)
    tracks.features[:, 0] = (np.nan, np.inf, -np.inf, -3.0)

    weights = sample_weights(tracks, "log_pt")

    np.testing.assert_allclose(weights, [0.0, math.log(51), 0.0, 0.0], rtol=1e-6)


def test_algorithm_class_weights_equal_their_slow_twin(tracks_factory):
    tracks = tracks_factory(200)
    pairs = list(zip(tracks.category.tolist(), tracks.label.tolist(), strict=True))

    weights = sample_weights(tracks, "algorithm_class")

    expected = [0.1 * 200 / pairs.count(pair) for pair in pairs]
    np.testing.assert_allclose(weights, expected, rtol=1e-6)
    totals = dict.fromkeys(pairs, 0.0)
    for pair, weight in zip(pairs, weights.tolist(), strict=True):
        totals[pair] += weight
    assert list(totals.values()) == pytest.approx([20.0] * len(totals), rel=1e-5)


def test_algorithm_class_weights_need_labels(tracks_factory):
    with pytest.raises(TrainingError, match="need labelled tracks"):
        sample_weights(tracks_factory(5, label=False), "algorithm_class")


def test_unknown_weights_are_refused(tracks_factory):
    with pytest.raises(ValueError, match="Received: kind='pt'"):
        sample_weights(tracks_factory(5), "pt")
