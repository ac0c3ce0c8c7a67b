import hashlib

import pytest

from trackdnn.evaluation.files import sha256, write_atomically, write_json, write_text


def test_write_text_makes_the_folder_and_leaves_one_file(tmp_path):
    path = write_text(tmp_path / "a" / "b.txt", "pT ≥ 1 GeV\n")

    assert path.read_text(encoding="utf-8") == "pT ≥ 1 GeV\n"
    assert [one.name for one in path.parent.iterdir()] == ["b.txt"]


def test_failed_write_keeps_the_old_file(tmp_path):
    path = write_text(tmp_path / "b.txt", "old")

    def fail(part):
        part.write_text("half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_atomically(path, fail)

    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["b.txt"]


def test_write_json_refuses_nan(tmp_path):
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(tmp_path / "a.json", {"auc": float("nan")})

    assert list(tmp_path.iterdir()) == []


def test_sha256_is_that_of_the_bytes(tmp_path):
    path = write_text(tmp_path / "b.txt", "text")

    assert sha256(path) == hashlib.sha256(b"text").hexdigest()
