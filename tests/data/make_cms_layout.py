"""Writes `cms_layout.root`: a trackingNtuple in the layout of CMS's own producer.

Branches are `std::vector<T>`, with the types and names of the trackingNtuple
(cms-sw/cmssw, Validation/RecoTrack/plugins/TrackingNtuple.cc), nested vectors
included, which uproot can read but not write. Four events hold 3, 0, 2 and 4 tracks;
the third event has no vertex. Values follow from the number of the track. Run it
with the `root` wheel, in an environment of its own:

    pip install root==0.1a12 && python tests/data/make_cms_layout.py
"""

from __future__ import annotations

from array import array
from pathlib import Path

import ROOT

TRACKS = (3, 0, 2, 4)
VERTICES = (2, 1, 0, 3)
SENTINEL = -99999.0

FLOATS = """
px py pz pt inner_px inner_py inner_pz inner_pt outer_px outer_py outer_pz outer_pt
eta lambda cotTheta phi dxy dz dxyPV dzPV dxyClosestPV dzClosestPV ptErr etaErr
lambdaErr phiErr dxyErr dzErr refpoint_x refpoint_y refpoint_z nChi2 nChi2_1Dmod ndof
mva bestSimTrkShareFrac bestSimTrkNChi2
"""
UNSIGNED = """
nValid nLost nInactive nPixel nStrip nOuterLost nInnerLost nOuterInactive
nInnerInactive nPixelLay nStripLay n3DLay nLostLay nCluster algo originalAlgo
"""
KINDS = {
    **dict.fromkeys(FLOATS.split(), "float"),
    **dict.fromkeys(UNSIGNED.split(), "unsigned int"),
    **dict.fromkeys(("q", "seedIdx", "vtxIdx", "bestSimTrkIdx"), "int"),
    **dict.fromkeys(("qualityMask", "stopReason"), "unsigned short"),
    "isHP": "short",
    "algoMask": "ULong64_t",
    "simTrkIdx": "vector<int>",
    "simTrkShareFrac": "vector<float>",
}
ALGORITHMS = (4, 5, 7, 13, 22)


def main() -> None:
    """Writes the file beside this script."""
    for inner in ("int", "float"):
        ROOT.gInterpreter.GenerateDictionary(f"vector<vector<{inner}> >", "vector")
    path = Path(__file__).with_name("cms_layout.root")
    file = ROOT.TFile(str(path), "RECREATE", "", 101)
    folder = file.mkdir("trackingNtuple")
    folder.cd()
    tree = ROOT.TTree("tree", "tree")
    scalars = {
        "event/l": array("L", [0]),
        "lumi/i": array("I", [0]),
        "run/i": array("I", [0]),
        "bsp_x/F": array("f", [0.0]),
        "bsp_y/F": array("f", [0.0]),
        "bsp_z/F": array("f", [0.0]),
    }
    for name, value in scalars.items():
        tree.Branch(name.partition("/")[0], value, name)
    vectors = {f"trk_{name}": ROOT.std.vector(kind)() for name, kind in KINDS.items()}
    for name in ("x", "y", "z", "ndof", "chi2"):
        vectors[f"vtx_{name}"] = ROOT.std.vector("float")()
    for name in ("fake", "valid"):
        vectors[f"vtx_{name}"] = ROOT.std.vector("short")()
    for name, vector in vectors.items():
        tree.Branch(name, vector)
    track = 0
    for number, (count, vertices) in enumerate(zip(TRACKS, VERTICES, strict=True)):
        for vector in vectors.values():
            vector.clear()
        scalars["event/l"][0] = 2**40 + number
        scalars["lumi/i"][0], scalars["run/i"][0] = 12, 355100
        for _ in range(count):
            fill_track(vectors, track, has_vertex=vertices > 0)
            track += 1
        for index in range(vertices):
            fill_vertex(vectors, index)
        tree.Fill()
    tree.Write()
    file.Close()


def fill_track(vectors: dict, track: int, *, has_vertex: bool) -> None:
    """Appends track number `track`; the true ones are 0, 2, 3, 5 and 8."""
    matches = {0: [7], 2: [4, 9], 3: [1], 5: [2], 8: [3]}.get(track, [])
    algorithm = ALGORITHMS[track % len(ALGORITHMS)]
    special = {"pt": 0.5 + track, "algo": algorithm, "originalAlgo": algorithm}
    if not has_vertex:
        special["dzClosestPV"] = SENTINEL
    for index, name in enumerate(FLOATS.split()):
        value = 0.1 * (index + 1) * (-1) ** track + 0.01 * track
        vectors[f"trk_{name}"].push_back(special.get(name, value))
    for index, name in enumerate(UNSIGNED.split()):
        vectors[f"trk_{name}"].push_back(special.get(name, (index + track) % 7))
    vectors["trk_algoMask"].push_back(1 << algorithm)
    vectors["trk_q"].push_back(1 - 2 * (track % 2))
    vectors["trk_bestSimTrkIdx"].push_back(matches[0] if matches else -1)
    for name in ("seedIdx", "vtxIdx", "qualityMask", "stopReason", "isHP"):
        vectors[f"trk_{name}"].push_back(track % 2)
    for name, number in (("simTrkIdx", "int"), ("simTrkShareFrac", "float")):
        inner = ROOT.std.vector(number)()
        for match in matches:
            inner.push_back(match if number == "int" else 0.8)
        vectors[f"trk_{name}"].push_back(inner)


def fill_vertex(vectors: dict, index: int) -> None:
    """Appends a vertex; the third one of an event is a fake."""
    for name in ("x", "y", "z", "ndof", "chi2"):
        vectors[f"vtx_{name}"].push_back(0.5 * index)
    vectors["vtx_fake"].push_back(int(index == 2))
    vectors["vtx_valid"].push_back(1)


if __name__ == "__main__":
    main()
