import itertools

import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from tests.trackdnn.tracking.builders.chains import chains
from tests.trackdnn.tracking.pivots.drawn_graphs import (
    drawn_table,
    neighbours,
    plain_surroundings,
)
from trackdnn.data.randomness import generator
from trackdnn.settings.finding import MaskSettings
from trackdnn.tracking.pivots.adjacency import adjacency_of
from trackdnn.tracking.pivots.micrographs import (
    draw_micrographs,
    majority,
    random_step,
)
from trackdnn.tracking.pivots.walking import NO_HIT

SETTINGS = MaskSettings(micrographs=60, tokens=24, reach=4)


@pytest.fixture(scope="module")
def graph():
    """Owners, edges and scores of a toy event."""
    event = toy_event(40, noise=40)
    made = chains(event, false=400)
    return event.owner(), made.edges, made.score


def drawn(graph, seed=1, **changes):
    settings = SETTINGS.model_copy(update=changes)
    rng = generator(seed, "micrographs", 1)
    return draw_micrographs(*graph, rng, settings, 500.0)


def listed(columns, name):
    valid = columns[f"{name}_valid"] > 0
    rows = columns[f"{name}s"]
    return [row[there].tolist() for row, there in zip(rows, valid, strict=True)]


def plain_majority(owner, pivots):
    votes = {}
    for hit in pivots:
        one = max(owner[hit], -1)
        votes[one] = votes.get(one, 0) + 1
    best = [one for one, count in votes.items() if count == max(votes.values())]
    return best[0] if len(best) == 1 and best[0] >= 0 else None


def test_micrographs_have_the_columns_of_a_unit(graph):
    columns = drawn(graph)

    assert {name: (one.shape, one.dtype.name) for name, one in columns.items()} == {
        "tokens": ((60, 24), "int32"),
        "token_valid": ((60, 24), "float32"),
        "pivots": ((60, 3), "int32"),
        "pivot_valid": ((60, 3), "float32"),
        "mask_label": ((60, 24), "float32"),
        "mask_weight": ((60,), "float32"),
    }
    assert columns["mask_weight"].sum() == pytest.approx(500.0)


def test_micrographs_are_the_same_from_the_same_numbers_only(graph):
    one, same, other = drawn(graph), drawn(graph), drawn(graph, seed=2)

    for name in one:
        np.testing.assert_array_equal(one[name], same[name])
    assert (one["tokens"] != other["tokens"]).any()


def test_micrographs_walk_over_true_edges(graph):
    owner, edges, _ = graph
    pairs = set(map(tuple, np.concatenate([edges, edges[::-1]], axis=1).T.tolist()))

    for path in listed(drawn(graph, wrong=0.0), "pivot"):
        assert len(set(path)) == len(path) >= 2
        assert len(set(owner[path])) == 1
        assert owner[path[0]] >= 0
        assert all(pair in pairs for pair in itertools.pairwise(path))


def test_micrographs_astray_take_one_false_edge(graph):
    owner, edges, _ = graph
    pairs = set(map(tuple, np.concatenate([edges, edges[::-1]], axis=1).T.tolist()))
    false = []

    for path in listed(drawn(graph, wrong=1.0, micrographs=300), "pivot"):
        steps = list(itertools.pairwise(path))
        assert all(pair in pairs for pair in steps)
        wrong = [owner[one] != owner[other] or owner[one] < 0 for one, other in steps]
        false.append(sum(wrong))
    assert set(false) == {0, 1}
    assert sum(false) > 150


def test_micrographs_astray_are_the_asked_share(graph):
    owner = graph[0]
    paths = listed(drawn(graph, wrong=0.3, micrographs=2000), "pivot")

    # Not all of them find a false edge where they want to take it.
    share = np.mean([len(set(owner[path])) > 1 for path in paths])
    assert 0.15 < share < 0.3


def test_micrographs_are_labelled_by_the_majority_of_the_pivots(graph):
    owner = graph[0]
    columns = drawn(graph, wrong=0.7, micrographs=300)
    tokens, labels = listed(columns, "token"), columns["mask_label"]
    empty = 0

    for pivots, hits, label in zip(
        listed(columns, "pivot"), tokens, labels, strict=True
    ):
        target = plain_majority(owner, pivots)
        expected = [target is not None and owner[hit] == target for hit in hits]
        assert label[: len(hits)].tolist() == expected
        assert not label[len(hits) :].any()
        empty += target is None
    assert 0 < empty < 300


def test_micrographs_keep_true_hits_and_a_share_of_false_ones(graph):
    owner, edges, score = graph
    around = neighbours(adjacency_of(len(owner), edges, score))
    columns = drawn(graph, wrong=0.0, tokens=480, micrographs=300)
    kept = []

    for pivots, tokens in zip(
        listed(columns, "pivot"), listed(columns, "token"), strict=True
    ):
        target = owner[pivots[0]]
        least = plain_surroundings(
            around, pivots, 4, 480, lambda hit, whose=target: owner[hit] == whose
        )
        most = plain_surroundings(around, pivots, 4, 480)
        assert set(least) <= set(tokens) <= set(most)
        # Of the false hits one edge away, nothing but chance decides.
        near = set(plain_surroundings(around, pivots, 1, 480))
        false = {hit for hit in near if owner[hit] != target}
        if len(false) > 3:
            kept.append(len(false & set(tokens)) / len(false))
    assert min(kept) < 0.1
    assert max(kept) > 0.9
    assert np.mean(kept) == pytest.approx(0.5, abs=0.06)


def test_micrographs_equal_plain_loops_over_their_tokens(graph):
    """With the same chances, the surroundings that plain loops find."""
    owner, edges, score = graph
    around = neighbours(adjacency_of(len(owner), edges, score))
    columns = drawn(graph, wrong=0.0)

    for pivots, tokens in zip(
        listed(columns, "pivot"), listed(columns, "token"), strict=True
    ):
        kept = set(tokens)
        again = plain_surroundings(around, pivots, 4, 24, kept.__contains__)
        assert again == tokens


@pytest.mark.parametrize("seed", range(3))
def test_majority_equals_plain_loops(seed):
    rng = np.random.default_rng(seed)
    owner = rng.integers(-1, 4, 30)
    pivots = np.stack([rng.permutation(30)[:5] for _ in range(200)])
    pivots[np.arange(5) >= rng.integers(1, 6, 200)[:, None]] = NO_HIT

    found = majority(owner, pivots)

    expected = [plain_majority(owner, row[row != NO_HIT]) for row in pivots]
    assert [None if one < 0 else one for one in found.tolist()] == expected
    assert expected.count(None) > 10


def test_majority_of_noise_is_nobody_and_equals_no_noise():
    owner = np.array([-1, -1, 3, -1])

    assert majority(owner, np.array([[0, 1, 2]])).tolist() == [-2]
    assert majority(owner, np.array([[2, NO_HIT, NO_HIT]])).tolist() == [3]
    assert majority(owner, np.zeros((0, 3), dtype=np.int64)).tolist() == []


def test_random_step_goes_to_a_neighbour_with_the_lowest_lot():
    table = drawn_table(1, edges=90)
    path = np.random.default_rng(1).integers(0, 40, (200, 2))

    step = random_step(table, path, np.random.default_rng(2))

    lots = np.random.default_rng(2)
    around = {hit: table.neighbour[table.hit == hit].tolist() for hit in range(40)}
    for way, found in zip(path.tolist(), step.tolist(), strict=True):
        drawn_lots = {hit: lots.random() for hit in around[way[-1]]}
        new = [hit for hit in drawn_lots if hit not in way]
        assert found == min(new, key=drawn_lots.get, default=NO_HIT)


def test_micrographs_of_noise_alone_have_no_true_token():
    event = toy_event(0, noise=30)
    pairs = np.array([[0, 1, 2, 3], [1, 2, 3, 4]])

    columns = drawn((event.owner(), pairs, np.ones(4, "f4")))

    assert len(columns["tokens"]) == 60
    assert columns["token_valid"].any()
    assert not columns["mask_label"].any()


@pytest.mark.parametrize("hits", [0, 1, 5])
def test_micrographs_without_edges_are_none(hits):
    owner = np.zeros(hits, "i4")

    columns = drawn((owner, np.zeros((2, 0), "i4"), np.zeros(0, "f4")))

    assert columns["tokens"].shape == columns["mask_label"].shape == (0, 24)
    assert columns["mask_weight"].shape == (0,)


@pytest.mark.parametrize("pivots", [1, 2])
def test_micrographs_may_have_few_pivots(graph, pivots):
    columns = drawn(graph, pivots=pivots)

    assert columns["pivots"].shape == (60, pivots)
    assert columns["mask_label"].sum() > 60
