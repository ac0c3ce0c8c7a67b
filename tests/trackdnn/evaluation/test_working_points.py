import numpy as np
import pytest

from trackdnn.evaluation.cmssw import format_cut
from trackdnn.evaluation.working_points import (
    apply_cut,
    cut_between,
    find_working_points,
    score_from_probability,
)
from trackdnn.settings import WorkingPoint

EFFICIENCY = WorkingPoint(name="tight", value=0.95)
FAKE_RATE = WorkingPoint(name="pure", target="fake_rate", value=0.2)


def sample(count=3000, seed=1, *, ties=False):
    random = np.random.default_rng(seed)
    label = random.random(count) < 0.6
    p = 1 / (1 + np.exp(-random.normal(np.where(label, 2, -1), 1.5)))
    score = score_from_probability(np.round(p, 2) if ties else p)
    return score, label, random.choice([4, 5, 7], count, p=[0.7, 0.28, 0.02])


def brute(score, label, point):
    """Try the value below every score; keep the best cut that meets the target."""
    best = None
    for value in sorted(set(score.tolist())):
        passed = score >= np.float32(value)
        if point.target == "efficiency":
            if np.sum(passed & label) >= point.value * label.sum() - 1e-9:
                best = passed
        elif best is None and np.sum(passed & ~label) <= point.value * passed.sum():
            best = passed
    return best


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("point", [EFFICIENCY, FAKE_RATE])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_cuts_pass_the_same_tracks_as_brute_force(seed, point, ties):
    score, label, category = sample(1500, seed, ties=ties)

    found = find_working_points(score, label, category, [point], 0.683)

    passed = apply_cut(score, found.overall[point.name].cut)
    np.testing.assert_array_equal(passed, brute(score, label, point))
    for algo in (4, 5):
        rows = category == algo
        cut = found.iterations[algo][point.name]
        passed = apply_cut(score[rows], cut.cut)
        np.testing.assert_array_equal(passed, brute(score[rows], label[rows], point))
        assert cut.efficiency.passed == np.sum(passed & label[rows])
        assert cut.fake_rate.passed == np.sum(passed & ~label[rows])
        assert not cut.fallback


def test_thin_iteration_takes_the_cut_of_all_tracks():
    score, label, category = sample()

    found = find_working_points(score, label, category, [EFFICIENCY], 0.683)

    thin = found.iterations[7]["tight"]
    assert thin.fallback
    assert thin.cut == found.overall["tight"].cut
    assert thin.efficiency.total == np.sum(label & (category == 7))
    assert found.remarks() == [
        f"tight of detachedTripletStep: only {thin.efficiency.total} true tracks, "
        "cut of all tracks taken"
    ]


def test_iteration_of_fakes_only_takes_the_cut_of_all_tracks():
    score, label, category = sample()
    category[~label] = 9
    category[label] = 4

    found = find_working_points(score, label, category, [EFFICIENCY, FAKE_RATE], 0.683)

    assert found.iterations[9]["tight"].remark.startswith("only 0 true tracks")
    assert "no cut has a fake rate of 0.2" in found.iterations[9]["pure"].remark
    assert found.iterations[9]["pure"].efficiency.value is None
    assert found.iterations[4]["pure"].fake_rate.value == 0.0


def test_unreachable_fake_rate_gives_the_lowest_one_and_says_so():
    label = np.arange(400) % 2 == 0
    score = np.zeros(400, np.float32)
    point = WorkingPoint(name="pure", target="fake_rate", value=0.1)

    found = find_working_points(score, label, np.full(400, 4), [point], 0.683)

    assert found.overall["pure"].remark == (
        "no cut has a fake rate of 0.1 or less; this one has the lowest, 0.5"
    )
    assert apply_cut(score, found.overall["pure"].cut).all()


def test_score_from_probability_is_single_precision():
    p = np.array([0.0, 0.1, 0.5, 0.987654321, 1.0], np.float32)

    score = score_from_probability(p)

    assert score.dtype == np.float32
    np.testing.assert_allclose(score, 2 * p.astype(np.float64) - 1, atol=6e-8)
    assert (score[0], score[-1]) == (-1.0, 1.0)


@pytest.mark.parametrize("seed", range(3))
def test_cut_between_separates_its_neighbours(seed):
    random = np.random.default_rng(seed)
    for _ in range(300):
        dropped = np.float32(random.uniform(-1, 1))
        gap = random.choice([0, 1e-7, 1e-3, 0.5])
        kept = max(np.float32(dropped + gap), np.nextafter(dropped, np.float32(2)))

        cut = np.float32(cut_between(float(kept), float(dropped)))

        assert kept > cut
        assert not dropped > cut


def test_cut_below_the_lowest_score_passes_it():
    for lowest in (-1.0, -0.25, 0.0, 0.75):
        assert np.float32(lowest) > np.float32(cut_between(lowest, None))


def test_written_cuts_flip_no_decision():
    score, label, category = sample(5000, 4)

    found = find_working_points(score, label, category, [EFFICIENCY], 0.683)

    for cuts in found.iterations.values():
        cut = cuts["tight"].cut
        assert np.float32(float(format_cut(cut))) == np.float32(cut)
        np.testing.assert_array_equal(
            apply_cut(score, float(format_cut(cut))), apply_cut(score, cut)
        )


def test_working_points_as_dict_name_iterations_and_rule():
    score, label, category = sample()

    content = find_working_points(score, label, category, [EFFICIENCY], 0.683).to_dict()

    assert content["rule"] == "a track passes when score > cut"
    assert content["points"] == [
        {"name": "tight", "target": "efficiency", "value": 0.95}
    ]
    assert content["iterations"]["initialStep"]["originalAlgo"] == 4
    assert content["iterations"]["detachedTripletStep"]["cuts"]["tight"]["fallback"]
