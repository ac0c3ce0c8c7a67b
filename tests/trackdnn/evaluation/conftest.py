"""A fixed classifier, and tracks for it."""

import numpy as np
import pytest

from trackdnn.data.features import FEATURE_NAMES


@pytest.fixture(scope="session")
def predict():
    """A logistic function of two inputs and the iteration."""

    def score(tracks):
        chi2 = tracks.features[:, FEATURE_NAMES.index("nChi2")]
        lost = tracks.features[:, FEATURE_NAMES.index("nOuterLost")]
        logit = 2.5 - 1.2 * chi2 - 1.1 * lost + 0.1 * (tracks.category == 4)
        return (1 / (1 + np.exp(-logit))).astype(np.float32)

    return score


@pytest.fixture(scope="session")
def tracks(tracks_factory):
    """4000 tracks of 134 events, about 60 % of them true."""
    return tracks_factory(4000)
