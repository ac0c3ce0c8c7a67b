"""Made-up tracks with a known relation between inputs and truth."""

import numpy as np
import pytest

from trackdnn.data.features import FEATURE_NAMES
from trackdnn.data.tracks import Tracks


def build_tracks(count=4000, seed=1, events=40):
    """Tracks whose chi2, ptErr and iteration tell true from fake; no physics."""
    random = np.random.default_rng(seed)
    label = random.random(count) < 0.6
    features = random.normal(size=(count, len(FEATURE_NAMES))).astype(np.float32)
    column = {name: index for index, name in enumerate(FEATURE_NAMES)}
    features[:, column["trk_pt"]] = 0.5 + random.exponential(1.5, count)
    features[:, column["eta"]] = random.uniform(-2.9, 2.9, count)
    features[:, column["phi"]] = random.uniform(-np.pi, np.pi, count)
    features[:, column["dxy"]] = 0.05 * random.standard_cauchy(count)
    features[:, column["nChi2"]] = random.gamma(np.where(label, 3, 6), 0.4)
    features[:, column["ptErr"]] = random.gamma(np.where(label, 2, 3), 0.1)
    category = random.choice([4, 5, 7, 9], count, p=[0.6, 0.25, 0.14, 0.01])
    event = np.sort(random.integers(0, events, count)).astype(np.uint64)
    mva = np.clip(1.5 - features[:, column["nChi2"]], -1, 1)
    vertices = random.integers(20, 90, events)[event.astype(np.int64)]
    extras = {"trk_mva": mva, "n_vertices": vertices}
    return Tracks(
        features=features,
        category=category.astype(np.int32),
        label=label,
        event=event,
        sample=np.zeros(count, np.int16),
        extras={name: values.astype(np.float32) for name, values in extras.items()},
    )


def score_tracks(tracks):
    """A fixed classifier: a logistic function of two inputs and the iteration."""
    chi2 = tracks.features[:, FEATURE_NAMES.index("nChi2")]
    error = tracks.features[:, FEATURE_NAMES.index("ptErr")]
    logit = 4.2 - 2.2 * chi2 - 3 * error + 0.1 * (tracks.category == 4)
    return (1 / (1 + np.exp(-logit))).astype(np.float32)


@pytest.fixture(scope="session")
def make_tracks():
    return build_tracks


@pytest.fixture(scope="session")
def predict():
    return score_tracks


@pytest.fixture(scope="session")
def tracks():
    return build_tracks()
