"""A trained constructor comes back from its folder."""

import json

import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn.errors import BadFileError, OutputError
from trackdnn.graphs.constructor import constructor_class
from trackdnn.graphs.saving import FILE, load_constructor, save_constructor
from trackdnn.settings.finding import FindingSettings


@pytest.fixture(scope="module")
def trained():
    settings = FindingSettings(module_map={"tail": 0.0}).module_map
    events = [toy_event(60, seed=seed) for seed in range(3)]
    made = constructor_class("module_map").train(
        settings, events, seed=1, progress=False
    )
    return settings, made


@pytest.fixture
def folder(trained, tmp_path):
    settings, made = trained
    save_constructor(tmp_path / "a" / "map", "module_map", settings, made)
    return tmp_path / "a" / "map"


def test_constructor_comes_back(trained, folder):
    kind, again = load_constructor(folder)
    event = toy_event(50, noise=20, seed=9)
    ours, theirs = trained[1].build(event), again.build(event)

    assert kind == "module_map"
    assert again.settings == trained[0]
    np.testing.assert_array_equal(ours.edges, theirs.edges)
    np.testing.assert_array_equal(ours.score, theirs.score)


def test_folder_must_be_new_or_empty(trained, folder):
    with pytest.raises(OutputError, match="must be new or empty"):
        save_constructor(folder, "module_map", *trained)
    with pytest.raises(OutputError, match="must be new or empty"):
        save_constructor(folder / FILE, "module_map", *trained)


def test_folder_without_constructor(tmp_path):
    with pytest.raises(BadFileError, match=r"constructor\.json"):
        load_constructor(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "other"}, "format 'other'"),
        ({"kind": "magic"}, "kind 'magic'"),
        ({"kind": ["module_map"]}, "kind"),
        ({"settings": {"tail": 2}}, "tail"),
        ({"settings": {"unknown": 2}}, "unknown"),
        ({"settings": None}, "settings of 'module_map'"),
    ],
)
def test_content_that_is_not_ours(folder, change, message):
    content = json.loads((folder / FILE).read_text()) | change
    (folder / FILE).write_text(json.dumps(content))

    with pytest.raises(BadFileError, match=message):
        load_constructor(folder)


@pytest.mark.parametrize(
    ("text", "message"), [("{", "must be JSON"), ("[]", "Received: list")]
)
def test_file_that_is_no_object(folder, text, message):
    (folder / FILE).write_text(text)

    with pytest.raises(BadFileError, match=message):
        load_constructor(folder)


def test_learned_file_that_is_missing(folder):
    (folder / "module_map.npz").unlink()

    with pytest.raises(BadFileError, match="no such file"):
        load_constructor(folder)


def test_folder_of_train_voxdyn_is_a_constructor_too(tmp_path):
    settings = FindingSettings(voxel_dynamics={"cells": 30}).voxel_dynamics
    events = [toy_event(60, seed=seed) for seed in range(2)]
    made = constructor_class("voxel_dynamics").train(
        settings, events, seed=1, progress=False
    )
    made.save(tmp_path)
    kind, again = load_constructor(tmp_path)

    assert kind == "voxel_dynamics"
    expected = made.build(events[0]).edges
    np.testing.assert_array_equal(again.build(events[0]).edges, expected)
