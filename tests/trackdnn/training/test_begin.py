"""Run folders before their training is complete."""

import numpy as np
import pytest

from network.inputs import InputSpec
from network.presets import preset
from trackdnn.errors import RunError
from trackdnn.settings import LocalSettings, ModelSettings, Settings, Stage
from trackdnn.training.begin import (
    CHECKPOINTS,
    begin,
    differences,
    is_begun,
    is_complete,
    is_untouched,
    set_aside,
    stages_begun,
)
from trackdnn.training.checkpoints.state import State
from trackdnn.training.checkpoints.store import CheckpointStore
from trackdnn.training.fitting import fit_spec

ONE = Settings(training=(Stage(epochs=2),))
TWO = Settings(training=(Stage(epochs=2), Stage(epochs=3)))


@pytest.fixture
def spec(parts) -> InputSpec:
    return fit_spec(ModelSettings(), preset("default"), parts[0])


@pytest.fixture
def folder(tmp_path, spec):
    """A training of one stage, two steps of which are done."""
    run = tmp_path / "run"
    begin(run, ONE, "tracks", spec)
    save(run, stage=1, step=2)
    return run


def save(run, *, stage, epoch=0, step=0):
    facts = {"stage": stage, "epoch": epoch, "step": step}
    store = CheckpointStore(run / CHECKPOINTS)
    store.save(State(arrays={"a": np.zeros(1)}, facts=facts), name=f"{stage}-{step}")


def test_training_is_begun_with_its_first_checkpoint(tmp_path, spec):
    run = tmp_path / "run"
    assert not is_begun(run)

    assert begin(run, ONE, None, spec) is spec
    assert not is_begun(run)
    save(run, stage=1, step=2)

    assert is_begun(run)
    assert not is_complete(run)


def test_folder_is_untouched_until_there_is_something_to_lose(tmp_path, spec):
    run = tmp_path / "run"
    assert is_untouched(run)
    begin(run, ONE, None, spec)
    assert is_untouched(run)
    # What a kill before the first checkpoint may leave.
    (run / "tensorboard").mkdir()
    (run / "tracker.json").touch()
    (run / ".settings.yaml.partial").touch()
    assert is_untouched(run)

    save(run, stage=1, step=2)
    assert not is_untouched(run)
    set_aside(run)
    assert is_untouched(run)
    (run / "thesis.tex").touch()
    assert not is_untouched(run)


def test_training_goes_on_with_the_inputs_it_began_with(folder, spec):
    assert begin(folder, ONE, "tracks", None) == spec


@pytest.mark.parametrize(
    ("stage", "epoch", "step", "count"),
    [(1, 0, 2, 1), (1, 1, 0, 1), (2, 0, 0, 1), (2, 0, 5, 2)],
)
def test_stage_is_begun_with_its_first_step(folder, stage, epoch, step, count):
    save(folder, stage=stage, epoch=epoch, step=step)

    assert stages_begun(folder) == count


def test_stages_to_come_and_this_machine_may_change(folder):
    local = LocalSettings(cpu_threads=1)

    begin(folder, TWO.model_copy(update={"local": local}), "tracks", None)
    begin(folder, ONE, "tracks", None)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (Settings(training=(Stage(epochs=3),)), r"training.0.epochs: 2 -> 3"),
        (ONE.model_copy(update={"seed": 7}), r"seed: 1 -> 7.*--fresh"),
        (
            Settings(
                training=(
                    Stage(
                        epochs=2,
                        learning_rate=1.0,
                        ema=0.1,
                        clip=1.0,
                        batch_size=7,
                        warmup=0.5,
                        weight_decay=0.0,
                    ),
                )
            ),
            r"and 1 more",
        ),
    ],
)
def test_what_is_trained_must_not_change(folder, changed, message):
    with pytest.raises(RunError, match=message):
        begin(folder, changed, "tracks", None)


def test_tracks_must_not_change(folder):
    with pytest.raises(RunError, match=r"tracks that it was begun with.*--fresh"):
        begin(folder, ONE, "others", None)
    begin(folder, ONE, None, None)


@pytest.mark.parametrize("name", ["settings.yaml", "input_spec.json"])
def test_damaged_folder_is_refused(folder, name):
    (folder / name).write_text("{")

    with pytest.raises(RunError, match=rf"{name}.*--fresh"):
        begin(folder, ONE, "tracks", None)


def test_set_aside_deletes_nothing(folder):
    (folder / "edits.jsonl").touch()
    before = sorted(path.name for path in folder.iterdir())

    assert set_aside(folder).name == "earlier-1"

    assert sorted(path.name for path in (folder / "earlier-1").iterdir()) == before
    assert not is_begun(folder)
    assert set_aside(folder) is None
    (folder / "note").touch()
    assert set_aside(folder).name == "earlier-2"


def test_set_aside_leaves_what_is_of_the_machine(folder):
    (folder / "local.yaml").touch()

    aside = set_aside(folder)

    assert (folder / "local.yaml").exists()
    assert not (aside / "local.yaml").exists()


def test_differences_name_their_place():
    old = {"a": {"b": [1, {"c": 2}]}, "d": [1], "same": 1}
    new = {"a": {"b": [1, {"c": 3}]}, "d": [1, 2], "same": 1, "new": 0}

    assert differences(old, new) == [
        "a.b.1.c: 2 -> 3",
        "d: [1] -> [1, 2]",
        "new: None -> 0",
    ]
