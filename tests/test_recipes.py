"""The example settings of docs/recipes are valid, and train."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from network.graph_builder import complete_options as graph_options
from network.presets import complete_options
from tests.trackdnn.toy_events import toy_event
from trackdnn.configuration import load_settings
from trackdnn.events.writer import write_event

ROOT = Path(__file__).parents[1]
RECIPES = sorted((ROOT / "docs" / "recipes").glob("*.yaml"))
STEPS = [path for path in RECIPES if path.stem.startswith("hypertrack")]


@pytest.fixture
def folder(tmp_path):
    """A current folder with the samples that recipes name."""
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    return tmp_path


def train(folder, recipe, *words):
    command = [sys.executable, "-m", "trackdnn.cli", "train", "--config", str(recipe)]
    done = subprocess.run(
        [*command, "--quiet", *words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_there_is_a_recipe_for_each_framework_and_our_small_ones():
    names = [path.stem.partition("_")[0] for path in RECIPES]

    assert set(names) == {"cms", "dingo", "fast", "hypertrack", "lean", "xec"}
    assert len(STEPS) == 3


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_recipe_is_valid(recipe):
    settings = load_settings(recipe)

    complete_options(settings.model.architecture, settings.model.options)
    named = settings.data.samples + settings.data.test_samples
    assert all((ROOT / name).is_file() for sample in named for name in sample.files)


def test_two_stages_are_those_of_dingo():
    first, second = load_settings(ROOT / "docs/recipes/dingo_two_stages.yaml").training

    assert first.freeze == ("^stem$",)
    assert second.freeze == ()
    assert second.learning_rate == first.learning_rate / 10


@pytest.mark.parametrize("step", [1, 2])
def test_each_step_begins_with_the_one_before(step):
    transfer = load_settings(STEPS[step]).model.transfer

    assert transfer.run == f"runs/hypertrack_{step}"
    assert f"runs/hypertrack_{step}" in STEPS[step - 1].read_text()


@pytest.mark.slow
@pytest.mark.parametrize(
    "recipe",
    [path for path in RECIPES if path not in STEPS],
    ids=lambda path: path.stem,
)
def test_recipe_trains(folder, recipe):
    assert "Smoke test passed" in train(folder, recipe, "--smoke")


@pytest.mark.slow
def test_steps_train_one_after_the_other(folder):
    few = ["--set", "training.epochs=1", "--only-train"]

    train(folder, STEPS[0], *few, "--run-dir", "runs/hypertrack_1")
    train(folder, STEPS[1], *few, "--run-dir", "runs/hypertrack_2")

    assert "Smoke test passed" in train(folder, STEPS[2], "--smoke")


FINDERS = sorted((ROOT / "docs" / "recipes" / "finders").glob("*.yaml"))
# What makes a training of a finder short; the parts stay what they are.
SHORT = {
    "exatrkx": (
        "metric_learning.width=16",
        "metric_learning.depth=2",
        "metric_learning.stages.0.epochs=1",
        "metric_learning.stages.0.warmup=0",
        "metric_learning.queries=32",
        "metric_learning.radius=0.4",
        "metric_learning.most=5",
        'dense_filter.options={"width": 8, "depth": 2}',
        "dense_filter.stages.0.epochs=1",
        "dense_filter.cut=0.001",
        'network.options={"width": 8, "steps": 2, "depth": 2}',
        "network.stages.0.epochs=1",
        "network.stages.0.warmup=0",
    ),
    "hypertrack": (
        "voxel_dynamics.cells=64",
        "voxel_dynamics.iterations=2",
        'network.options={"width": 8, "steps": 2, "fusion": 8, "decoder": [8, 8]}',
        *(f"network.stages.{stage}.epochs=1" for stage in range(3)),
        *(f"network.stages.{stage}.particles=0.5" for stage in range(3)),
        "network.stages.0.gates.0.threshold=0.0",
        "masks.width=8",
        "masks.blocks=1",
        "masks.micrographs=8",
    ),
    "interaction": (
        "voxel_dynamics.cells=32",
        'dense_filter.options={"width": 8, "depth": 2}',
        "dense_filter.stages.0.epochs=1",
        "dense_filter.cut=0.001",
        'network.options={"width": 8, "steps": 1}',
        "network.stages.0.epochs=1",
        # Few toy events have no broken tracks, and hardly any fakes, to learn from.
        "joining.enabled=false",
        "selection.enabled=false",
        "tuning.trials=2",
    ),
}


def test_there_is_a_finder_of_each_seed_and_ours():
    assert {path.stem for path in FINDERS} == set(SHORT)


@pytest.mark.parametrize("recipe", FINDERS, ids=lambda path: path.stem)
def test_finder_recipe_is_valid(recipe):
    settings = load_settings(recipe).finding

    assert settings.network.enabled
    graph_options(settings.network.architecture, settings.network.options)
    graph_options("dense", settings.dense_filter.options)


@pytest.mark.slow
@pytest.mark.parametrize("recipe", FINDERS, ids=lambda path: path.stem)
def test_finder_recipe_trains_and_finds(tmp_path, recipe):
    events = tmp_path / "events"
    for seed in range(1, 6):
        write_event(events, toy_event(20, seed=seed, name=f"event{seed:09d}"))
    words = [f"--set=finding.{one}" for one in SHORT[recipe.stem]]
    command = [sys.executable, "-m", "trackdnn.cli"]
    finder, config = tmp_path / "finder", ("--config", recipe)
    train = ("train-finder", events, "-o", finder, *config, "--validation=0.2", "-q")
    find = ("find-tracks", events, "--finder", finder, "--json", "-q")

    for words_of in ((*train, *words), find):
        done = subprocess.run(
            [*command, *map(str, words_of)],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr

    assert len(json.loads(done.stdout)["events"]) == 5
