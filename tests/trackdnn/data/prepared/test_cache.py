"""Datasets that are made on the way are found again by their content."""

from __future__ import annotations

import shutil
import threading

import pytest

from trackdnn.data.prepared import cache, checksums, heads
from trackdnn.data.prepared.cache import CHECKSUMS, prepared_dataset
from trackdnn.data.prepared.dataset import open_dataset
from trackdnn.errors import DatasetError
from trackdnn.settings import Settings


@pytest.fixture
def cached(settings_of, tmp_path):
    """The dataset of some files, and what was said; the cache is in one folder."""

    def get(*paths, **data):
        lines = []
        settings = settings_of(*paths, **data)
        local = {"prepared": str(tmp_path / "cache"), "workers": 1}
        settings = Settings(data=settings.data, local=local)
        return prepared_dataset(settings, progress=False, say=lines.extend), lines

    return get


def never(*_):
    pytest.fail("a file was read")


def test_second_start_only_looks_at_the_files(cached, files, monkeypatch):
    first, told = cached(*files)
    assert told[:2] == [f"prepared data go to {first.folder}", "files: 3 new"]
    monkeypatch.setattr(checksums, "checksum", never)
    monkeypatch.setattr(cache, "prepare", never)

    second, told = cached(*files)

    assert second == first
    assert told == [f"prepared data taken from {first.folder}"]


def test_files_are_hashed_once(cached, files, monkeypatch):
    calls = []
    original = checksums.checksum
    monkeypatch.setattr(
        checksums, "checksum", lambda path: calls.append(path) or original(path)
    )

    cached(*files)

    assert len(calls) == len(files)


def test_moved_and_touched_files_are_the_same(cached, files, tmp_path):
    first, _ = cached(*files)
    (tmp_path / "moved").mkdir()
    moved = [shutil.copy(path, tmp_path / "moved" / path.name) for path in files]
    for path in files:
        path.unlink()

    second, told = cached(*moved)

    assert second.folder == first.folder
    assert told == [f"prepared data taken from {first.folder}"]


def test_other_settings_are_another_dataset(cached, files):
    first, _ = cached(*files)
    second, _ = cached(*files, split={"seed": 2})

    assert first.folder != second.folder
    assert open_dataset(first.folder) == first


def test_other_content_or_order_is_another_dataset(cached, files, ntuple_factory):
    first, _ = cached(*files)
    turned, _ = cached(*files[::-1])
    ntuple_factory("in/file1.root", events=25, seed=7)
    second, _ = cached(*files)

    assert len({one.folder for one in (first, turned, second)}) == 3


def test_a_lost_shard_is_made_again(cached, files):
    first, _ = cached(*files)
    path = first.folder / first.part("train").shards[0].path
    path.unlink()

    second, told = cached(*files)

    assert path.exists()
    assert told[1] == "files: 2 kept, 1 read again"
    second.verify()


def test_an_interrupted_preparation_goes_on(cached, files, monkeypatch):
    from trackdnn.data.prepared import preparation

    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(preparation, "merge", interrupt)
        with pytest.raises(KeyboardInterrupt):
            cached(*files)

    assert cached(*files)[1][1] == "files: 3 kept"


def test_a_second_job_waits_for_the_first(cached, files, monkeypatch):
    found, ready, go = [], threading.Event(), threading.Event()
    original = heads.read_head

    def slow(look):
        ready.set()
        go.wait(10)
        return original(look)

    monkeypatch.setattr("trackdnn.data.prepared.heads.read_head", slow)
    first = threading.Thread(target=lambda: found.append(cached(*files)))
    first.start()
    ready.wait(10)
    second = threading.Thread(target=lambda: found.append(cached(*files)))
    second.start()
    second.join(0.5)
    go.set()
    first.join(20)
    second.join(20)

    said = [[line.split(str(one.folder))[0] for line in told] for one, told in found]
    assert said[0][0] == "prepared data go to "
    assert said[1][:2] == [
        "waiting for the job that prepares ",
        "prepared data taken from ",
    ]


def test_a_named_dataset_is_opened(cached, files):
    first, _ = cached(*files)
    settings = Settings.model_validate({"data": {"prepared": str(first.folder)}})

    assert prepared_dataset(settings) == first


def test_a_named_dataset_must_be_there(tmp_path):
    settings = Settings.model_validate({"data": {"prepared": str(tmp_path)}})

    with pytest.raises(DatasetError, match="must be a prepared dataset"):
        prepared_dataset(settings)


def test_the_cache_holds_datasets_and_checksums_only(cached, files, tmp_path):
    first, _ = cached(*files)

    names = {path.name for path in (tmp_path / "cache").iterdir()}
    assert names == {CHECKSUMS, first.folder.name}
