import math

import pytest

from trackdnn.search.dimensions import Range
from trackdnn.tracking.pipeline.trials import go_on

RANGES = {
    "cut": Range(low=0.01, high=0.99, step=0.01),
    "min_hits": Range(low=3, high=4),
}


def judged(cuts):
    """Best at a cut of 0.42 and four hits."""
    merit = math.exp(-((cuts["cut"] - 0.42) ** 2) / 0.02) - (cuts["min_hits"] == 3) / 10
    return cuts | {"merit": merit}


def grid():
    return [judged({"cut": cut, "min_hits": 3}) for cut in (0.1, 0.3, 0.5, 0.7, 0.9)]


def test_trials_come_closer_to_the_best_than_the_grid():
    found = go_on(RANGES, grid(), judged, trials=40, seed=1)

    best = max(found, key=lambda one: one["merit"])
    assert best["cut"] == pytest.approx(0.42, abs=0.03)
    assert best["min_hits"] == 4
    assert best["merit"] > max(one["merit"] for one in grid()) + 0.1


def test_trials_are_those_of_their_seed():
    one, again, other = (
        go_on(RANGES, grid(), judged, trials=8, seed=seed) for seed in (1, 1, 2)
    )

    assert one == again
    assert one != other


def test_trials_learn_from_the_grid():
    def turned(cuts):
        return cuts | {"merit": -cuts["cut"]}

    wide = {"cut": Range(low=0.0, high=1.0)}
    points = [{"cut": number / 40} for number in range(41)]

    def mean(judge):
        found = go_on(wide, [judge(one) for one in points], judge, trials=8, seed=3)
        return sum(one["cut"] for one in found) / len(found)

    assert mean(turned) < 0.2
    assert mean(lambda cuts: cuts | {"merit": cuts["cut"]}) > 0.8


def test_trials_leave_out_known_points_that_their_ranges_do_not_hold():
    lost = [{"cut": 0.105, "min_hits": 3}, {"cut": 0.1, "min_hits": 2}]

    found = go_on(RANGES, [judged(one) for one in lost], judged, trials=3, seed=1)

    assert found == go_on(RANGES, [], judged, trials=3, seed=1)


def test_trials_judge_no_point_twice_and_count_each_draw():
    asked, steps = [], []
    few = {"cut": Range(low=0.1, high=0.3, step=0.1)}
    known = [{"cut": 0.2, "merit": 0.0}]

    def judge(cuts):
        asked.append(cuts["cut"])
        return cuts | {"merit": cuts["cut"]}

    found = go_on(few, known, judge, trials=12, seed=1, step=lambda: steps.append(None))

    assert sorted(asked) == [0.1, 0.3]
    assert [one["cut"] for one in found] == asked
    assert len(steps) == 12
