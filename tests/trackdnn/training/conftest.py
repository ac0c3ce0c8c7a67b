"""Tracks that overlap, and a small network that trains in no time."""

import dataclasses

import numpy as np
import pytest

from trackdnn.settings import LocalSettings, ModelSettings, Stage

QUICK = {"epochs": 2, "batch_size": 256, "early_stopping": None}


@pytest.fixture(scope="session")
def noisy_tracks():
    """A function of a count and a seed; one label in ten is wrong."""
    from tests.conftest import make_tracks

    def make(count, seed):
        tracks = make_tracks(count, seed)
        wrong = np.random.default_rng([seed, 9]).random(count) < 0.1
        return dataclasses.replace(tracks, label=tracks.label ^ wrong)

    return make


@pytest.fixture(scope="session")
def parts(noisy_tracks):
    """Training and validation tracks."""
    return noisy_tracks(1203, 1), noisy_tracks(600, 2)


@pytest.fixture
def small():
    """Settings of a small network."""
    return ModelSettings(options={"width": 16, "blocks": 1})


@pytest.fixture
def train(parts, small):
    """A function of changes to a quick stage; trains the small network."""
    from network.builder import ModelBuilder
    from trackdnn.training.fitting import fit_spec
    from trackdnn.training.trainer import ModelTrainer

    def run(*, seed=1, model=small, local=None, data=parts, **stage):
        builder = ModelBuilder(model)
        spec = fit_spec(model, builder.preset, parts[0])
        trainer = ModelTrainer(
            Stage(**{**QUICK, **stage}), local or LocalSettings(), seed
        )
        return trainer.train(lambda: builder.build(spec), *data)

    return run
