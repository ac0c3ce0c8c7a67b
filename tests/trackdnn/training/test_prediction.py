"""Scores in batches, whatever the batches."""

import keras
import numpy as np
import pytest

from network.builder import ModelBuilder
from trackdnn.settings import ModelSettings
from trackdnn.training.fitting import fit_spec
from trackdnn.training.prediction import predict


@pytest.fixture(scope="module")
def network(parts):
    keras.utils.set_random_seed(1)
    settings = ModelSettings(options={"width": 16, "blocks": 1})
    builder = ModelBuilder(settings)
    return builder.build(fit_spec(settings, builder.preset, parts[0]))


def test_predict_equals_the_model(network, parts):
    tracks = parts[1]
    category = tracks.category[:, None].astype("f4")

    found = predict(network, tracks)

    assert found.dtype == np.float32
    expected = np.asarray(network([tracks.features, category]))[:, 0]
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("batch_size", [1000, 600, 599, 64])
def test_predict_does_not_depend_on_the_batches(network, parts, batch_size):
    np.testing.assert_allclose(
        predict(network, parts[1], batch_size), predict(network, parts[1]), atol=1e-6
    )


def test_predict_sees_new_weights(network, parts):
    before = predict(network, parts[1])

    network.set_weights([weight * 0.5 for weight in network.get_weights()])

    assert not np.allclose(before, predict(network, parts[1]))


def test_predict_takes_no_tracks_for_an_answer(network, parts):
    assert predict(network, parts[1].take(np.array([], "i8"))).shape == (0,)
