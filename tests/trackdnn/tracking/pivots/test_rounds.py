import itertools

import numpy as np
import pytest

from tests.trackdnn.tracking.pivots.drawn_graphs import (
    draw,
    neighbours,
    plain_surroundings,
    plain_walk,
)
from trackdnn.settings.finding import PivotsSettings
from trackdnn.tracking.pivots.adjacency import adjacency_of
from trackdnn.tracking.pivots.rounds import NO_TRACK, cluster

# No score is equal to the cut.
SETTINGS = PivotsSettings(cut=0.0, walk_cut=0.22, reach=2, tokens=8, failures=2)


def cliques(number, size=6):
    """Disjoint sets of hits, each hit of one with an edge to each other one."""
    sets = [range(size * one, size * (one + 1)) for one in range(number)]
    edges = [pair for one in sets for pair in itertools.combinations(one, 2)]
    score = np.random.default_rng(1).uniform(0.6, 1.0, len(edges))
    return adjacency_of(size * number, np.array(edges).T, score.astype("f4"))


def all_of_them(tokens, valid, pivots, pivot_valid):
    return valid.astype("f4")


def choosy(tokens, valid, pivots, pivot_valid):
    """Takes some of the hits; which ones depends on the micrograph alone."""
    odd = (tokens * 7 + pivots[:, :1] * 3 + pivot_valid.sum(1)[:, None]) % 5
    return np.where(valid, 0.2 * odd + 0.1, 1.0).astype("f4")


def tracks_of(labels):
    return {
        frozenset(np.flatnonzero(labels == one).tolist())
        for one in range(labels.max(initial=-1) + 1)
    }


def one_after_the_other(hits, edges, score, judge, settings):
    """The seed of the highest rank of all, its micrograph, its mask, and again."""
    left, failures, tracks = set(range(hits)), [0] * hits, set()
    while True:
        both = np.array([one in left and other in left for one, other in edges.T])
        both = both.astype(bool)
        around = neighbours(adjacency_of(hits, edges[:, both], score[both]))
        some = [hit for hit in left if around[hit]]
        if not some:
            return tracks
        seed = min(some, key=lambda hit: (failures[hit], -around[hit][0][1], hit))
        pivots = plain_walk(around, seed, settings.pivots, settings.walk_cut)
        tokens = plain_surroundings(around, pivots, settings.reach, settings.tokens)
        chosen = []
        if len(tokens) >= settings.min_hits:
            row = np.array([tokens])
            first = np.array([pivots + [0] * (settings.pivots - len(pivots))])
            there = np.arange(settings.pivots)[None] < len(pivots)
            found = judge(row, np.ones(row.shape, bool), first, there)[0]
            chosen = row[0][found > settings.mask_cut].tolist()
        if len(chosen) >= settings.min_hits:
            tracks.add(frozenset(chosen))
            left -= set(chosen)
            continue
        failures[seed] += 1
        if failures[seed] >= settings.failures:
            left.remove(seed)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    "changes",
    [{}, {"reach": 1, "pivots": 1}, {"reach": 4, "failures": 1}, {"tokens": 4}],
    ids=str,
)
def test_rounds_equal_one_seed_after_the_other(seed, changes):
    edges, score = draw(seed, hits=120, edges=150, levels=20)
    settings = SETTINGS.model_copy(update=changes)

    labels = cluster(adjacency_of(120, edges, score), choosy, settings)

    expected = one_after_the_other(120, edges, score, choosy, settings)
    assert tracks_of(labels) == expected
    assert len(expected) > 3


@pytest.mark.parametrize("number", [1, 3])
def test_rounds_find_as_many_tracks_as_there_are_cliques(number):
    labels = cluster(cliques(number), all_of_them, SETTINGS)

    assert tracks_of(labels) == {
        frozenset(range(6 * one, 6 * one + 6)) for one in range(number)
    }


@pytest.mark.parametrize("rejected", [0, 1, 2])
def test_rounds_keep_masks_in_their_places_when_one_is_rejected(rejected):
    asked = []

    def judge(tokens, valid, pivots, pivot_valid):
        assert (tokens // 6 == tokens[:, :1] // 6)[valid].all()
        asked.extend((pivots[:, 0] // 6).tolist())
        return valid & (tokens // 6 != rejected)

    labels = cluster(cliques(3), judge, SETTINGS)

    others = [one for one in range(3) if one != rejected]
    assert tracks_of(labels) == {
        frozenset(range(6 * one, 6 * one + 6)) for one in others
    }
    assert (labels == NO_TRACK).sum() == 6
    # Each of six hits fails once, then they leave one by one until two are left.
    assert asked.count(rejected) == 6 + 4


def test_rounds_keep_masks_in_their_places_when_one_is_too_small():
    # The pair has the best edge, and comes first.
    edges = np.array([(0, 1), (2, 3), (3, 4), (2, 4), (5, 6), (6, 7), (5, 7)]).T
    score = np.linspace(1.0, 0.7, 7).astype("f4")
    asked = []

    def judge(tokens, valid, pivots, pivot_valid):
        asked.append(valid.sum(axis=1).tolist())
        return valid.astype("f4")

    labels = cluster(adjacency_of(8, edges, score), judge, SETTINGS)

    assert tracks_of(labels) == {frozenset({2, 3, 4}), frozenset({5, 6, 7})}
    assert asked == [[3, 3]]


def test_rounds_look_at_all_components_at_once():
    asked = []

    def judge(tokens, valid, pivots, pivot_valid):
        asked.append(len(tokens))
        return valid.astype("f4")

    cluster(cliques(20), judge, SETTINGS)

    assert asked == [20]


def test_rounds_take_what_a_mask_leaves_for_another_track():
    def halves(tokens, valid, pivots, pivot_valid):
        return valid & (tokens // 3 == pivots[:, :1] // 3)

    labels = cluster(cliques(2), halves, SETTINGS)

    assert tracks_of(labels) == {
        frozenset(range(3 * one, 3 * one + 3)) for one in range(4)
    }


def test_rounds_ask_a_seed_as_often_as_it_may_fail():
    asked = []

    def judge(tokens, valid, pivots, pivot_valid):
        asked.extend(pivots[:, 0].tolist())
        return np.zeros(valid.shape, "f4")

    labels = cluster(cliques(1), judge, SETTINGS.model_copy(update={"failures": 3}))

    assert (labels == NO_TRACK).all()
    # Each of the six may fail three times, until too few are left to ask about.
    assert max(map(asked.count, range(6))) == 3
    assert asked[:6] == [*dict.fromkeys(asked)]


def test_rounds_count_a_probability_only_above_the_cut():
    def judge(tokens, valid, pivots, pivot_valid):
        return np.full(valid.shape, 0.5, "f4")

    assert cluster(cliques(1), judge, SETTINGS).max() == NO_TRACK
    lower = SETTINGS.model_copy(update={"mask_cut": 0.49})
    assert cluster(cliques(1), judge, lower).max() == 0


def test_rounds_do_not_depend_on_the_order_of_edges():
    edges, score = draw(5, hits=120, edges=200)
    turn = np.random.default_rng(1).permutation(len(score))

    one = cluster(adjacency_of(120, edges, score), choosy, SETTINGS)
    other = cluster(adjacency_of(120, edges[::-1, turn], score[turn]), choosy, SETTINGS)

    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("hits", [0, 1, 4])
def test_rounds_without_edges_find_nothing(hits):
    table = adjacency_of(hits, np.zeros((2, 0), "i4"), np.zeros(0, "f4"))

    assert cluster(table, all_of_them, SETTINGS).tolist() == [NO_TRACK] * hits
