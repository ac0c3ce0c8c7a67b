from __future__ import annotations

import numpy as np
import pytest

from trackdnn.data.features import FEATURE_NAMES
from trackdnn.inspection import plausible, responses


@pytest.fixture(scope="module")
def reference():
    return plausible.built_in()


def score(features, category):
    """Lives on pt and eta, faintly on phi; NaN in eta breaks it; knows 4 and 5."""
    pt, eta, phi = (features[:, [i]] for i in (0, 17, 18))
    x = np.tanh(pt) + 0.1 * eta + 1e-4 * np.nan_to_num(phi)
    x = x + np.where(category == 4, 0.5, np.where(category == 5, 0.7, 0.0))
    with np.errstate(all="ignore"):
        return (1 / (1 + np.exp(-x))).astype(np.float32)


@pytest.fixture(scope="module")
def found(reference):
    return responses.measure(score, FEATURE_NAMES, reference)


def test_measure_finds_dead_and_faint_inputs(found):
    alive = {"trk_pt", "eta", "phi"}

    assert set(found.dead) == set(FEATURE_NAMES) - alive
    assert found.faint == ("phi",)


def test_measure_gives_the_largest_change(found, reference):
    column = FEATURE_NAMES.index("eta")

    largest = 0.0
    for row in range(len(reference.features)):
        scores = []
        for value in reference.values[column]:
            track = reference.features[[row]].copy()
            track[0, column] = value
            scores.append(score(track, reference.category[[row]])[0, 0])
        largest = max(largest, max(scores) - min(scores))
    assert found.change[column] == pytest.approx(largest, rel=1e-6)


def test_measure_finds_what_breaks_the_score(found):
    assert found.broken == {"NaN": ("trk_pt", "eta"), "+Inf": (), "-Inf": ()}


def test_measure_finds_the_known_categories(found):
    assert found.categories == (4, 5)


def test_lines_say_it(found):
    text = "\n".join(found.lines())

    assert "faint inputs (below 0.001): phi" in text
    assert "NaN makes the score not finite: in trk_pt, eta" in text
    assert "+Inf makes the score not finite: nowhere" in text
    assert "category: 4 to 5 have codes of their own" in text


def test_values_are_plain(found):
    content = found.to_dict()

    assert content["faint"] == ["phi"]
    assert isinstance(content["change"]["eta"], float)
    assert content["categories"] == [4, 5]


def test_a_category_without_effect_is_told(reference):
    found = responses.measure(
        lambda features, category: 0 * category, FEATURE_NAMES, reference
    )

    assert found.lines()[-1] == "category: without effect"
