from __future__ import annotations

import json

import pytest

from export.conversion.destination import Destination
from export.errors import ConversionError, ExportError


def test_file_and_report_appear_together(tmp_path):
    with Destination(tmp_path / "a.onnx").filled() as destination:
        destination.content.write_bytes(b"1")
        assert not (tmp_path / "a.onnx").exists()
        destination.finish({"a": 1})

    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.onnx", "a.onnx.json"]
    assert json.loads((tmp_path / "a.onnx.json").read_text()) == {"a": 1}


def test_a_folder_can_be_the_content(tmp_path):
    with Destination(tmp_path / "model").filled() as destination:
        (destination.content / "variables").mkdir(parents=True)
        (destination.content / "variables" / "x").write_bytes(b"1")
        destination.finish({})

    assert (tmp_path / "model" / "variables" / "x").read_bytes() == b"1"
    assert (tmp_path / "model.json").is_file()


def fill(path, report, *, folder=False):
    with Destination(path).filled() as one:
        if folder:
            one.content.mkdir()
            (one.content / "x").write_bytes(b"1")
        else:
            one.content.write_bytes(b"1")
        if report is None:
            raise ZeroDivisionError
        one.finish(report)


@pytest.mark.parametrize("folder", [True, False])
def test_a_failure_leaves_nothing(tmp_path, folder):
    with pytest.raises(ZeroDivisionError):
        fill(tmp_path / "a", None, folder=folder)

    assert list(tmp_path.iterdir()) == []


def test_a_report_that_json_cannot_hold_leaves_nothing(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        fill(tmp_path / "a", {"figure": float("nan")})

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a.onnx", "a.onnx.json"])
def test_what_is_there_is_not_replaced(tmp_path, name):
    (tmp_path / name).touch()

    with pytest.raises(ConversionError, match=rf"must not be there yet.*{name}, which"):
        Destination(tmp_path / "a.onnx").check()


def test_the_folder_has_to_be_there(tmp_path):
    with pytest.raises(ConversionError, match="in a folder that is there"):
        Destination(tmp_path / "no" / "a.onnx").check()


def test_a_disk_that_refuses_is_named(tmp_path):
    with (
        pytest.raises(ExportError, match=r"must be writable. Received: full"),
        Destination(tmp_path / "a").filled(),
    ):
        raise OSError("full")
