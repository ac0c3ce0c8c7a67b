"""Scores beside plain counting."""

import math

import numpy as np
import pytest

from tests.trackdnn.graphs.module_map.toy_maps import toy_map
from tests.trackdnn.toy_events import toy_event
from trackdnn.graphs.module_map.confirming import find_fits
from trackdnn.graphs.module_map.geometry import doublets
from trackdnn.graphs.module_map.regions import places_of
from trackdnn.graphs.module_map.scoring import SIZES, bins_of, learn_scoring
from trackdnn.graphs.module_map.search import find_doublets


def binned(event):
    """Bins of the doublets of a toy map, and which are true."""
    settings, learned = toy_map()
    places = places_of(event.hits, settings)
    pairs = find_doublets(places, learned)
    found = doublets(places, pairs)
    fits = find_fits(places, pairs, found, learned)
    first, second = event.owner()[pairs]
    true = (first == second) & (first >= 0)
    return bins_of(places, pairs, found, fits, learned), true


def test_each_quantity_has_its_part_of_the_table():
    bins, _ = binned(toy_event(60, noise=60))
    ends = np.cumsum(SIZES)

    assert bins.shape[0] == len(SIZES)
    for row, end, size in zip(bins, ends, SIZES, strict=True):
        assert (row >= end - size).all()
        assert (row < end).all()
        assert len(set(row)) > 3


def test_log_ratios_are_those_of_plain_counting():
    bins, true = binned(toy_event(60, noise=60))
    scoring = learn_scoring([bins], [true])

    for place in np.unique(bins)[::7]:
        inside = (bins == place).any(axis=0)
        right, wrong = (inside & true).sum() + 1, (inside & ~true).sum() + 1
        expected = math.log(right / true.sum()) - math.log(wrong / (~true).sum())
        assert scoring.ratios[place] == pytest.approx(expected)


def test_scores_are_shares_of_true_doublets():
    parts = [binned(toy_event(80, noise=80, seed=seed)) for seed in (30, 31)]
    bins, true = zip(*parts, strict=True)
    scoring = learn_scoring(bins, true)
    score = np.concatenate([scoring.score(one) for one in bins])
    right = np.concatenate(true)

    assert score.dtype == np.float32
    assert (score >= 0).all()
    assert (score <= 1).all()
    assert (np.diff(scoring.scores) >= 0).all()
    assert score.sum() == pytest.approx(right.sum(), rel=0.1)
    assert score[right].mean() > 2 * score[~right].mean()


def test_scores_rank_the_doublets_of_other_events():
    scoring = learn_scoring(*zip(binned(toy_event(80, noise=80)), strict=True))
    bins, true = binned(toy_event(80, noise=80, seed=44))
    score = scoring.score(bins)
    good, bad = score[true], score[~true]
    area = (good[:, None] > bad).mean() + 0.5 * (good[:, None] == bad).mean()

    assert area > 0.85


@pytest.mark.parametrize("events", [[], [toy_event(0)], [toy_event(0, noise=30)]])
def test_scores_without_anything_to_learn_from(events):
    parts = [binned(event) for event in events]
    scoring = learn_scoring([one for one, _ in parts], [one for _, one in parts])
    score = scoring.score(binned(toy_event(20))[0])

    assert ((score >= 0) & (score <= 1)).all()
