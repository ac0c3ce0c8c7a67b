"""Columns: float32, and weights of mean 1."""

import dataclasses

import numpy as np
import pytest

from trackdnn.errors import TrainingError
from trackdnn.settings import Stage
from trackdnn.training.columns import columns_of


@pytest.mark.parametrize("weights", ["none", "log_pt", "algorithm_class"])
def test_columns_have_weights_of_mean_one(parts, weights):
    columns = columns_of("training", parts[0], Stage(weights=weights))

    assert columns.weight.mean() == pytest.approx(1.0, abs=1e-5)
    assert all(array.dtype == np.float32 for array in columns.arrays())


def test_columns_hold_the_tracks(parts):
    tracks = parts[0]

    columns = columns_of("training", tracks, Stage())

    np.testing.assert_array_equal(columns.features, tracks.features)
    np.testing.assert_array_equal(columns.category[:, 0], tracks.category)
    np.testing.assert_array_equal(columns.label[:, 0] > 0, tracks.label)


def test_columns_refuse_tracks_without_labels(parts):
    tracks = dataclasses.replace(parts[0], label=None)

    with pytest.raises(TrainingError, match="0 true tracks of 1203"):
        columns_of("training", tracks, Stage())


def test_columns_refuse_weights_that_are_all_zero(parts):
    features = np.zeros_like(parts[0].features)
    tracks = dataclasses.replace(parts[0], features=features)

    with pytest.raises(TrainingError, match=r"mean=0.0 with training.weights='log_pt'"):
        columns_of("training", tracks, Stage(weights="log_pt"))
