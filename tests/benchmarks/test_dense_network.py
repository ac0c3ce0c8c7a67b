"""The network of the throughput benchmark, and how much there is to compute."""

import numpy as np
import pytest

from benchmarks.dense_network import dense_network, operations
from network.presets import preset
from trackdnn.settings import ModelSettings
from trackdnn.training.fitting import fit_spec


@pytest.fixture
def network(tracks_factory):
    spec = fit_spec(ModelSettings(), preset("default"), tracks_factory(2000))
    return dense_network(spec)


def test_network_scores_tracks(network, tracks_factory):
    tracks = tracks_factory(7)
    category = tracks.category[:, None].astype("f4")

    score = network([tracks.features, category]).numpy()

    assert score.shape == (7, 1)
    assert ((score > 0) & (score < 1)).all()


def test_operations_are_those_of_the_products(network):
    # A product of rows with a kernel: a multiplication and an addition per element.
    kernels = [w for w in network.trainable_variables if len(w.shape) == 2]
    sizes = [2 * int(np.prod(kernel.shape)) for kernel in kernels]
    # The first layer passes no gradient on.
    wanted = 3 * sum(sizes) - sizes[0]

    assert operations(kernels[0].shape[0]) == wanted
