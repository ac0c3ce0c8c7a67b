from __future__ import annotations

import dataclasses
import hashlib

import numpy as np
import pytest

from export import exporter as module
from export.errors import (
    BundleError,
    ConversionError,
    ExportError,
    ParityError,
    TargetError,
)
from export.exporter import ModelExporter
from export.targets import TARGETS


def test_exporter_leaves_a_bundle_with_figures(bundle):
    parity = bundle.manifest["parity"]

    assert set(parity["artifacts"]) == {"frozen_graph", "saved_model", "onnx"}
    for figures in parity["artifacts"].values():
        assert figures["rows"] > 2000
        assert figures["max_difference"] <= 1e-6
        assert figures["sample"]["rows"] == 1000
        assert figures["sample"]["max_difference"] <= 1e-6


def test_exporter_records_details_and_versions(bundle):
    content = bundle.manifest

    assert content["training"] == {"tracks": 1000, "epochs": 3}
    assert content["evaluation"] == {"auc": 0.98}
    assert content["fingerprint"] == "abc"
    assert content["score"]["cmssw"] == "2p - 1"
    assert {"keras", "tensorflow", "onnx", "trackdnn"} <= set(content["versions"])
    assert (bundle.folder / "cmssw_cuts.py").read_text() == "# cuts\n"


def test_exporter_leaves_one_folder_and_right_hashes(bundle):
    assert [p.name for p in bundle.folder.parent.iterdir()] == ["bundle"]
    for name, entry in bundle.manifest["files"].items():
        content = (bundle.folder / name).read_bytes()
        assert entry["sha256"] == hashlib.sha256(content).hexdigest()
        assert entry["bytes"] == len(content)


def test_exporter_names_inputs_in_the_onnx_metadata(bundle):
    import onnx

    properties = onnx.load(bundle.onnx).metadata_props
    metadata = {item.key: item.value for item in properties}

    assert '"input28"' in metadata["trackdnn.features"]
    assert metadata["trackdnn.vocabulary"] == "[4, 5, 7, 9, 22]"


def test_exporter_names_the_targets_that_it_satisfies(bundle):
    assert bundle.manifest["target"] == "cmssw-13_0"
    assert bundle.manifest["targets"] == list(TARGETS)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"opset": 16}, r"`export\.opset` must be at most 15 for cmssw-13_0"),
        ({"target": "cmssw"}, r"A target must be one of"),
    ],
)
def test_exporter_refuses_options_that_break_the_target(
    model, spec, tmp_path, options, changes, message
):
    with pytest.raises(TargetError, match=message):
        ModelExporter(options(**changes)).export(model, spec, tmp_path / "bundle")

    assert list(tmp_path.iterdir()) == []


def test_exporter_refuses_an_artifact_that_breaks_the_target(
    model, spec, tmp_path, monkeypatch, options
):
    def later(proto, path):
        proto.ir_version = 8
        path.write_bytes(proto.SerializeToString())

    monkeypatch.setattr(module.onnx_graph, "write_onnx", later)

    with pytest.raises(TargetError, match=r"the IR version must be at most 7 for cms"):
        ModelExporter(options()).export(model, spec, tmp_path / "bundle")

    assert list(tmp_path.iterdir()) == []


@dataclasses.dataclass(frozen=True)
class Off:
    """A runtime that is off by a little, or not finite."""

    shift: float

    def __call__(self, features, category):
        return np.full((len(features), 1), self.shift, np.float32)


@pytest.mark.parametrize(
    "artifact", ["FrozenGraphSession", "SavedModelSignature", "onnx_graph.OnnxSession"]
)
def test_exporter_leaves_no_bundle_when_parity_fails(
    model, spec, tmp_path, monkeypatch, options, artifact
):
    owner, _, name = artifact.rpartition(".")
    target = getattr(module, owner) if owner else module
    monkeypatch.setattr(target, name, lambda path, names: Off(0.5))

    with pytest.raises(ParityError, match=r"No bundle was written"):
        ModelExporter(options()).export(model, spec, tmp_path / "bundle")

    assert list(tmp_path.iterdir()) == []


def test_exporter_keeps_the_earlier_bundle_when_parity_fails(
    model, spec, tmp_path, monkeypatch, options
):
    folder = tmp_path / "bundle"
    first = ModelExporter(options()).export(model, spec, folder)
    monkeypatch.setattr(module, "FrozenGraphSession", lambda path, names: Off(np.nan))

    with pytest.raises(ParityError, match=r"finite"):
        ModelExporter(options()).export(model, spec, folder)

    assert module.manifest.read_bundle(folder).manifest == first.manifest


def test_exporter_replaces_an_earlier_bundle(model, spec, tmp_path, options):
    folder = tmp_path / "bundle"
    ModelExporter(options()).export(model, spec, folder)

    renamed = options("acts", "tracks", "algo", "p")
    bundle = ModelExporter(renamed).export(model, spec, folder)

    assert bundle.names == module.Names("tracks", "algo", "p")
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_exporter_refuses_a_folder_with_other_files(model, spec, tmp_path, options):
    (tmp_path / "thesis.tex").write_text("years of work")

    with pytest.raises(BundleError, match=r"holds other files \('thesis.tex'\)"):
        ModelExporter(options()).export(model, spec, tmp_path)


def test_exporter_refuses_a_spec_of_another_width(model, spec, tmp_path, options):
    short = dataclasses.replace(
        spec,
        **{
            key: getattr(spec, key)[:5]
            for key in ("names", "units", "transforms", "lower", "upper", "scales")
        },
    )

    with pytest.raises(ConversionError, match=r"5 inputs for a model of 29"):
        ModelExporter(options()).export(model, short, tmp_path / "bundle")


@pytest.mark.parametrize(
    ("details", "name"), [({"auc": 1}, "'auc'"), ({"training": 3}, "'training'")]
)
def test_exporter_refuses_unknown_details(
    model, spec, tmp_path, options, details, name
):
    with pytest.raises(ExportError, match=f"`details` must .* Received: {name}"):
        ModelExporter(options()).export(
            model, spec, tmp_path / "bundle", details=details
        )


def test_exporter_refuses_details_that_are_not_plain(model, spec, tmp_path, options):
    details = {"evaluation": {"auc": float("inf")}}

    with pytest.raises(BundleError, match=r"plain finite values"):
        ModelExporter(options()).export(
            model, spec, tmp_path / "bundle", details=details
        )

    assert list(tmp_path.iterdir()) == []


def test_exporter_refuses_a_sample_of_another_shape(model, spec, tmp_path, options):
    sample = (np.zeros((4, 3)), np.zeros(4))

    with pytest.raises(ExportError, match=r"`sample` must .* \(4, 3\) and \(4, 1\)"):
        ModelExporter(options()).export(model, spec, tmp_path / "b", sample=sample)


def test_settings_satisfy_the_options():
    from trackdnn.settings import ExportSettings

    exporter = ModelExporter(ExportSettings())

    assert isinstance(exporter, ModelExporter)
