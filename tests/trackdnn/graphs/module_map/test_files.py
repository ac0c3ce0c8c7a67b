"""The file of a map, whole and damaged."""

import dataclasses

import numpy as np
import pytest

from tests.trackdnn.graphs.module_map.toy_maps import toy_map
from trackdnn.errors import BadFileError, OutputError
from trackdnn.graphs.module_map.files import FILE, read_map, write_map
from trackdnn.graphs.module_map.scoring import learn_scoring


@pytest.fixture
def folder(tmp_path):
    write_map(tmp_path, toy_map()[1], learn_scoring([], []))
    return tmp_path


def test_map_comes_back(folder):
    learned, scoring = read_map(folder)

    for ours, theirs in ((toy_map()[1], learned), (learn_scoring([], []), scoring)):
        for field in dataclasses.fields(ours):
            np.testing.assert_array_equal(
                getattr(ours, field.name), getattr(theirs, field.name)
            )


def test_nothing_unfinished_is_left(folder):
    assert [path.name for path in folder.iterdir()] == [FILE]


def test_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(OutputError, match="must be writable"):
        write_map(tmp_path / "file", toy_map()[1], learn_scoring([], []))


def test_missing_file(tmp_path):
    with pytest.raises(BadFileError, match="no such file"):
        read_map(tmp_path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"something else"])
def test_damaged_file(folder, content):
    (folder / FILE).write_bytes(content)

    with pytest.raises(BadFileError, match="a damaged file"):
        read_map(folder)


def test_truncated_and_flipped_files(folder):
    whole = (folder / FILE).read_bytes()
    for content in (whole[:-200], whole[: len(whole) // 2]):
        (folder / FILE).write_bytes(content)
        with pytest.raises(BadFileError, match="module map"):
            read_map(folder)
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 255
    (folder / FILE).write_bytes(flipped)
    with pytest.raises(BadFileError, match="a damaged file"):
        read_map(folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"bend": np.zeros(3)}, "'bend' of the shape"),
        ({"dphi": np.zeros(3)}, "different lengths of first, second, dphi"),
        ({"sums": np.zeros((2, 2)), "scores": np.zeros((2, 2))}, "lengths of sums"),
        ({"first": None}, "the arrays"),
        ({"extra": np.zeros(3)}, "extra"),
        ({"bend": np.zeros(2304, np.float32)}, "'bend' of the type float32"),
    ],
)
def test_arrays_that_are_not_ours(folder, change, message):
    with np.load(folder / FILE) as stored:
        arrays = dict(stored) | change
    arrays = {name: array for name, array in arrays.items() if array is not None}
    np.savez(folder / FILE, **arrays)

    with pytest.raises(BadFileError, match=message):
        read_map(folder)
