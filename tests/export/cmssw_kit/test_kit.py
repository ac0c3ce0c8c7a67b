import json
import re

import pytest

from export.cmssw_kit.kit import check_columns, check_folder, plan_kit, write_kit
from export.errors import BundleError, KitError, TargetError, UnsafeGraphError


def test_kit_is_written_whole(kit):
    assert {path.name for path in kit.iterdir()} == {"README.md", "src"}
    assert sorted(path.name for path in kit.parent.iterdir()) == ["kit"]
    assert (kit / "src/TrackDnn/net1/python/customise.py").is_file()


def test_default_name_comes_from_the_graph(source, spec, tmp_path):
    plan = plan_kit(source, tmp_path / "kit", columns=spec.names)

    digits = plan.bundle.manifest["files"]["frozen_graph.pb"]["sha256"]
    assert plan.places.name == f"trackdnn_{digits[:8]}"


def test_nothing_is_left_when_a_file_cannot_be_read(plan, monkeypatch):
    from export.cmssw_kit import contents

    monkeypatch.setattr(contents, "contents", lambda plan: {"a": b"1", "a/b": b"2"})
    with pytest.raises(Exception, match="must be writable"):
        write_kit(plan)

    assert list(plan.folder.parent.iterdir()) == []


def test_bad_name_is_told_before_the_bundle_is_read(tmp_path):
    with pytest.raises(KitError, match="in ASCII"):
        plan_kit(tmp_path / "none", tmp_path / "kit", "a b", columns=())


def test_damaged_bundle_is_refused(source, spec, tmp_path, rewritten):
    copy = rewritten(source, tmp_path / "copy")
    content = bytearray((copy / "frozen_graph.pb").read_bytes())
    content[100] ^= 1
    (copy / "frozen_graph.pb").write_bytes(content)

    with pytest.raises(BundleError, match=r"frozen_graph\.pb must have the SHA-256"):
        plan_kit(copy, tmp_path / "kit", columns=spec.names)


def test_stranger_in_the_bundle_is_refused(source, spec, tmp_path, rewritten):
    copy = rewritten(source, tmp_path / "copy")
    (copy / "notes.txt").write_text("mine")

    with pytest.raises(BundleError, match=r"must not hold 'notes\.txt'"):
        plan_kit(copy, tmp_path / "kit", columns=spec.names)


def test_graph_that_breaks_a_rule_is_refused(source, spec, tmp_path, rewritten):
    import onnx

    from export.verify import sha256

    copy = rewritten(source, tmp_path / "first")
    proto = onnx.load(copy / "model.onnx")
    proto.graph.node[0].domain = "com.stranger"
    path = copy / "model.onnx"
    path.write_bytes(proto.SerializeToString())
    files = json.loads((copy / "manifest.json").read_text())["files"]
    files["model.onnx"] = {"bytes": path.stat().st_size, "sha256": sha256(path)}
    copy = rewritten(copy, tmp_path / "second", files=files)

    with pytest.raises(UnsafeGraphError, match="must use operators of ONNX alone"):
        plan_kit(copy, tmp_path / "kit", columns=spec.names)


@pytest.mark.parametrize("target", ["acts", "tensorflow-2.12", "onnxruntime-1.17", 3])
def test_bundle_for_another_target_is_refused(
    source, spec, tmp_path, rewritten, target
):
    copy = rewritten(source, tmp_path / "copy", target=target)

    with pytest.raises(TargetError) as caught:
        plan_kit(copy, tmp_path / "kit", columns=spec.names)

    assert re.search(rf"made for CMSSW. Received: target={target!r}", str(caught.value))
    assert "`--target cmssw-13_0`" in str(caught.value)


def test_unknown_cycle_is_refused(source, spec, tmp_path, rewritten):
    copy = rewritten(source, tmp_path / "copy", target="cmssw-99_0")

    with pytest.raises(TargetError, match="A target must be one of"):
        plan_kit(copy, tmp_path / "kit", columns=spec.names)


def test_bundle_that_names_no_target_keeps_the_rules_of_the_oldest(
    source, spec, tmp_path, rewritten
):
    copy = rewritten(source, tmp_path / "copy", target=None, schema_version=1)

    plan = plan_kit(copy, tmp_path / "kit", columns=spec.names)

    assert plan.target.name == "cmssw-13_0"


def test_artifact_that_breaks_a_rule_of_the_target_is_refused(plan, monkeypatch):
    from export import artifacts
    from export.artifacts import Artifact, Tensor

    wide = Artifact(
        kind="frozen_graph",
        inputs=(Tensor("x", "float32", (-1, 30)), Tensor("y", "float32", (-1, 1))),
        outputs=(Tensor("Identity", "float32", None),),
    )
    monkeypatch.setattr(artifacts, "read_artifacts", lambda folder: [wide])

    with pytest.raises(TargetError, match=r"the inputs must be x \[-1, 29\]"):
        write_kit(plan)

    assert not plan.folder.exists()


def test_bundle_without_working_points_is_refused(bundle, spec, tmp_path):
    with pytest.raises(KitError, match="must have working points"):
        plan_kit(bundle.folder, tmp_path / "kit", columns=spec.names)


@pytest.mark.parametrize(
    ("columns", "wrong"),
    [
        (["a", "c", "b"], "column 1 is 'b', and not 'c'"),
        (["a", "b"], "3 columns"),
        (["a", "b", "c", "d"], "3 columns"),
    ],
)
def test_other_inputs_are_refused(columns, wrong):
    listed = [{"name": name} for name in "abc"]

    with pytest.raises(KitError, match=f"of TrackTfClassifier.*Received: {wrong}"):
        check_columns({"inputs": {"features": {"columns": listed}}}, columns)


def test_empty_folder_is_filled(source, spec, tmp_path):
    folder = tmp_path / "kit"
    folder.mkdir()

    write_kit(plan_kit(source, folder, columns=spec.names))

    assert (folder / "README.md").is_file()


def test_folder_in_use_is_refused_and_stays(tmp_path):
    folder = tmp_path / "kit"
    folder.mkdir()
    (folder / "mine.txt").write_text("mine")

    with pytest.raises(KitError, match=r"new or empty.*holds 'mine\.txt'"):
        check_folder(folder, tmp_path / "bundle")

    assert (folder / "mine.txt").read_text() == "mine"


@pytest.mark.parametrize("place", ["", "kit", "a/../kit"])
def test_kit_does_not_go_into_the_bundle(source, place):
    with pytest.raises(KitError, match="must be outside the bundle"):
        check_folder(source / place, source)


def test_earlier_bundle_is_not_replaced(source, bundle):
    with pytest.raises(KitError, match="must be new or empty"):
        check_folder(bundle.folder, source)


def test_file_and_dead_link_are_refused(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "none")

    for name in ("file", "link"):
        with pytest.raises(KitError, match="must be new or empty"):
            check_folder(tmp_path / name, tmp_path / "bundle")
