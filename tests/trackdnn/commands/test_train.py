"""Which settings a training takes, and in which folders it may begin."""

import numpy as np
import pytest

from trackdnn.cli import main
from trackdnn.commands import train
from trackdnn.commands.train import resolve
from trackdnn.configuration import load_settings, read_content
from trackdnn.errors import SettingsError
from trackdnn.training.checkpoints.state import State
from trackdnn.training.checkpoints.store import CheckpointStore


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A current folder without settings of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def leave(run, *words):
    return main(["train", "a.root", "--run-dir", str(run), "--settings-only", *words])


def test_settings_are_left_for_later(folder, capsys):
    assert leave(folder / "run", "--set", "training.epochs=7") == 0

    assert capsys.readouterr().out == f"{folder / 'run'}\n"
    assert [path.name for path in (folder / "run").iterdir()] == ["settings.yaml"]
    content = read_content(folder / "run" / "settings.yaml")
    assert content["training"][0]["epochs"] == 7


def test_run_goes_on_with_its_own_settings(folder):
    leave(folder / "run", "--set", "training.epochs=7")
    (folder / "config.py").write_text("settings = {'seed': 5}\n")

    found = resolve(None, [], [], None, True, folder / "run")
    asked = resolve(folder / "config.py", [], [], None, True, folder / "run")

    assert (found.seed, found.training[0].epochs) == (1, 7)
    assert (asked.seed, asked.training[0].epochs) == (5, 20)


@pytest.mark.parametrize("text", ["cpu_threads: 3\n", "local: {cpu_threads: 3}\n"])
def test_settings_of_the_machine_are_read_anew(folder, text):
    leave(folder / "run", "--set", "local.workers=2")
    (folder / "run" / "local.yaml").write_text(text)

    found = resolve(None, [], [], None, False, folder / "run").local

    assert (found.cpu_threads, found.workers) == (3, 0)


def test_settings_of_the_machine_may_be_in_the_words_of_dingo(folder):
    leave(folder / "run")
    text = "device: cuda\nruntime_limits: {max_time_per_run: 60}\n"
    (folder / "run" / "local.yaml").write_text(text)

    found = resolve(None, [], [], None, False, folder / "run")

    assert (found.local.gpus, found.local.max_seconds) == (1, 60.0)
    assert (
        found.fingerprint()
        == load_settings(folder / "run" / "settings.yaml").fingerprint()
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("local: 5\n", "'local' must be a mapping"),
        ("cpu_thread: 3\n", "local.cpu_thread.*Did you mean 'cpu_threads'"),
    ],
)
def test_wrong_settings_of_the_machine_are_named(folder, text, message):
    leave(folder / "run")
    (folder / "run" / "local.yaml").write_text(text)

    with pytest.raises(SettingsError, match=message):
        resolve(None, [], [], None, False, folder / "run")


@pytest.mark.parametrize("kind", ["file", "thesis"])
def test_folder_of_something_else_is_refused(folder, kind, capsys):
    run = folder / "run"
    if kind == "file":
        run.touch()
    else:
        run.mkdir()
        (run / "thesis.tex").touch()

    assert leave(run) == 2
    assert f"--run-dir {run}" in capsys.readouterr().err


def test_fresh_sets_aside_what_was_trained(folder, capsys, monkeypatch):
    run = folder / "run"
    leave(run)
    facts = {"stage": 1, "epoch": 0, "step": 1}
    store = CheckpointStore(run / "checkpoints")
    store.save(State(arrays={"a": np.zeros(1)}, facts=facts), name="a")
    # The files are looked at next, and there are none.
    words = ["train", "a.root", "--run-dir", str(run), "--quiet"]
    monkeypatch.setattr(train, "use_devices", lambda settings: None)

    assert main([*words, "--fresh"]) == 2

    assert f"lies in {run / 'earlier-1'}" in capsys.readouterr().err
    assert (run / "earlier-1" / "checkpoints" / "a").is_dir()
    assert not (run / "checkpoints").exists()
