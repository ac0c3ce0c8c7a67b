"""A run folder: what is saved is loaded, and what is damaged is refused."""

import dataclasses
import json

import numpy as np
import pytest

from trackdnn.data.dataset import Identity
from trackdnn.errors import DatasetError, RunError
from trackdnn.settings import ModelSettings, Settings
from trackdnn.training.prediction import predict
from trackdnn.training.run import (
    FILES,
    MANIFEST,
    check_dataset,
    check_run,
    load_run,
    save_run,
)


@pytest.fixture(scope="module")
def saved(parts, tmp_path_factory):
    import keras

    from network.builder import ModelBuilder
    from trackdnn.training.fitting import fit_spec

    keras.utils.set_random_seed(1)
    settings = Settings(seed=3, model=ModelSettings(options={"width": 8, "blocks": 1}))
    builder = ModelBuilder(settings.model)
    spec = fit_spec(settings.model, builder.preset, parts[0])
    return save_run(
        tmp_path_factory.mktemp("runs") / "one",
        settings=settings,
        spec=spec,
        model=builder.build(spec),
        history=(),
        summary={"val_auc": 0.9},
    )


@pytest.fixture
def copy(saved, tmp_path):
    """A copy of the run, to be damaged."""
    folder = tmp_path / "run"
    folder.mkdir()
    for path in saved.folder.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def test_run_survives_its_folder(saved, parts):
    loaded = load_run(saved.folder)

    assert loaded.settings == saved.settings
    assert loaded.spec == saved.spec
    assert loaded.summary == saved.summary
    np.testing.assert_array_equal(
        predict(loaded.model, parts[1]), predict(saved.model, parts[1])
    )


def test_run_folder_holds_its_files_and_nothing_half_written(saved):
    assert sorted(path.name for path in saved.folder.iterdir()) == sorted(
        [*FILES, MANIFEST]
    )


def test_run_folder_may_hold_more_later(copy):
    (copy / "evaluation").mkdir()

    check_run(copy)


@pytest.mark.parametrize("name", FILES)
def test_run_without_a_file_is_refused(copy, name):
    (copy / name).unlink()

    with pytest.raises(RunError, match=f"incomplete: {name} is missing"):
        load_run(copy)


@pytest.mark.parametrize("name", FILES)
def test_run_with_a_changed_file_is_refused(copy, name):
    (copy / name).write_bytes((copy / name).read_bytes() + b" ")

    with pytest.raises(RunError, match=f"{name} must be the file that was trained"):
        load_run(copy)


def test_run_without_manifest_is_refused(copy):
    (copy / MANIFEST).unlink()

    with pytest.raises(RunError, match=r"without run\.json, which is written last"):
        load_run(copy)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "run.json must be JSON"),
        ("[]", "must say format='trackdnn run', version=1"),
        ('{"format": "trackdnn run", "version": 2}', "version=1. Received.*2"),
        ('{"format": "trackdnn run", "version": 1}', "must name the files.*None"),
    ],
)
def test_run_with_a_foreign_manifest_is_refused(copy, text, message):
    (copy / MANIFEST).write_text(text)

    with pytest.raises(RunError, match=message):
        load_run(copy)


def test_folder_that_is_not_there_is_no_run(tmp_path):
    with pytest.raises(RunError, match=r"must be a folder that exists.*nowhere"):
        load_run(tmp_path / "nowhere")


def rewrite(folder, name, change):
    """Changes a file and its hash, as another version of the package might."""
    import hashlib

    path = folder / name
    path.write_text(change(path.read_text()))
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["sha256"][name] = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / MANIFEST).write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("settings.yaml", "seed: 3", "sead: 3"),
        ("settings.yaml", "width: 8", "widht: 8"),
        ("input_spec.json", '"rescale"', '"reskale"'),
    ],
)
def test_run_of_another_version_is_refused(copy, name, old, new):
    rewrite(copy, name, lambda text: text.replace(old, new))

    with pytest.raises(RunError, match="another version of trackdnn"):
        load_run(copy)


def test_run_whose_weights_do_not_fit_is_refused(copy):
    rewrite(copy, "settings.yaml", lambda text: text.replace("width: 8", "width: 9"))

    with pytest.raises(RunError, match="must fit the network 'default'") as caught:
        load_run(copy)
    assert "\n" not in str(caught.value)


def test_run_is_not_overwritten(saved):
    with pytest.raises(RunError, match=r"folder of its own.*holds a run"):
        save_run(
            saved.folder,
            settings=saved.settings,
            spec=saved.spec,
            model=saved.model,
            history=(),
            summary={},
        )


def test_run_needs_a_folder(tmp_path, saved):
    from trackdnn.training.run import check_new

    (tmp_path / "file").write_text("")

    with pytest.raises(RunError, match="is a file"):
        check_new(tmp_path / "file")


def test_run_that_fails_half_way_is_no_run(saved, tmp_path):
    class Broken:
        def save_weights(self, path):
            path.write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        save_run(
            tmp_path / "run",
            settings=saved.settings,
            spec=saved.spec,
            model=Broken(),
            history=(),
            summary={},
        )

    assert not (tmp_path / "run" / "model.weights.h5").exists()
    with pytest.raises(RunError, match="written last"):
        check_run(tmp_path / "run")


def test_run_from_before_the_split_had_a_seed_keeps_its_split(copy):
    def without_split_seed(text):
        lines = text.splitlines(keepends=True)
        start = lines.index("  split:\n")
        place = next(i for i in range(start, len(lines)) if "    seed:" in lines[i])
        return "".join(lines[:place] + lines[place + 1 :])

    rewrite(copy, "settings.yaml", without_split_seed)

    loaded = load_run(copy)

    # The seed of the training was that of the split.
    assert loaded.settings.data.split.seed == loaded.settings.seed == 3


class Found:
    """Stands for a dataset."""

    def __init__(self, tracks):
        self.identity = Identity(folder="data", manifest="m" * 64, tracks=tracks)


def test_run_is_judged_by_its_own_tracks(saved):
    summary = {"dataset": {"folder": "data", "manifest": "n" * 64, "tracks": "abc"}}
    run = dataclasses.replace(saved, summary=summary)

    check_dataset(run, Found("abc"))
    check_dataset(saved, Found("abc"))  # its summary knows of no dataset
    with pytest.raises(DatasetError, match=r"'data' must hold the tracks that .*train"):
        check_dataset(run, Found("abd"))
