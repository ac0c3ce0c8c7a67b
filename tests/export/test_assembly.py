from __future__ import annotations

import json

import pytest

from export.assembly import assembled
from export.errors import BundleError, ExportError
from export.manifest import FORMAT, MANIFEST


def fill(folder, text="new"):
    manifest = {"format": FORMAT, "files": {"model.onnx": {}}}
    (folder / "model.onnx").write_text(text)
    (folder / MANIFEST).write_text(json.dumps(manifest))


def fail_half_way(folder):
    with assembled(folder) as workspace:
        fill(workspace)
        raise KeyError


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_assembled_appears_at_the_end_only(tmp_path):
    with assembled(tmp_path / "deep" / "bundle") as workspace:
        fill(workspace)
        assert not (tmp_path / "deep" / "bundle").exists()

    assert names(tmp_path / "deep") == ["bundle"]
    assert names(tmp_path / "deep" / "bundle") == [MANIFEST, "model.onnx"]


def test_assembled_leaves_nothing_after_a_failure(tmp_path):
    with pytest.raises(KeyError):
        fail_half_way(tmp_path / "bundle")

    assert names(tmp_path) == []


def test_assembled_keeps_the_earlier_bundle_after_a_failure(tmp_path):
    with assembled(tmp_path / "bundle") as workspace:
        fill(workspace, "old")

    with pytest.raises(KeyError):
        fail_half_way(tmp_path / "bundle")

    assert (tmp_path / "bundle" / "model.onnx").read_text() == "old"
    assert names(tmp_path) == ["bundle"]


def test_assembled_replaces_an_earlier_bundle(tmp_path):
    for text in ("old", "new"):
        with assembled(tmp_path / "bundle") as workspace:
            fill(workspace, text)

    assert (tmp_path / "bundle" / "model.onnx").read_text() == "new"
    assert names(tmp_path) == ["bundle"]


def test_assembled_fills_an_empty_folder(tmp_path):
    (tmp_path / "bundle").mkdir()

    with assembled(tmp_path / "bundle") as workspace:
        fill(workspace)

    assert (tmp_path / "bundle" / MANIFEST).exists()


@pytest.mark.parametrize("manifest", [None, "{", "[]", '{"format": "other"}'])
def test_assembled_refuses_other_folders(tmp_path, manifest):
    (tmp_path / "thesis.tex").write_text("years of work")
    if manifest is not None:
        (tmp_path / MANIFEST).write_text(manifest)

    with (
        pytest.raises(BundleError, match=r"must be empty or an earlier bundle"),
        assembled(tmp_path),
    ):
        pass

    assert (tmp_path / "thesis.tex").exists()


def test_assembled_refuses_a_bundle_with_other_files(tmp_path):
    fill(tmp_path)
    (tmp_path / "thesis.tex").write_text("years of work")

    with (
        pytest.raises(BundleError, match=r"nothing but its bundle.*'thesis\.tex'"),
        assembled(tmp_path),
    ):
        pass


def test_assembled_refuses_a_file(tmp_path):
    (tmp_path / "bundle").write_text("")

    with (
        pytest.raises(BundleError, match=r"must be a folder. Received: the file"),
        assembled(tmp_path / "bundle"),
    ):
        pass


def test_assembled_says_when_the_disk_refuses(tmp_path):
    (tmp_path / "file").write_text("")

    with (
        pytest.raises(ExportError, match=r"must be writable at .*bundle. Received"),
        assembled(tmp_path / "file" / "bundle"),
    ):
        pass


def test_assembled_replaces_bundles_of_its_own_kind_alone(tmp_path):
    with assembled(tmp_path / "bundle") as workspace:
        fill(workspace, "old")

    with (
        pytest.raises(BundleError, match="must be empty or an earlier bundle"),
        assembled(tmp_path / "bundle", "another.kind"),
    ):
        pass

    assert (tmp_path / "bundle" / "model.onnx").read_text() == "old"
