"""Files, patterns and folders to a list of files; errors are in the malformed list."""

from __future__ import annotations

import pytest

from trackdnn.data.sources import expand
from trackdnn.errors import BadFileError
from trackdnn.settings import Sample


@pytest.fixture
def folder(tmp_path):
    for name in ("b.root", "a.root", "deep/er/c.root", "deep/notes.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"root")
    return tmp_path


def names(folder, *files, sample="tracks"):
    pairs = expand([Sample(name=sample, files=files)])
    return [path.relative_to(folder).as_posix() for _, path in pairs]


def test_expand_folder_finds_all_depths_sorted(folder):
    assert names(folder, str(folder)) == ["a.root", "b.root", "deep/er/c.root"]


def test_expand_pattern_finds_files_and_folders(folder):
    assert names(folder, f"{folder}/?.root") == ["a.root", "b.root"]
    assert names(folder, f"{folder}/d*") == ["deep/er/c.root"]
    assert names(folder, f"{folder}/**/*.root") == names(folder, str(folder))


def test_expand_keeps_the_order_of_names(folder):
    found = names(folder, f"{folder}/b.root", f"{folder}/a.root")

    assert found == ["b.root", "a.root"]


def test_expand_names_a_file_once(folder):
    link = folder / "link.root"
    link.symlink_to(folder / "a.root")

    found = names(folder, f"{folder}/a.root", f"{folder}/deep/../a.root", str(link))

    assert found == ["a.root"]


def test_expand_takes_a_real_name_before_a_pattern(folder):
    (folder / "a[1].root").write_bytes(b"root")

    assert names(folder, f"{folder}/a[1].root") == ["a[1].root"]


def test_expand_knows_the_home_folder(folder, monkeypatch):
    monkeypatch.setenv("HOME", str(folder))

    assert names(folder, "~/a.root") == ["a.root"]


def test_expand_knows_relative_names(folder, monkeypatch):
    monkeypatch.chdir(folder)

    pairs = expand([Sample(files=("*.root",)), Sample(name="x", files=("deep",))])

    assert [(name, path.name) for name, path in pairs] == [
        ("tracks", "a.root"),
        ("tracks", "b.root"),
        ("x", "c.root"),
    ]


def test_expand_of_a_pattern_without_root_files_fails(folder):
    with pytest.raises(BadFileError, match="pattern that matches a ROOT file"):
        names(folder, f"{folder}/deep/*.txt")
