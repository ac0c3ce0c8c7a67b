import dataclasses

import numpy as np
import pytest

from trackdnn.data.features import CATEGORY_BRANCH, FEATURE_NAMES
from trackdnn.evaluation.importance import permutation_importance
from trackdnn.evaluation.metrics import auc


def run(predict, tracks, **options):
    options = {"repeats": 2, "most_tracks": 10_000, **options}
    random = np.random.default_rng(options.pop("seed", 1))
    return permutation_importance(predict, tracks, random=random, **options)


def test_importance_equals_one_shuffle_at_a_time(tracks, predict):
    found = {one.name: one for one in run(predict, tracks)}

    random = np.random.default_rng(1)
    before = auc(predict(tracks), tracks.label)
    for column, name in enumerate([*FEATURE_NAMES, CATEGORY_BRANCH]):
        drops = []
        for _ in range(2):
            order = random.permutation(len(tracks))
            if name == CATEGORY_BRANCH:
                changed = dataclasses.replace(tracks, category=tracks.category[order])
            else:
                features = tracks.features.copy()
                features[:, column] = features[order, column]
                changed = dataclasses.replace(tracks, features=features)
            drops.append(before - auc(predict(changed), tracks.label))
        assert found[name].drop == pytest.approx(np.mean(drops), abs=1e-12)
        assert found[name].spread == pytest.approx(np.std(drops, ddof=1), abs=1e-12)


def test_importance_names_the_inputs_that_are_used(tracks, predict):
    found = run(predict, tracks)

    assert {one.name for one in found[:2]} == {"nChi2", "nOuterLost"}
    unused = [one for one in found if one.name == "phi"]
    assert (unused[0].drop, unused[0].spread) == (0.0, 0.0)
    drops = [one.drop for one in found]
    assert drops == sorted(drops, reverse=True)


def test_importance_takes_no_more_tracks_than_asked(tracks, predict):
    sizes = []

    def watched(part):
        sizes.append(len(part))
        return predict(part)

    run(watched, tracks, most_tracks=300, repeats=3)

    assert sizes == [300] + [900] * 30


def test_importance_leaves_the_tracks_as_they_were(tracks, predict):
    before = tracks.features.copy()

    run(predict, tracks)

    np.testing.assert_array_equal(tracks.features, before)


def test_importance_reports_its_progress(tracks, predict):
    seen = []

    run(predict, tracks, progress=lambda done, total: seen.append((done, total)))

    assert seen[0] == (1, 30)
    assert seen[-1] == (30, 30)


def test_importance_of_no_repeats_or_one_class_is_empty(tracks, predict):
    assert run(predict, tracks, repeats=0) == ()
    assert run(predict, tracks.take(tracks.label)) == ()


def test_importance_of_one_repeat_has_no_spread(tracks, predict):
    assert {one.spread for one in run(predict, tracks, repeats=1)} == {0.0}
