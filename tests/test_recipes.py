"""The example settings of docs/recipes are valid, and train."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from network.presets import complete_options
from trackdnn.configuration import load_settings

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
