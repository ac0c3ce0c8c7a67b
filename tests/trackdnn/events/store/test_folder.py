"""A folder of somebody else is left alone."""

import pytest

from trackdnn.errors import BadFileError
from trackdnn.events.store.folder import begin, check_folder, manifest_of, recall, tidy


@pytest.mark.parametrize("name", [".lock", "manifest.json.12.unfinished"])
def test_check_folder_accepts_what_a_killed_start_leaves(tmp_path, name):
    (tmp_path / name).write_text("")

    check_folder(tmp_path)


def test_check_folder_accepts_new_empty_and_own(tmp_path, store):
    check_folder(tmp_path / "new")
    (tmp_path / "empty").mkdir()
    check_folder(tmp_path / "empty")
    check_folder(store.folder)


def test_check_folder_refuses_the_rest(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BadFileError, match=r"must be a folder.*the file"):
        check_folder(tmp_path / "file")
    with pytest.raises(BadFileError, match="which holds 'file'"):
        check_folder(tmp_path)


def test_recall_leaves_out_what_is_damaged(store):
    assert list(recall(store.folder)) == list(store.names)
    (store.folder / "hits/event000000001.arrow").unlink()
    (store.folder / "records").mkdir()
    (store.folder / "records/x.json").write_text("{")

    assert list(recall(store.folder)) == list(store.names)[1:]


def test_begin_keeps_what_is_known_of_a_finished_store(store):
    kept = store.manifest.events[:2]

    begin(store.folder, kept, fresh=False)

    assert not (store.folder / "manifest.json").exists()
    assert list(recall(store.folder)) == [one.name for one in kept]
    tidy(store.folder)
    assert not (store.folder / "unfinished.json").exists()


def test_begin_fresh_forgets_all(store):
    begin(store.folder, store.manifest.events, fresh=True)

    assert recall(store.folder) == {}
    assert not list(store.folder.rglob("*.arrow"))


def test_manifest_tells_versions():
    versions = manifest_of((), ()).versions

    assert set(versions) == {"trackdnn", "numpy", "pyarrow"}
