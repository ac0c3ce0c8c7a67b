"""The peer in PyTorch computes what the Keras network computes."""

import numpy as np
import pytest

from benchmarks.dense_network import dense_network
from network.presets import preset
from trackdnn.settings import ModelSettings
from trackdnn.training.fitting import fit_spec

torch = pytest.importorskip("torch")


def test_network_in_pytorch_gives_the_same_scores(tracks_factory):
    from benchmarks.torch_network import TorchNetwork

    tracks = tracks_factory(2000)
    spec = fit_spec(ModelSettings(), preset("default"), tracks)
    network = dense_network(spec)
    peer = TorchNetwork(spec)
    peer.load(network.get_weights())
    category = tracks.category[:, None].astype("f4")

    score = network([tracks.features, category]).numpy()
    with torch.no_grad():
        logits = peer(torch.from_numpy(tracks.features), torch.from_numpy(category))

    np.testing.assert_allclose(torch.sigmoid(logits).numpy(), score, atol=1e-5)
