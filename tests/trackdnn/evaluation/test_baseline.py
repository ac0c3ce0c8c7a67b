import dataclasses

import numpy as np
import pytest

from trackdnn.errors import InputError, NoTracksError
from trackdnn.evaluation import baseline
from trackdnn.evaluation.baseline import BoostingSettings, fit_trees, train_baseline
from trackdnn.evaluation.metrics import auc

QUICK = BoostingSettings(iterations=15, leaves=8)


def train(tracks, **options):
    random = np.random.default_rng(1)
    return train_baseline(tracks, seed=1, random=random, settings=QUICK, **options)


def test_baseline_learns(tracks, tracks_factory):
    trees = train(tracks)

    other = tracks_factory(2000, seed=9)
    assert auc(trees.predict(other), other.label) > 0.95
    assert 0 < trees.count <= 15


def test_baseline_repeats_itself(tracks):
    first, second = train(tracks).predict(tracks), train(tracks).predict(tracks)

    np.testing.assert_array_equal(first, second)


def test_baseline_takes_nan_infinity_and_unknown_algorithms(tracks):
    trees = train(tracks)
    features = tracks.features.copy()
    features[0], features[1] = np.nan, np.inf
    category = tracks.category.copy()
    category[2] = 40
    odd = dataclasses.replace(tracks, features=features, category=category)

    assert np.isfinite(trees.predict(odd)).all()
    assert np.isfinite(train(odd).predict(odd)).all()


def test_baseline_stops_on_events_that_it_does_not_learn_from(tracks, monkeypatch):
    seen = {}

    def record(train, validation, **options):
        seen.update(train=train, validation=validation)

    monkeypatch.setattr("trackdnn.evaluation.baseline.fit_trees", record)
    train(tracks)

    assert not {*seen["train"].event} & {*seen["validation"].event}
    assert len(seen["train"]) + len(seen["validation"]) == len(tracks)


def test_baseline_learns_from_no_more_tracks_than_asked(tracks, monkeypatch):
    seen = {}
    monkeypatch.setattr(
        "trackdnn.evaluation.baseline.fit_trees",
        lambda train, validation, **options: seen.update(train=train),
    )

    train(tracks, most_tracks=500)

    assert len(seen["train"]) == 500


@pytest.mark.parametrize(("tracks", "cpus", "expected"), [(10, 8, 1), (10**6, 3, 3)])
def test_small_samples_grow_on_one_thread(tracks, cpus, expected, monkeypatch):
    asked = []
    monkeypatch.setattr(baseline.os, "cpu_count", lambda: cpus)
    monkeypatch.setattr(
        baseline, "threadpool_limits", lambda limits, user_api: asked.append(limits)
    )

    baseline._threads(tracks)

    assert asked == [expected]


def test_baseline_needs_labels(tracks):
    bare = dataclasses.replace(tracks, label=None)

    with pytest.raises(NoTracksError, match=r"must have labelled tracks.*labels=no"):
        train(bare)


def test_baseline_needs_more_than_one_event(tracks):
    one_event = tracks.take(tracks.event == tracks.event[0])

    with pytest.raises(NoTracksError, match="Received: tracks=0"):
        train(one_event)


def test_baseline_needs_both_classes(tracks):
    with pytest.raises(InputError, match="must have true and fake tracks"):
        fit_trees(tracks.take(tracks.label), tracks, seed=1, settings=QUICK)
