"""Weights to start from are those of a run or of a checkpoint, or an error."""

import dataclasses
import json

import numpy as np
import pytest

from network.builder import ModelBuilder
from trackdnn.errors import RunError
from trackdnn.settings import ModelSettings, Settings
from trackdnn.training.begin import CHECKPOINTS, begin
from trackdnn.training.checkpoints.store import CheckpointStore
from trackdnn.training.fitting import fit_spec
from trackdnn.training.keeper import Keeper
from trackdnn.training.loop import StageState
from trackdnn.training.run import save_run
from trackdnn.training.snapshot import Holders
from trackdnn.training.source import check_inputs, read_source


@pytest.fixture
def settings():
    return Settings(model=ModelSettings(options={"width": 8, "blocks": 1}))


@pytest.fixture
def made(settings, parts):
    builder = ModelBuilder(settings.model)
    spec = fit_spec(settings.model, builder.preset, parts[0])
    return builder.build(spec), spec


def assert_holds(source, model):
    for weight in model.weights:
        np.testing.assert_array_equal(source.weights[weight.path], weight.numpy())
    assert len(source.weights) == len(model.weights)


def test_run_gives_its_weights(made, settings, tmp_path):
    model, spec = made
    save_run(
        tmp_path, settings=settings, spec=spec, model=model, history=(), summary={}
    )

    source = read_source(tmp_path)

    assert_holds(source, model)
    assert source.spec == spec
    assert source.identity == read_source(tmp_path).identity
    other = dataclasses.replace(
        source, weights={**source.weights, "stem/bias": np.ones(8, "f4")}
    )
    assert other.identity != source.identity


@pytest.fixture
def checkpoint(made, settings, tmp_path):
    model, spec = made
    begin(tmp_path, settings, None, spec)
    store = CheckpointStore(tmp_path / CHECKPOINTS)
    Keeper(store).finish_stage(1, Holders(model=model), StageState())
    return tmp_path / CHECKPOINTS / "stage1-end"


def test_checkpoint_gives_its_weights(made, checkpoint):
    model, spec = made

    source = read_source(checkpoint)

    assert_holds(source, model)
    assert source.spec == spec


def test_damaged_checkpoint_is_refused(checkpoint):
    path = checkpoint / "arrays.npz"
    content = bytearray(path.read_bytes())
    content[-200] ^= 1
    path.write_bytes(content)

    with pytest.raises(RunError, match="must be a checkpoint that is not damaged"):
        read_source(checkpoint)


def test_checkpoint_without_its_run_is_refused(checkpoint):
    (checkpoint.parents[1] / "input_spec.json").unlink()

    with pytest.raises(RunError, match="settings and inputs of its checkpoints"):
        read_source(checkpoint)


@pytest.mark.parametrize("name", ["", "checkpoints", "elsewhere"])
def test_what_is_neither_is_refused(checkpoint, name):
    with pytest.raises(RunError, match=r"must (hold a complete run|be a folder)"):
        read_source(checkpoint.parents[1] / name)


def test_changed_run_is_refused(made, settings, tmp_path):
    model, spec = made
    save_run(
        tmp_path, settings=settings, spec=spec, model=model, history=(), summary={}
    )
    (tmp_path / "summary.json").write_text(json.dumps({"a": 1}))

    with pytest.raises(RunError, match="must be the file that was trained"):
        read_source(tmp_path)


def test_inputs_that_differ_are_named(made, checkpoint):
    source, (_, spec) = read_source(checkpoint), made
    upper = tuple(value + 1 for value in spec.upper)

    assert check_inputs(source, spec) == []
    assert check_inputs(source, dataclasses.replace(spec, upper=upper)) == ["upper"]
