from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from trackdnn.inspection.permutation import permute, table


@pytest.fixture(scope="module")
def tracks(tracks_factory):
    tracks = tracks_factory(800)
    rng = np.random.default_rng(3)
    tracks.features[:, 17] = rng.normal(0, 1, 800)
    label = tracks.features[:, 17] + rng.normal(0, 0.3, 800) > 0
    return dataclasses.replace(tracks, label=label)


def score(rows):
    return 1 / (1 + np.exp(-rows[:, [17]].astype(np.float64)))


def test_the_input_that_counts_is_found(tracks):
    found = permute(score, tracks)

    assert found.auc > 0.9
    assert found.drop["eta"] == pytest.approx(found.auc - 0.5, abs=0.05)
    assert found.drop["phi"] == 0
    assert found.change["phi"] == 0


def test_the_change_is_that_of_two_random_tracks(tracks):
    found = permute(score, tracks)

    scores = score(table(tracks))[:, 0]
    total = 0.0
    for one in scores:
        for other in scores:
            total += abs(one - other)
    assert found.change["eta"] == pytest.approx(total / len(scores) ** 2, rel=0.1)


def test_tracks_without_labels_give_the_change_alone(tracks):
    found = permute(score, dataclasses.replace(tracks, label=None))

    assert found.auc is None
    assert found.drop == {}
    assert found.heads == ["shuffled"]
    assert len(found.cells("eta")) == 1
    assert "no labels of both classes" in found.line()


def test_figures_are_told(tracks):
    found = permute(score, tracks)

    assert found.heads == ["shuffled", "AUC lost"]
    assert len(found.cells("eta")) == 2
    assert "among 800 tracks" in found.line()
    assert found.to_dict()["change"]["phi"] == 0
