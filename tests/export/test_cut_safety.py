"""Rows near a cut, and the count of those that cross it."""

from __future__ import annotations

import numpy as np
import pytest

from export import cut_safety
from export.cut_safety import Cuts, Tally
from export.parity import Probe


def sigmoid_of_first(features, category):
    """A network whose score is that of its first column."""
    value = np.clip(np.nan_to_num(features[:, :1]), -30, 30)
    return (1 / (1 + np.exp(-value))).astype(np.float32)


def pairs(rows=50, width=3):
    rng = np.random.default_rng(4)
    above = rng.normal(size=(rows, width)).astype(np.float32)
    below = rng.normal(size=(rows, width)).astype(np.float32)
    above[:, 0], below[:, 0] = 5 + above[:, 0] ** 2, -5 - below[:, 0] ** 2
    category = np.full((rows, 1), 4, np.float32)
    return Probe(above, category), Probe(below, category)


def slow_near_cut(runtime, passing, failing, cut, steps, kept):
    """Bisection of one pair after another."""
    found = []
    for row in range(len(cut)):
        above, below = passing.features[row], failing.features[row]
        category, path = passing.category[row : row + 1], []
        for _ in range(steps):
            middle = np.float32(0.5) * above + np.float32(0.5) * below
            score = 2 * runtime(middle[None], category)[0, 0] - 1
            above, below = (middle, below) if score > cut[row] else (above, middle)
            path.append(middle)
        found.append(path[-kept:])
    return np.array(found).transpose(1, 0, 2).reshape(-1, passing.features.shape[1])


def test_search_is_bisection_row_by_row():
    passing, failing = pairs(10)
    cut = np.linspace(-0.5, 0.5, 10, dtype=np.float32)

    found = cut_safety.near_cut(sigmoid_of_first, passing, failing, cut)

    expected = slow_near_cut(sigmoid_of_first, passing, failing, cut, 30, 16)
    np.testing.assert_array_equal(found.features, expected)
    assert found.category.shape == (160, 1)


def test_searched_rows_lie_on_both_sides_within_the_band():
    passing, failing = pairs()
    cut = np.full(50, 0.3, np.float32)

    found = cut_safety.near_cut(sigmoid_of_first, passing, failing, cut)

    score = cut_safety.score_of(sigmoid_of_first(found.features, found.category))
    near = np.abs(score - np.float64(np.float32(0.3))) < cut_safety.BAND
    assert near.mean() > 0.5
    assert (score[near] > np.float32(0.3)).any()
    assert (score[near] <= np.float32(0.3)).any()


def test_searched_rows_visit_every_cut_that_divides_a_category():
    rng = np.random.default_rng(1)
    features = rng.normal(size=(400, 3)).astype(np.float32) * 3
    category = np.repeat(np.float32([4, 5, 7, 9]), 100)[:, None]
    features[300:, 0] = 20.0  # all of category 9 pass
    points = {"loose": Cuts(-0.4), "tight": Cuts(0.1, {5: 0.6})}

    found = list(
        cut_safety.searched_rows(
            sigmoid_of_first, Probe(features, category), points, 1600, rng
        )
    )

    score = [
        cut_safety.score_of(sigmoid_of_first(p.features, p.category))[-1] for p in found
    ]
    assert [p.category[0, 0] for p in found] == [4, 5, 7, 4, 5, 7]
    expected = [-0.4, -0.4, -0.4, 0.1, 0.6, 0.1]
    np.testing.assert_allclose(score, expected, atol=1e-6)


def test_cuts_are_those_of_the_category_where_it_has_one():
    cuts = Cuts(0.25, {4: -0.5, 22: 0.75})

    found = cuts.at(np.float32([4, 5, 22, np.nan]))

    np.testing.assert_array_equal(found, np.float32([-0.5, 0.25, 0.75, 0.25]))
    assert found.dtype == np.float32


def test_tally_tells_flips_within_the_band_from_those_outside():
    cut = np.float32([0.5] * 5)
    reference = np.float32([0.5 + 5e-7, 0.5 - 5e-7, 0.51, 0.51, 0.4])
    score = np.float32([0.5 - 5e-7, 0.5 - 5e-7, 0.49, 0.52, 0.3])
    tally = Tally()

    tally.add(reference, score, cut)

    assert (tally.rows, tally.near, tally.flips_near, tally.flips) == (5, 2, 1, 1)
    assert tally.farthest == pytest.approx(0.01, rel=1e-4)
    assert tally.difference == pytest.approx(0.1, rel=1e-4)
    assert not tally.safe


def test_score_that_equals_its_cut_does_not_pass():
    tally = Tally()

    tally.add(np.float32([0.5]), np.float32([0.5]), np.float32([0.5]))

    assert (tally.flips_near, tally.flips) == (0, 0)


def test_score_that_is_not_finite_is_not_safe():
    tally = Tally()

    # It fails the cut, as it should, and is still no score.
    tally.add(np.float32([-0.9]), np.float32([np.nan]), np.float32([0.5]))

    assert tally.flips == 0
    assert not tally.safe


def test_compare_keeps_groups_apart():
    features = np.float32([[-1.0], [1.0], [-1.0], [1.0]])
    probe = Probe(features, np.zeros((4, 1), np.float32))
    reference = sigmoid_of_first(features, None)
    seen = []

    found = cut_safety.compare(
        lambda x, y: sigmoid_of_first(np.where(x > 0, -x, x), y),
        probe,
        reference,
        {"one": Cuts(0.0)},
        groups=np.array([0, 0, 1, 1], np.int8),
        block=3,
        advance=seen.append,
    )

    assert {key: tally.flips for key, tally in found.items()} == {
        ("one", 0): 1,
        ("one", 1): 1,
    }
    assert seen == [3, 1]
    whole = cut_safety.total(found.values())
    assert (whole.rows, whole.flips) == (4, 2)


def test_drawn_rows_span_ranges_edges_and_odd_values(spec):
    probe = cut_safety.drawn_rows(spec, 8000, np.random.default_rng(3))

    spanning, edges = probe.features[:4000], probe.features[4000:6000]
    odd = probe.features[6000:]
    assert np.isfinite(probe.features[:6000]).all()
    assert np.isnan(odd).any()
    assert np.isinf(odd).any()
    assert (np.abs(odd[odd != 0]) < 1e-39).any()
    for column in range(spec.width):
        assert len(np.unique(edges[:, column])) >= 7
        transformed = np.abs(spanning[:, column])
        if spec.transforms[column] == "absolute_log1p":
            transformed = np.log1p(transformed / spec.scales[column])
        low, high = spec.lower[column], spec.upper[column]
        assert (transformed > high).any()
        assert ((transformed > low) & (transformed < high)).mean() > 0.2
    assert set(spec.vocabulary) < set(probe.category[:6000, 0].tolist())
    assert np.isnan(probe.category[6000:]).any()
