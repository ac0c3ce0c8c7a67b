"""The feature table against CMSSW's order of inputs."""

from __future__ import annotations

from network.inputs import TRANSFORMS
from trackdnn.data.features import (
    ALGORITHMS,
    FEATURE_NAMES,
    FEATURES,
    algorithm_name,
)

# TrackTfClassifier.cc, in the order in which it fills its input tensor.
CMSSW_ORDER = """
trk_pt inner_px inner_py inner_pz inner_pt outer_px outer_py outer_pz outer_pt ptErr
dxyClosestPV dzClosestPV dxy dz dxyErr dzErr nChi2 eta phi etaErr phiErr nPixel nStrip
ndof nInnerLost nOuterLost nInnerInactive nOuterInactive nLostLay
"""


def test_features_stand_in_the_order_of_cmssw():
    assert tuple(CMSSW_ORDER.split()) == FEATURE_NAMES


def test_features_have_known_transforms_units_and_unique_branches():
    assert {feature.transform for feature in FEATURES} <= set(TRANSFORMS)
    assert {feature.unit for feature in FEATURES} == {"GeV", "cm", "rad", ""}
    assert len({feature.branch for feature in FEATURES}) == len(FEATURES) == 29


def test_algorithm_name_knows_the_enumeration():
    names = {4: "initialStep", 13: "muonSeededStepInOut", 22: "highPtTripletStep"}

    assert {algo: algorithm_name(algo) for algo in names} == names
    assert len(ALGORITHMS) == 46


def test_algorithm_name_of_an_unknown_one_is_its_number():
    assert algorithm_name(99) == "algo99"
    assert algorithm_name(-1) == "algo-1"
