"""One small run of the real chain, and networks made by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from export.description import describe_inputs
from export.manifest import write_manifest
from export.signature import Names
from network.inputs import InputSpec
from trackdnn.data.features import FEATURE_NAMES, FEATURES

NETWORK = """
<ir_version: 7, opset_import: ["" : 13]>
classifier (float[n, 29] x, float[n, 1] y) => (float[n, 1] score)
<int64[2] which = {WHICH}, float[2, 1] weight = {WEIGHT}, float[1] bias = {BIAS},
 float[1] slope = {SLOPE}>
{
  chosen = Gather<axis = 1>(x, which)
  regular = MatMul(chosen, weight)
  special = Mul(y, slope)
  both = Add(regular, special)
  logit = Add(both, bias)
  score = Sigmoid(logit)
}
"""
WHICH = [FEATURE_NAMES.index(name) for name in ("nChi2", "nLostLay")]


@pytest.fixture(scope="session")
def acts_run():
    """Two events with 5 pile-up collisions, and what passed inside of the chain.

    Attributes: `events` (columns), `hits` (per event, per track), `containers` (per
    pass: measurements, holes and outliers that ACTS counts, and our candidates).
    """
    pytest.importorskip("acts")
    pytest.importorskip("pythia8mc")
    from trackdnn.simulation import chain, event
    from trackdnn.simulation.working_points import find_working_point

    seen = SimpleNamespace(hits=[], containers=[])
    read, collect = event.read_candidates, chain.collect

    def spy_on_tracks(tracks):
        found = read(tracks)
        counted = [np.array(tracks.nMeasurements, dtype=int)]
        counted.append(np.array(tracks.nHoles, dtype=int) + tracks.nOutliers)
        seen.containers.append((*counted, found))
        return found

    def spy_on_events(state):
        seen.hits.append(list(state.hits))
        return collect(state)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(event, "read_candidates", spy_on_tracks)
        patch.setattr(chain, "collect", spy_on_events)
        made = chain.Chain("ttbar", 5.0, 3, find_working_point("default"))
        seen.events = made.simulate(first=10, count=2)
    seen.chain = made
    return seen


@pytest.fixture(scope="session")
def event_chain():
    """A chain of events with 2 pile-up collisions that lets ACTS find tracks too."""
    pytest.importorskip("acts")
    pytest.importorskip("pythia8mc")
    from trackdnn.simulation.event_chain import EventChain
    from trackdnn.simulation.simulated_event import Response

    return EventChain("ttbar", 2.0, 3, Response(noise=0.15, hit_loss=0.01), find=True)


@pytest.fixture(scope="session")
def simulated(event_chain):
    """Its second event, and the tracks."""
    return event_chain.simulate(2)


@pytest.fixture(scope="session")
def toy_modules():
    """A pixel module and a strip module of barrels, and a strip trapezoid of an endcap.

    The first lies across the x axis (u along y, v along z); the last across the z axis.
    """
    from trackdnn.simulation.modules import Modules

    barrel = np.array([[0.0, 0, 1], [1, 0, 0], [0, 1, 0]])
    return Modules(
        identifier=np.array([10, 20, 30], dtype=np.uint64),
        volume=np.array([8, 13, 14]),
        layer=np.array([2, 2, 4]),
        module=np.array([1, 1, 7]),
        center=np.array([[32.0, 0, 0], [260, 0, 0], [50, 400, 1000]]),
        rotation=np.stack([barrel, barrel, np.eye(3)]),
        half_thickness=np.array([0.15, 0.25, 0.25]),
        half_u=np.array([[8.4, 8.4], [24.0, 24], [20, 30]]),
        half_v=np.array([36.0, 54, 78]),
        pitch=np.array([[0.05, 0.05625], [0.08, 1.2], [0.08, 1.2]]),
    )


@pytest.fixture(scope="session")
def make_bundle(tmp_path_factory):
    """A function to a bundle whose network is p = sigmoid(bias - chi2 / ndof - lost).

    It is no network that anybody trained, but ONNX Runtime runs it as one.
    """

    def make(bias, *, working_points=None, weight=-1.0, names=FEATURE_NAMES):
        import onnx.parser

        folder = tmp_path_factory.mktemp("by_hand") / "bundle"
        (folder / "saved_model").mkdir(parents=True)
        for name in ("frozen_graph.pb", "saved_model/saved_model.pb", "probe.npz"):
            (folder / name).write_bytes(b"")
        text = NETWORK.replace("{WHICH}", f"{{{WHICH[0]}, {WHICH[1]}}}")
        text = text.replace("{WEIGHT}", f"{{{weight}, {weight}}}")
        text = text.replace("{BIAS}", f"{{{bias}}}").replace("{SLOPE}", "{0.01}")
        model = onnx.parser.parse_model(text)
        onnx.checker.check_model(model, full_check=True)
        (folder / "model.onnx").write_bytes(model.SerializeToString())
        write_manifest(folder, _manifest(names, working_points or {}))
        return folder

    return make


def _manifest(names, working_points):
    width = len(FEATURES)
    spec = InputSpec(
        names=tuple(names),
        units=("",) * width,
        transforms=("identity",) * width,
        lower=(0.0,) * width,
        upper=(1.0,) * width,
        scales=(1.0,) * width,
        vocabulary=(4, 5, 7),
    )
    return {
        "created": "2026-01-01",
        "inputs": describe_inputs(spec, Names("x", "y", "score")),
        "outputs": {"onnx": "score"},
        "onnx": {"opset": 13, "ir_version": 7},
        "working_points": working_points,
        **{name: {} for name in ("score", "training", "evaluation")},
        **{name: {} for name in ("versions", "parity")},
    }
