"""Prepared datasets and runs of others: names stay below them, and JSON has an end."""

from __future__ import annotations

import json

import numpy as np
import pytest

from trackdnn.cli import main

DEEP = "[" * 100_000


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    from tests.conftest import write_ntuple

    folder = tmp_path_factory.mktemp("dataset")
    source = write_ntuple(folder / "tracks.root", events=20)
    words = ["prepare", source, "-o", folder / "out", "--workers", "1", "--quiet"]
    assert main([str(word) for word in words]) == 0
    return folder / "out"


@pytest.fixture
def dataset(original, tmp_path):
    import shutil

    return shutil.copytree(original, tmp_path / "dataset")


def rewrite(folder, change):
    path = folder / "manifest.json"
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


@pytest.mark.parametrize("name", ["../secret", "tracks/../../secret", "/etc/hostname"])
def test_shards_outside_the_dataset(dataset, refused, name):
    def change(content):
        content["sources"][0]["shards"][0]["path"] = name

    rewrite(dataset, change)

    line = refused("describe", dataset)

    assert "must be below the dataset's folder" in line
    assert "'sources.0.shards.0.path'" in line


def test_pickle_in_place_of_the_tracks(dataset, marker):
    import pickle
    from pathlib import Path

    from trackdnn.data.prepared.dataset import open_dataset
    from trackdnn.errors import DatasetError

    class Trap:
        def __reduce__(self):
            return (Path.touch, (marker,))

    for shard in (dataset / "tracks").rglob("*.arrow"):
        size = shard.stat().st_size
        shard.write_bytes(pickle.dumps(Trap()).ljust(size, b"\0")[:size])

    with pytest.raises(DatasetError, match=r"Shard '.*\.arrow' must hold"):
        open_dataset(dataset).part("train").tracks()


def test_manifest_of_a_dataset_without_end(dataset, refused):
    (dataset / "manifest.json").write_text(DEEP)

    assert "no valid JSON" in refused("describe", dataset)


def test_pickled_keys_of_events_are_made_anew(dataset, marker):
    """`prepare` goes on where it stopped, and trusts no file by its name."""
    from pathlib import Path

    class Trap:
        def __reduce__(self):
            return (Path.touch, (marker,))

    for path in (dataset / "sources").glob("*.npy"):
        np.save(path, np.array([Trap()], dtype=object), allow_pickle=True)
    (dataset / "manifest.json").unlink()
    source = dataset.parents[0] / "tracks.root"

    main(["prepare", str(source), "-o", str(dataset), "--workers", "1", "--quiet"])


def test_manifest_of_a_run_without_end(run, refused):
    (run / "run.json").write_text(DEEP)

    for words in (["inspect", run], ["export", run]):
        assert "run.json must be JSON" in refused(*words)


@pytest.mark.parametrize("name", ["settings.yaml", "input_spec.json", "summary.json"])
def test_file_of_a_run_without_end(run, reseal_run, refused, name):
    (run / name).write_text(DEEP)
    reseal_run(run)

    assert str(run) in refused("export", run)
