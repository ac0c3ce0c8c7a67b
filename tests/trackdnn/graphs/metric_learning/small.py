"""A constructor that is trained in a moment."""

from tests.trackdnn.toy_events import toy_event
from trackdnn.settings.finding import MetricLearningSettings

STAGE = {"epochs": 3, "learning_rate": 5e-3, "batch_size": 1, "lanes": 1}


def small(**changes):
    """Settings of a small network."""
    given = {
        "node_features": ("position", "turn"),
        "width": 16,
        "depth": 2,
        "dimensions": 3,
        "queries": 100,
        "negatives": 2.0,
        "stages": [STAGE],
    }
    return MetricLearningSettings(**{**given, **changes})


def events(number=6, particles=30, **changes):
    """Some events to learn from."""
    return [
        toy_event(particles, noise=10, seed=seed, **changes) for seed in range(number)
    ]
