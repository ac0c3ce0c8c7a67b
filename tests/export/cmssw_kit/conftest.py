"""A bundle with working points, and the kit of it."""

from __future__ import annotations

import json
import shutil

import pytest

from export import verify

CUTS = {
    "initialStep": (-0.352941185, 0.100000001, 0.28125),
    "lowPtTripletStep": (-1.0, 0.0, 0.999999881),
    "muonSeededStepInOut": (-0.5, 0.0, 0.5),
    "pixelLessStep": (-0.8, 0.25, -0.4),
}


def make_points(cuts=None, names=("loose", "tight", "highPurity")):
    def entry(cut, *, fallback=False):
        share = {"passed": 90, "total": 100, "value": 0.9}
        remark = "only 7 true tracks,\ncut of all tracks taken" if fallback else ""
        return {
            "cut": cut,
            "efficiency": share,
            "fake_rate": {**share, "value": 0.125},
            "fallback": fallback,
            "remark": remark,
        }

    return {
        "points": [
            {"name": n, "target": "efficiency", "value": 0.9 - i / 10}
            for i, n in enumerate(names)
        ],
        "overall": {name: entry(0.1) for name in names},
        "iterations": {
            module: {
                "originalAlgo": 4,
                "cuts": {
                    name: entry(cut, fallback=module == "pixelLessStep" and i == 2)
                    for i, (name, cut) in enumerate(zip(names, values, strict=True))
                },
            }
            for module, values in (cuts or CUTS).items()
        },
    }


def rewrite(source, folder, **changes):
    """A copy of a bundle whose manifest says something else, and is whole."""
    shutil.copytree(source, folder)
    path = folder / verify.MANIFEST
    manifest = {**json.loads(path.read_text()), **changes}
    manifest = {key: value for key, value in manifest.items() if value is not None}
    manifest["digest"] = verify.digest(manifest)
    path.write_text(verify.canonical(manifest))
    return folder


@pytest.fixture(scope="session")
def cuts():
    return CUTS


@pytest.fixture(scope="session")
def points():
    return make_points


@pytest.fixture(scope="session")
def rewritten():
    return rewrite


@pytest.fixture(scope="session")
def source(bundle, tmp_path_factory):
    """A bundle with working points."""
    folder = tmp_path_factory.mktemp("kit") / "bundle"
    return rewrite(bundle.folder, folder, working_points=make_points())


@pytest.fixture
def plan(source, spec, tmp_path):
    from export.cmssw_kit.kit import plan_kit

    return plan_kit(source, tmp_path / "kit", "net1", columns=spec.names, onnx=True)


@pytest.fixture(scope="session")
def kit(source, spec, tmp_path_factory):
    """A written kit, with ONNX, of the network `net1`."""
    from export.cmssw_kit.kit import plan_kit, write_kit

    folder = tmp_path_factory.mktemp("kit") / "kit"
    return write_kit(plan_kit(source, folder, "net1", columns=spec.names, onnx=True))
