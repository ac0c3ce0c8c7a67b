from __future__ import annotations

import numpy as np
import pytest

from trackdnn.inspection.odd_values import find_odd_values
from trackdnn.inspection.plausible import Reference


@pytest.fixture(scope="module")
def reference():
    names = ("clean", "raw", "dead", "clipped", "code")
    rows = np.random.default_rng(4).normal(0, 1, (32, 5)).astype(np.float32)
    rows[:, 4] = 5
    return Reference(
        names=names,
        rows=rows,
        values=(rows[:, 0],) * 5,
        scales=("linear",) * 4 + ("code",),
        sample=rows,
        origin="",
    )


def score(rows):
    """The first is cleaned of NaN, the fourth clipped, the fifth a code of 5."""
    with np.errstate(all="ignore"):
        clean = np.nan_to_num(rows[:, 0], nan=0.0, posinf=1e30, neginf=-1e30)
        x = np.tanh(clean) + rows[:, 1] + np.clip(rows[:, 3], -1, 1)
    return (x + (rows[:, 4] == 5))[:, None]


@pytest.fixture(scope="module")
def found(reference):
    return find_odd_values(score, reference, 1.0)


def test_effects_are_those_of_a_loop(found):
    assert found.effects == {
        "NaN": ("as 0", "not finite", "no effect", "not finite", "as unknown"),
        "+Inf": ("as 1e30", "not finite", "no effect", "as 1e30", "as unknown"),
        "-Inf": ("as -1e30", "not finite", "no effect", "as -1e30", "as unknown"),
    }


def test_lines_name_the_inputs(found):
    nan, plus, _ = found.lines()

    assert "taken as 0 in clean" in nan
    assert "not finite in raw, clipped" in nan
    assert "taken as unknown in code" in nan
    assert "taken as 1e30 in clean, clipped" in plus


def test_most_inputs_are_called_others(reference):
    found = find_odd_values(
        lambda rows: rows[:, :4].sum(1, keepdims=True), reference, 1
    )

    assert found.lines()[0] == "NaN: no effect in code; not finite in all 4 others"


def test_an_effect_of_all_is_told_once(reference):
    found = find_odd_values(lambda rows: np.zeros((len(rows), 1)), reference, 1.0)

    assert found.lines()[0] == "NaN: no effect in every input"


def test_broken_and_values_are_told(found):
    assert found.broken("NaN") == ("raw", "clipped")
    assert found.to_dict()["+Inf"]["clipped"] == "as 1e30"


def test_a_new_score_is_called_finite(reference):
    def flagged(rows):
        return np.where(np.isnan(rows[:, [0]]), 0.7, 0.1 * np.tanh(rows[:, [0]]))

    found = find_odd_values(flagged, reference, 1.0)

    assert found.effects["NaN"][0] == "finite"
