"""Files and folders reach the disk."""

import os
import stat

import pytest

from export.durable import sync


@pytest.mark.parametrize("name", ["folder", "folder/file"])
def test_sync_brings_files_and_folders_to_the_disk(tmp_path, monkeypatch, name):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_text("content")
    path = tmp_path / name
    synced = []
    monkeypatch.setattr(os, "fsync", lambda number: synced.append(os.fstat(number)))

    sync(path)

    assert [one.st_ino for one in synced] == [path.stat().st_ino]
    assert stat.S_ISDIR(synced[0].st_mode) == path.is_dir()


def test_sync_lets_go_of_a_file_that_the_disk_refuses(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("content")
    numbers = []

    def refuse(number):
        numbers.append(number)
        raise OSError("refused")

    monkeypatch.setattr(os, "fsync", refuse)

    with pytest.raises(OSError, match="refused"):
        sync(tmp_path / "file")
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(numbers[0])
