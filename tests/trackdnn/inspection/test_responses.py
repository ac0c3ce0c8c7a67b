from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from trackdnn.data.features import CATEGORY_BRANCH, FEATURE_NAMES
from trackdnn.inspection import plausible, responses

NAMES = (*FEATURE_NAMES, CATEGORY_BRANCH)


def few(reference, rows=40):
    return dataclasses.replace(reference, rows=reference.rows[:rows])


@pytest.fixture(scope="module")
def reference():
    return few(plausible.built_in())


def score(rows):
    """Lives on pt, eta and nStrip, faintly on phi; knows the categories 4 and 5."""
    pt, eta, phi, strips, category = (rows[:, [i]] for i in (0, 17, 18, 22, 29))
    x = np.tanh(pt) + 0.1 * eta + 1e-4 * phi + 0.02 * strips
    x = x + np.where(category == 4, 0.5, np.where(category == 5, 0.7, 0.0))
    with np.errstate(all="ignore"):
        return 1 / (1 + np.exp(-x.astype(np.float64)))


@pytest.fixture(scope="module")
def found(reference):
    return responses.measure(score, reference)


def slow_slope(column, reference):
    """The same by one track at a time."""
    x = reference.rows[:, column].astype(np.float64)
    scale = reference.scales[column]
    spread = np.log(np.abs(x)).std() if scale == "logarithmic" else x.std()
    slopes = []
    for row in reference.rows:
        up, down = row[None].copy(), row[None].copy()
        if scale == "logarithmic":
            up[0, column] = row[column] * np.exp(0.05 * spread)
            down[0, column] = row[column] * np.exp(-0.05 * spread)
            distance = 0.1 * spread
        else:
            step = 1.0 if scale == "whole" else 0.05 * spread
            up[0, column], down[0, column] = row[column] + step, row[column] - step
            distance = float(up[0, column]) - float(down[0, column])
        change = abs(score(up)[0, 0] - score(down)[0, 0])
        slopes.append(change / distance * spread)
    return np.mean(slopes)


def test_measure_finds_dead_and_faint_inputs(found):
    alive = {"trk_pt", "eta", "phi", "nStrip", CATEGORY_BRANCH}

    assert set(found.dead) == set(NAMES) - alive
    assert found.faint == ("phi",)
    assert [n for n, m in zip(NAMES, found.moved, strict=True) if m] == [
        name for name in NAMES if name in alive
    ]


@pytest.mark.parametrize("name", ["trk_pt", "eta", "nStrip"])
def test_measure_gives_change_and_slope_of_a_loop(found, reference, name):
    column = NAMES.index(name)

    changes = []
    for row in reference.rows:
        scores = []
        for value in reference.values[column]:
            track = row[None].copy()
            track[0, column] = value
            scores.append(score(track)[0, 0])
        changes.append(max(scores) - min(scores))
    assert found.change[column] == pytest.approx(max(changes), rel=1e-6)
    assert found.typical[column] == pytest.approx(np.mean(changes), rel=1e-6)
    assert found.slope[column] == pytest.approx(slow_slope(column, reference), rel=1e-4)


def test_slope_of_a_line_is_its_slope_times_the_width(reference):
    column = NAMES.index("eta")

    slope = responses.slope(lambda rows: 0.25 * rows[:, [17]], reference, column)

    width = reference.rows[:, column].astype(np.float64).std()
    assert slope == pytest.approx(0.25 * width, rel=1e-3)


def test_slope_of_a_code_is_the_deviation_over_its_codes(found, reference):
    codes = reference.rows[:, 29]
    deviations = []
    for row in reference.rows:
        scores = []
        for code in codes:
            track = row[None].copy()
            track[0, 29] = code
            scores.append(score(track)[0, 0])
        deviations.append(np.std(scores))

    assert found.slope[29] == pytest.approx(np.mean(deviations), rel=1e-9)


def test_ranks_follow_the_slopes(found):
    order = sorted(range(len(NAMES)), key=lambda i: -found.slope[i])

    assert [found.ranks[i] for i in order] == list(range(1, len(NAMES) + 1))


def test_bands_are_those_of_a_loop(found, reference):
    column = NAMES.index("eta")

    for step, value in enumerate(reference.values[column]):
        rows = reference.rows.copy()
        rows[:, column] = value
        scores = score(rows)[:, 0]
        low, mean, high = found.bands[column][:, step]
        assert mean == pytest.approx(scores.mean())
        assert (low, high) == pytest.approx(tuple(np.quantile(scores, [0.16, 0.84])))


def test_measure_finds_the_known_categories(found):
    assert found.categories == (4, 5)


def test_an_input_that_answers_only_beyond_its_range_is_dead_but_moved(reference):
    def late(rows):
        return np.maximum(rows[:, [17]] - 100.0, 0.0).clip(0, 1)

    found = responses.measure(late, reference)

    assert "eta" in found.dead
    assert found.moved[NAMES.index("eta")]
    assert not found.moved[NAMES.index("phi")]


def test_an_input_that_breaks_the_score_is_not_dead(reference):
    def root(rows):
        with np.errstate(all="ignore"):
            return np.sqrt(rows[:, [17]]) * 0

    found = responses.measure(root, reference)

    assert "eta" not in found.dead
    assert 0 < found.undefined < 1


def test_an_input_of_one_value_is_not_called_dead(reference):
    values = (np.full(17, 3.0, np.float32), *reference.values[1:])

    found = responses.measure(score, dataclasses.replace(reference, values=values))

    assert found.constant == ("trk_pt",)
    assert "trk_pt" not in found.dead


def test_rounding_is_measured_against_large_scores(reference):
    found = responses.measure(
        lambda rows: 1e6 + 0.1 * np.tanh(rows[:, [17]].astype(np.float64)), reference
    )

    assert found.dead == NAMES


def test_values_are_plain(found):
    content = found.to_dict()

    assert content["faint"] == ["phi"]
    assert isinstance(content["inputs"]["eta"]["slope"], float)
    assert len(content["inputs"]["eta"]["score"]["mean"]) == 17
    assert content["categories"] == [4, 5]
    assert "dxy" in content["never_moved"]


def test_rows_of_unknown_columns_have_no_categories():
    found = responses.measure(lambda rows: rows[:, :1], plausible.of_columns(("a",)))

    assert found.categories is None
    assert found.dead == ()
