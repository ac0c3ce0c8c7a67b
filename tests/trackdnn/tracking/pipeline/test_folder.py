import json
import shutil

import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn.errors import BadFileError
from trackdnn.tracking.pipeline.folder import FILE, load_finder, read_description


@pytest.fixture
def folder(windows, finder_master, tmp_path):
    return shutil.copytree(finder_master, tmp_path / "copy")


def test_folder_gives_the_same_tracks_wherever_it_lies(folder, finder_master):
    event = toy_event(30, seed=60)

    here, there = (load_finder(one).find(event) for one in (folder, finder_master))

    np.testing.assert_array_equal(here.tracks.hits, there.tracks.hits)


def test_folder_says_what_it_is_of(folder):
    content = read_description(folder)

    assert len(content["training"]) == 3
    assert len(content["validation"]) == 1
    assert content["versions"]["scikit-learn"]
    assert content["settings"]["constructor"] == "neighbours"
    assert "constructor/windows.json" in content["files"]
    assert "filter/second.onnx" in content["files"]


@pytest.mark.parametrize(
    "name",
    [
        "constructor/windows.json",
        "constructor/constructor.json",
        "filter/first.onnx",
        "filter/second.onnx",
        "filter/filter.json",
    ],
)
def test_folder_names_the_file_that_is_damaged(folder, name):
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(bytes(content))

    with pytest.raises(BadFileError, match=rf"{name}' must have the SHA-256"):
        load_finder(folder)


def test_folder_names_the_file_that_is_missing(folder):
    (folder / "filter/first.onnx").unlink()

    with pytest.raises(BadFileError, match=r"filter/first\.onnx'.*No such file"):
        load_finder(folder)


def test_folder_must_be_one_of_a_finder(tmp_path):
    with pytest.raises(BadFileError, match=r"must be the folder of a finder.*train-f"):
        load_finder(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "must be JSON"),
        ("[]", "must be of the format"),
        ('{"format": "trackdnn finder 99"}', "must be of the format.*99"),
    ],
)
def test_folder_refuses_another_description(folder, text, message):
    (folder / FILE).write_text(text)

    with pytest.raises(BadFileError, match=message):
        load_finder(folder)


def test_folder_refuses_settings_of_another_version(folder):
    content = json.loads((folder / FILE).read_text())
    content["settings"]["walkthrough"]["leap"] = 3
    (folder / FILE).write_text(json.dumps(content))

    with pytest.raises(BadFileError, match=r"walkthrough\.leap"):
        load_finder(folder)
