from __future__ import annotations

import shutil

import pytest

from export.errors import BundleError
from trackdnn.errors import RunError
from trackdnn.inspection.folders import explain_bundle, explain_run


@pytest.fixture(scope="module")
def run(network, spec, tmp_path_factory):
    from trackdnn.settings import Settings
    from trackdnn.training.run import save_run

    folder = tmp_path_factory.mktemp("runs") / "run"
    counts = {"tracks": 100, "true": 60, "fake": 40}
    summary = {
        "architecture": "default",
        "val_auc": 0.9876,
        "tracks": {"training": counts},
        "squeezed_inputs": ["etaErr"],
    }
    save_run(
        folder,
        settings=Settings(),
        spec=spec,
        model=network,
        history=[],
        summary=summary,
    )
    return folder


def test_bundle_is_explained(bundle):
    found = explain_bundle(bundle.folder)

    text = "\n".join(found.lines)
    assert text.startswith(f"bundle: {bundle.folder}\nverified: ")
    assert "inputs: x (29 features, trk_pt to nLostLay, scaled to [-1, 1]), y (" in text
    assert "categories with a code of their own: 4, 5, 7, 22" in text
    assert "parity of onnx: " in text
    assert "working points: loose" in text
    assert "evaluation: auc 0.98" in text
    assert found.to_dict()["manifest"]["schema_version"] == 2


def test_damaged_bundle_is_refused(bundle, tmp_path):
    shutil.copytree(bundle.folder, tmp_path / "copy")
    (tmp_path / "copy" / "model.onnx").write_bytes(b"")

    with pytest.raises(BundleError, match="SHA-256"):
        explain_bundle(tmp_path / "copy")


def test_run_is_explained(run):
    found = explain_run(run)

    text = "\n".join(found.lines)
    assert "verified: complete and unchanged" in text
    assert "result: architecture default, val_auc 0.9876" in text
    assert "tracks: training 100 (60 true)" in text
    assert "also here: neither evaluation nor bundle yet" in text
    assert "warning: squeezed inputs: etaErr" in text


def test_damaged_run_is_refused(run, tmp_path):
    shutil.copytree(run, tmp_path / "copy")
    (tmp_path / "copy" / "summary.json").write_text("{}")

    with pytest.raises(RunError, match=r"summary\.json"):
        explain_run(tmp_path / "copy")
