import dataclasses
from pathlib import Path

import pytest

from trackdnn.errors import SettingsError
from trackdnn.simulation.working_points import WORKING_POINTS, find_working_point


def test_find_working_point_returns_the_default():
    assert find_working_point("default") is WORKING_POINTS["default"]


def test_find_working_point_names_the_nearest():
    with pytest.raises(SettingsError, match=r"'tigth'. Did you mean 'tight'"):
        find_working_point("tigth")


@pytest.mark.parametrize("point", WORKING_POINTS.values(), ids=list(WORKING_POINTS))
def test_working_point_numbers_its_passes_as_cms_does(point):
    numbers = {one.name: one.algo for one in point.passes}

    assert numbers == {
        "initialStep": 4,
        "lowPtTriplet": 5,
        "detachedTriplet": 7,
        "pixelLess": 9,
    }


@pytest.mark.parametrize("point", WORKING_POINTS.values(), ids=list(WORKING_POINTS))
def test_working_point_calls_no_track_good_that_it_does_not_keep(point):
    assert point.good.min_valid >= point.kept.min_valid
    assert point.good.max_lost <= point.kept.max_lost


def test_working_point_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        WORKING_POINTS["default"].hit_loss = 0.5


def test_documentation_names_every_working_point_and_pass():
    page = Path(__file__).parents[3] / "docs" / "simulation.md"
    text = page.read_text()

    for name, point in WORKING_POINTS.items():
        assert f"`{name}`" in text
        assert all(f"| {one.algo} | {one.name} |" in text for one in point.passes)
