"""Random owners and tracks of small events, with every kind of corner."""

import numpy as np


def random_labelling(number, *, hits=60):
    """Owner of each hit, its weight and its track; -1 for nobody and for no track."""
    rng = np.random.default_rng([11, number])
    size = int(rng.integers(0, hits))
    particles = int(rng.integers(1, 12))
    owner = rng.integers(-1, particles, size)
    labels = np.where(owner >= 0, owner, rng.integers(-1, 5, size))
    wrong = rng.random(size) < rng.choice([0.0, 0.2, 0.5, 1.0])
    labels[wrong] = rng.integers(-1, rng.integers(1, 15), wrong.sum())
    weight = np.where(owner >= 0, rng.random(size), 0.0)
    return owner, labels, weight, particles


def lists(tracks):
    return [tracks[number].tolist() for number in range(len(tracks))]
