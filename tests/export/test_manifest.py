"""A bundle that was damaged in whatever way is refused in one sentence."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from export import manifest, verify
from export.errors import BundleError


@pytest.fixture
def copy(bundle, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(bundle.folder, folder)
    return folder


def rewrite(folder, **changes):
    """Change entries of the manifest and make its digest right again."""
    path = folder / manifest.MANIFEST
    content = {**json.loads(path.read_text()), **changes}
    content["digest"] = verify.digest(content)
    path.write_text(verify.canonical(content))


def test_read_bundle_gives_what_was_exported(bundle, spec, copy):
    again = manifest.read_bundle(copy)

    assert again.manifest == bundle.manifest
    assert again.spec == spec
    assert (again.names.features, again.names.category) == ("x", "y")
    assert all(
        path.exists()
        for path in (again.frozen_graph, again.saved_model, again.onnx, again.probe)
    )


def test_read_bundle_takes_a_manifest_from_before_there_were_targets(copy):
    path = copy / manifest.MANIFEST
    content = json.loads(path.read_text())
    del content["target"], content["targets"]
    path.write_text(json.dumps(content))
    rewrite(copy)

    assert "target" not in manifest.read_bundle(copy).manifest


def test_manifest_lists_every_file(bundle):
    files = {
        path.relative_to(bundle.folder).as_posix()
        for path in bundle.folder.rglob("*")
        if path.is_file()
    }

    assert set(bundle.manifest["files"]) == files - {"manifest.json"}


def test_read_bundle_needs_a_folder(tmp_path):
    with pytest.raises(BundleError, match=r"must be a folder. Received: .*nothing"):
        manifest.read_bundle(tmp_path / "nothing")


def test_read_bundle_needs_a_manifest(tmp_path):
    with pytest.raises(BundleError, match=r"must hold a manifest\.json"):
        manifest.read_bundle(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "\x00", "[" * 100_000])
def test_read_bundle_refuses_what_is_not_json(copy, text):
    (copy / manifest.MANIFEST).write_text(text)

    with pytest.raises(BundleError, match=r"must be readable JSON"):
        manifest.read_bundle(copy)


@pytest.mark.parametrize("text", ["[]", "3", "{}", '{"format": "other"}'])
def test_read_bundle_refuses_other_json(copy, text):
    (copy / manifest.MANIFEST).write_text(text)

    with pytest.raises(BundleError, match=r"must describe a bundle of trackdnn"):
        manifest.read_bundle(copy)


def test_read_bundle_refuses_an_unknown_schema(copy):
    rewrite(copy, schema_version=99)

    with pytest.raises(BundleError, match=r"schema_version=99. Export again"):
        manifest.read_bundle(copy)


def test_read_bundle_refuses_a_manifest_without_an_entry(copy):
    rewrite(copy, parity=None)

    with pytest.raises(BundleError, match="must have an entry 'parity' \\(dict\\)"):
        manifest.read_bundle(copy)


def test_read_bundle_refuses_a_changed_manifest(copy):
    path = copy / manifest.MANIFEST
    path.write_text(path.read_text().replace('"upper": 6.0', '"upper": 7.0', 1))

    with pytest.raises(BundleError, match=r"was changed since"):
        manifest.read_bundle(copy)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("}\n", "}"),
        ("e-06,", "E-06,"),
        ('  "format"', '\t "format"'),
        ('{\n  "format"', '{\n  "format": "trackdnn.bundle",\n  "format"'),
    ],
)
def test_read_bundle_refuses_the_same_manifest_in_another_form(copy, old, new):
    path = copy / manifest.MANIFEST
    text = path.read_text()
    head, found, tail = text.rpartition(old)
    path.write_text(head + new + tail)

    assert found
    assert json.loads(path.read_text()) == json.loads(text)
    with pytest.raises(BundleError, match=r"was changed since"):
        manifest.read_bundle(copy)


def test_read_bundle_takes_a_manifest_of_version_1_in_any_form(copy):
    rewrite(copy, schema_version=1)
    path = copy / manifest.MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text())))

    assert manifest.read_bundle(copy).manifest["schema_version"] == 1


def test_read_bundle_tells_what_cannot_be_read(copy, monkeypatch):
    def fail(path):
        raise PermissionError(f"no entry to {path.name}")

    monkeypatch.setattr(verify, "sha256", fail)

    with pytest.raises(BundleError, match=r"must be readable\. Received: no entry"):
        manifest.read_bundle(copy)


@pytest.mark.parametrize("version", [0, 3, True, 1.0, "2", None, [2]])
def test_read_bundle_refuses_other_versions(copy, version):
    rewrite(copy, schema_version=version)

    with pytest.raises(BundleError, match=r"must have schema version 1 or 2"):
        manifest.read_bundle(copy)


def test_read_bundle_refuses_a_link_on_the_way_to_a_file(copy, tmp_path):
    (copy / "saved_model").rename(tmp_path / "elsewhere")
    (copy / "saved_model").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(BundleError, match=r"itself, and holds a link"):
        manifest.read_bundle(copy)


@pytest.mark.parametrize(
    "name",
    ["frozen_graph.pb", "model.onnx", "probe.npz", "saved_model/saved_model.pb"],
)
def test_read_bundle_refuses_a_flipped_bit(copy, name):
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)

    with pytest.raises(BundleError, match=f"{name} must have the SHA-256"):
        manifest.read_bundle(copy)


@pytest.mark.parametrize("name", ["model.onnx", "model_card.md", "cmssw_cuts.py"])
def test_read_bundle_refuses_a_truncated_file(copy, name):
    content = (copy / name).read_bytes()
    (copy / name).write_bytes(content[:-1])

    with pytest.raises(BundleError, match=f"{name} must have the SHA-256"):
        manifest.read_bundle(copy)


def test_read_bundle_refuses_a_missing_file(copy):
    (copy / "model.onnx").unlink()

    with pytest.raises(BundleError, match=r"must hold 'model\.onnx', which is missing"):
        manifest.read_bundle(copy)


def test_read_bundle_refuses_a_link_in_place_of_a_file(copy, tmp_path):
    (copy / "model.onnx").rename(tmp_path / "elsewhere")
    (copy / "model.onnx").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(BundleError, match=r"must hold 'model\.onnx'"):
        manifest.read_bundle(copy)


def test_read_bundle_refuses_a_manifest_that_forgets_a_model(copy, bundle):
    files = {k: v for k, v in bundle.manifest["files"].items() if k != "model.onnx"}
    rewrite(copy, files=files)

    with pytest.raises(BundleError, match=r"must list 'model\.onnx'"):
        manifest.read_bundle(copy)


@pytest.mark.parametrize("name", ["../outside", "/etc/hostname"])
def test_read_bundle_refuses_names_outside_the_bundle(copy, bundle, name):
    rewrite(copy, files={**bundle.manifest["files"], name: {"bytes": 1, "sha256": ""}})

    with pytest.raises(BundleError, match=r"files of the bundle only"):
        manifest.read_bundle(copy)


def test_read_bundle_refuses_an_entry_that_is_no_hash(copy, bundle):
    rewrite(copy, files={**bundle.manifest["files"], "model.onnx": 3})

    with pytest.raises(BundleError, match=r"size and SHA-256 of 'model.onnx'"):
        manifest.read_bundle(copy)


def test_read_bundle_refuses_an_added_file_in_the_saved_model(copy):
    (copy / "saved_model" / "saved_model.cpb").write_bytes(b"")

    with pytest.raises(
        BundleError, match=r"must not hold 'saved_model/saved_model\.cp"
    ):
        manifest.read_bundle(copy)


def test_write_manifest_refuses_what_json_cannot_hold(tmp_path):
    with pytest.raises(BundleError, match=r"plain finite values only"):
        manifest.write_manifest(tmp_path, {"training": {"auc": float("nan")}})


def test_probe_is_plain_arrays(bundle):
    with np.load(bundle.probe, allow_pickle=False) as content:
        arrays = {name: content[name] for name in content.files}

    assert set(arrays) == {"features", "category", "score"}
    assert {array.dtype for array in arrays.values()} == {np.dtype(np.float32)}
    assert len({len(array) for array in arrays.values()}) == 1
