from __future__ import annotations

import numpy as np
import pytest

from trackdnn.errors import InputError
from trackdnn.inference.cuts import Cuts

POINTS = {
    "overall": {"loose": {"cut": -0.5}, "tight": {"cut": 0.5}},
    "iterations": {"initialStep": {"originalAlgo": 4, "cuts": {"loose": {"cut": 0.0}}}},
}


def slow_passing(score, category, name):
    iterations = {4: {"loose": 0.0}}
    overall = {"loose": -0.5, "tight": 0.5}
    return [
        s > iterations.get(algo, {}).get(name, overall[name])
        for s, algo in zip(score.tolist(), category.tolist(), strict=True)
    ]


def test_passing_takes_the_cut_of_the_iteration():
    rng = np.random.default_rng(1)
    score = rng.uniform(-1, 1, 500).astype(np.float32)
    category = rng.choice([4, 5, 99], 500).astype(np.int32)

    flags = Cuts.of(POINTS).passing(score, category)

    assert list(flags) == ["loose", "tight"]
    for name, passed in flags.items():
        assert passed.tolist() == slow_passing(score, category, name)


def test_passing_is_above_the_cut_and_not_at_it():
    score = np.array([0.5, np.nextafter(np.float32(0.5), 1)], np.float32)

    flags = Cuts.of(POINTS).passing(score, np.array([5, 5], np.int32))

    assert flags["tight"].tolist() == [False, True]


def test_passing_takes_no_tracks():
    empty = np.empty(0, np.float32)

    flags = Cuts.of(POINTS).passing(empty, empty.astype(np.int32))

    assert flags["loose"].shape == (0,)


def test_cuts_of_nothing_are_none():
    assert Cuts.of({}).names == ()


@pytest.mark.parametrize("points", [{"overall": {"loose": 3}}, {"iterations": [1]}])
def test_cuts_refuse_another_form(points):
    with pytest.raises(InputError, match="must be those that `evaluate` writes"):
        Cuts.of(points)
