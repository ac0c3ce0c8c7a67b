"""The inputs of the track classifier: one table, in the order CMSSW feeds them.

The order and the meaning are those of `TrackTfClassifier` (cms-sw/cmssw,
RecoTracker/FinalTrackSelectors/plugins/TrackTfClassifier.cc); the branch names are
those of the trackingNtuple. Units: GeV, cm, rad.
"""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Feature:
    """One regular input of the track classifier.

    Args:
        name: Name as the manifest and the plots give it.
        branch: Branch of the trackingNtuple.
        unit: `"GeV"`, `"cm"`, `"rad"` or `""`.
        transform: What the sanitizer does before clipping and scaling.
        meaning: One line for people.
        whole: True for counts, which take whole numbers only.
    """

    name: str
    branch: str
    unit: str
    transform: str
    meaning: str
    whole: bool = False


def _momentum(where: str, text: str) -> list[Feature]:
    return [
        Feature(
            f"{where}_{part}",
            f"trk_{where}_{part}",
            "GeV",
            "absolute_log1p",
            f"{part} at the {text} measurement",
        )
        for part in ("px", "py", "pz", "pt")
    ]


def _count(name: str, meaning: str) -> Feature:
    return Feature(name, f"trk_{name}", "", "identity", meaning, whole=True)


def _log(name: str, unit: str, meaning: str) -> Feature:
    return Feature(name, f"trk_{name}", unit, "absolute_log1p", meaning)


FEATURES: tuple[Feature, ...] = (
    Feature("trk_pt", "trk_pt", "GeV", "absolute_log1p", "transverse momentum"),
    *_momentum("inner", "innermost"),
    *_momentum("outer", "outermost"),
    _log("ptErr", "GeV", "error of the transverse momentum"),
    _log("dxyClosestPV", "cm", "transverse impact parameter to the closest vertex"),
    _log("dzClosestPV", "cm", "longitudinal impact parameter to the closest vertex"),
    _log("dxy", "cm", "transverse impact parameter to the beam spot"),
    _log("dz", "cm", "longitudinal impact parameter to the beam spot"),
    _log("dxyErr", "cm", "error of dxy"),
    _log("dzErr", "cm", "error of dz"),
    _log("nChi2", "", "chi2 per degree of freedom of the track fit"),
    Feature("eta", "trk_eta", "", "identity", "pseudorapidity"),
    Feature("phi", "trk_phi", "rad", "identity", "azimuth"),
    _log("etaErr", "", "error of eta"),
    _log("phiErr", "rad", "error of phi"),
    _count("nPixel", "valid pixel hits"),
    _count("nStrip", "valid strip hits"),
    _count("ndof", "degrees of freedom of the track fit"),
    _count("nInnerLost", "lost hits before the first measurement"),
    _count("nOuterLost", "lost hits after the last measurement"),
    _count("nInnerInactive", "inactive layers before the first measurement"),
    _count("nOuterInactive", "inactive layers after the last measurement"),
    _count("nLostLay", "layers without a measurement between first and last"),
)

FEATURE_NAMES: tuple[str, ...] = tuple(feature.name for feature in FEATURES)

CATEGORY_BRANCH = "trk_originalAlgo"

# reco::TrackBase::TrackAlgorithm, cms-sw/cmssw DataFormats/TrackReco TrackBase.h
ALGORITHMS: tuple[str, ...] = (
    "undefAlgorithm",
    "ctf",
    "duplicateMerge",
    "cosmics",
    "initialStep",
    "lowPtTripletStep",
    "pixelPairStep",
    "detachedTripletStep",
    "mixedTripletStep",
    "pixelLessStep",
    "tobTecStep",
    "jetCoreRegionalStep",
    "conversionStep",
    "muonSeededStepInOut",
    "muonSeededStepOutIn",
    "outInEcalSeededConv",
    "inOutEcalSeededConv",
    "nuclInter",
    "standAloneMuon",
    "globalMuon",
    "cosmicStandAloneMuon",
    "cosmicGlobalMuon",
    "highPtTripletStep",
    "lowPtQuadStep",
    "detachedQuadStep",
    "displacedGeneralStep",
    "displacedRegionalStep",
    "bTagGhostTracks",
    "beamhalo",
    "gsf",
    "hltPixel",
    "hltIter0",
    "hltIter1",
    "hltIter2",
    "hltIter3",
    "hltIter4",
    "hltIterX",
    "hiRegitMuInitialStep",
    "hiRegitMuLowPtTripletStep",
    "hiRegitMuPixelPairStep",
    "hiRegitMuDetachedTripletStep",
    "hiRegitMuMixedTripletStep",
    "hiRegitMuPixelLessStep",
    "hiRegitMuTobTecStep",
    "hiRegitMuMuonSeededStepInOut",
    "hiRegitMuMuonSeededStepOutIn",
)


def algorithm_name(algo: int) -> str:
    """Name of a tracking algorithm, or `algo<N>` outside the enumeration."""
    if 0 <= algo < len(ALGORITHMS):
        return ALGORITHMS[algo]
    return f"algo{algo}"
