from pathlib import Path
from typing import get_args

import pytest

from trackdnn.settings.finding import JudgementSettings
from trackdnn.tracking.presets import PRESETS, definitions


def rows(preset, **changes):
    return definitions(JudgementSettings(preset=preset, **changes))


def test_presets_are_those_of_the_settings():
    field = JudgementSettings.model_fields["preset"]

    assert get_args(field.annotation) == PRESETS


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_name_themselves_in_every_row(preset):
    found = rows(preset)

    assert {one.preset for one in found} == {preset}
    assert len({one.name for one in found}) == len(found)


def test_presets_take_the_cuts_of_the_settings_for_our_own_alone():
    ours = rows("trackdnn", min_pt=0.0, max_abs_eta=2.5, min_hits=5)

    assert {one.wanted.min_pt for one in ours} == {0.0}
    assert {one.wanted.max_abs_eta for one in ours} == {2.5}
    assert {one.wanted.min_hits for one in ours} == {5}
    for preset in PRESETS[1:]:
        assert rows(preset, min_pt=0.0, min_hits=5) == rows(preset)


def test_presets_hold_the_published_cuts():
    hypertrack, exatrkx = rows("hypertrack")[0], rows("exatrkx")[0]
    theirs = rows("gnn_tracking")[0].wanted

    assert (hypertrack.wanted.min_hits, hypertrack.wanted.min_pt) == (4, None)
    assert exatrkx.matching.title == "atlas > 0.5"
    assert (exatrkx.wanted.min_pt, exatrkx.wanted.max_abs_eta) == (1.0, 4.0)
    assert (theirs.min_pt, theirs.with_min, theirs.min_hits) == (0.9, True, 3)


def test_presets_of_gnn_tracking_come_with_and_without_noise_clusters():
    found = rows("gnn_tracking")

    assert [one.majority_wanted for one in found] == [True] * 3 + [False] * 3


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_say_what_they_mean_as_the_documentation_does(preset):
    text = (Path(__file__).parents[3] / "docs" / "judgement.md").read_text("utf-8")

    found = {str(one) for one in rows(preset)}

    assert len(found) == 1
    assert f"\n{found.pop()}\n" in text
    assert f"`{preset}`" in text
