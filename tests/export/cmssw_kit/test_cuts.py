import numpy as np
import pytest

from export.cmssw_kit.cuts import literal, quality_cuts
from export.errors import KitError


def test_cuts_are_in_the_order_of_cmssw(points, cuts):
    found = quality_cuts(points())

    assert found.names == ("loose", "tight", "highPurity")
    assert found.iterations == {
        name: cuts[name]
        for name in ("initialStep", "lowPtTripletStep", "pixelLessStep")
    }


def test_order_does_not_follow_that_of_the_bundle(points):
    given = points({"initialStep": (0.9, 0.1, 0.5)}, ("highPurity", "loose", "tight"))

    assert quality_cuts(given).iterations == {"initialStep": (0.1, 0.5, 0.9)}


def test_three_points_of_other_names_keep_their_order(points):
    given = points({"initialStep": (0.1, 0.2, 0.3)}, ("a", "b", "c"))

    found = quality_cuts(given)

    assert found.names == ("a", "b", "c")
    assert found.iterations == {"initialStep": (0.1, 0.2, 0.3)}


def test_three_of_four_points_are_taken_by_name(points):
    names = ("loose", "extra", "tight", "highPurity")
    given = points({"initialStep": (0.1, 0.2, 0.3, 0.4)}, names)

    assert quality_cuts(given).iterations == {"initialStep": (0.1, 0.3, 0.4)}


@pytest.mark.parametrize(
    "given", [{}, {"points": []}, {"overall": {"loose": {"cut": 0.0}}}]
)
def test_bundle_without_working_points_is_refused(given):
    with pytest.raises(KitError, match=r"must have working points.*Evaluate the run"):
        quality_cuts(given)


def test_two_points_are_refused(points):
    given = points({"initialStep": (0.1, 0.2)}, ("loose", "tight"))

    with pytest.raises(KitError, match=r"three working points.*\['loose', 'tight'\]"):
        quality_cuts(given)


@pytest.mark.parametrize("entries", [{}, {"algo99": {}, "x); evil(": {}}, None])
def test_bundle_without_an_iteration_of_cmssw_is_refused(points, entries):
    with pytest.raises(KitError, match="for at least one iteration of CMSSW"):
        quality_cuts({**points(), "iterations": entries})


@pytest.mark.parametrize(
    "value", [None, True, 1, "0.5", "1); evil(", float("nan"), float("inf")]
)
def test_what_is_no_cut_is_refused(points, value):
    given = points()
    given["iterations"]["initialStep"]["cuts"]["tight"]["cut"] = value

    with pytest.raises(KitError, match=r"initialStep\.tight: ") as caught:
        quality_cuts(given)

    assert "a finite `cut`" in str(caught.value)


def test_missing_cut_is_refused(points):
    given = points()
    given["iterations"]["initialStep"] = {"cuts": []}

    with pytest.raises(KitError, match=r"initialStep\.loose: None"):
        quality_cuts(given)


def test_notes_tell_what_is_shared_falls_or_is_left_out(points):
    notes = quality_cuts(points()).notes

    assert notes[0].startswith("pixelLessStep: highPurity: only 7 true tracks")
    assert notes[1].startswith("pixelLessStep: the cuts do not rise (-0.8, 0.25, -0.4)")
    assert notes[2].endswith("in CMSSW: muonSeededStepInOut")
    assert len(notes) == 3


def test_literals_give_single_precision_back():
    rng = np.random.default_rng(3)
    values = [0.0, -1.0, 1.0, 1e-30, *rng.uniform(-1, 1, 1000)]

    for value in np.float32(values):
        text = literal(float(value))
        assert np.float32(float(text)) == value
        assert "." in text or "e" in text
