import dataclasses
import hashlib
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from export.cmssw_kit import contents
from export.errors import BundleError, KitError

GRAPHS = "src/RecoTracker/FinalTrackSelectors/data/TrackTfClassifier"
PACKAGE = "src/TrackDnn/net1"
ALWAYS = {
    "README.md",
    f"{GRAPHS}/net1.pb",
    *(
        f"{PACKAGE}/python/{name}.py"
        for name in ("classifier_cfi", "customise", "network_cfi", "quality_cuts")
    ),
    *(
        f"{PACKAGE}/test/{name}"
        for name in ("BuildFile.xml", "kit.h", "probe.h", "test_tensorflow.cc")
    ),
    f"{PACKAGE}/data/probe.bin",
}
WITH_ONNX = {f"{GRAPHS}/net1.onnx", f"{PACKAGE}/test/test_onnxruntime.cc"}


def binaries(found):
    tree = ElementTree.fromstring(
        b"<all>" + found[f"{PACKAGE}/test/BuildFile.xml"] + b"</all>"
    )
    return {
        one.get("name"): (one.get("file"), one.find("use").get("name"))
        for one in tree.iter("bin")
    }


def test_files_lie_where_cmssw_looks(plan):
    found = contents.contents(plan)

    assert set(found) == ALWAYS | WITH_ONNX
    bundle = plan.bundle
    assert found[f"{GRAPHS}/net1.pb"] == bundle.frozen_graph.read_bytes()
    assert found[f"{GRAPHS}/net1.onnx"] == bundle.onnx.read_bytes()
    assert binaries(found) == {
        "test_net1_tensorflow": ("test_tensorflow.cc", "PhysicsTools/TensorFlow"),
        "test_net1_onnxruntime": ("test_onnxruntime.cc", "PhysicsTools/ONNXRuntime"),
    }


def test_onnx_stays_out_unless_asked_for(plan):
    found = contents.contents(dataclasses.replace(plan, onnx=False))

    assert set(found) == ALWAYS
    assert list(binaries(found)) == ["test_net1_tensorflow"]
    assert b"test_net1_onnxruntime" not in found["README.md"]


def test_unit_tests_know_the_network(plan):
    header = contents.contents(plan)[f"{PACKAGE}/test/kit.h"].decode()

    values = dict(re.findall(r"constexpr \w+ (\w+)(?:\[\])? = (.*);", header))
    assert values == {
        "name": '"net1"',
        "graphFile": f'"{GRAPHS[4:]}/net1.pb"',
        "onnxFile": f'"{GRAPHS[4:]}/net1.onnx"',
        "probeFile": '"TrackDnn/net1/data/probe.bin"',
        "features": '"x"',
        "category": '"y"',
        "graphOutput": '"Identity"',
        "onnxOutput": '"score"',
        "width": "29",
        "tolerance": "1.000000000e-06f",
    }


def test_probe_is_that_of_the_bundle(plan):
    packed = contents.contents(plan)[f"{PACKAGE}/data/probe.bin"]

    with np.load(plan.bundle.probe, allow_pickle=False) as probe:
        rows = len(probe["score"])
        values = np.frombuffer(packed[16:], "<f4")
        expected = [probe[k].ravel() for k in ("features", "category", "score")]
    assert rows > 1000
    np.testing.assert_array_equal(values, np.concatenate(expected))


def test_instructions_have_names_hashes_and_every_step(plan):
    found = contents.contents(plan)

    text = found["README.md"].decode()
    for place in (f"{GRAPHS}/net1.pb", f"{GRAPHS}/net1.onnx"):
        digits = hashlib.sha256(found[place]).hexdigest()
        assert f"| {place[4:]} | {len(found[place])} | {digits} |" in text
    steps = re.findall(r"^(\d)\. \*\*", text, re.MULTILINE)
    assert steps == list("12345678")
    assert "--customise TrackDnn/net1/customise.customise_net1" in text
    assert "made for `cmssw-13_0`" in text
    assert "| AUC on test tracks | 0.98 |" in text
    assert "- pixelLessStep: highPurity: only 7 true tracks, cut of all" in text
    assert "$" not in re.sub(r"\$(CMSSW_BASE|run|custom|\{run\})", "", text)


def test_file_that_changed_since_is_refused(plan, source, tmp_path, rewritten):
    copy = rewritten(source, tmp_path / "copy")
    changed = dataclasses.replace(plan.bundle, folder=copy)
    (copy / "frozen_graph.pb").write_bytes(b"other")

    with pytest.raises(BundleError, match="was changed while the kit was written"):
        contents.contents(dataclasses.replace(plan, bundle=changed))


def test_probe_that_is_none_is_refused(plan, source, tmp_path, rewritten):
    copy = rewritten(source, tmp_path / "copy")
    (copy / "probe.npz").write_bytes(b"other")

    with pytest.raises(BundleError, match="must hold the arrays"):
        contents.contents(
            dataclasses.replace(
                plan, bundle=dataclasses.replace(plan.bundle, folder=copy)
            )
        )


def test_names_of_a_manifest_cannot_leave_their_string(plan):
    outputs = {**plan.bundle.manifest["outputs"], "onnx": '"; evil("'}
    manifest = {**plan.bundle.manifest, "outputs": outputs}
    changed = dataclasses.replace(plan.bundle, manifest=manifest)

    with pytest.raises(KitError, match="names of inputs and outputs"):
        contents.package(dataclasses.replace(plan, bundle=changed))
