"""`export --target`: what breaks a rule is refused before any work is done."""

import dataclasses

import pytest

from trackdnn.cli import main
from trackdnn.commands import export
from trackdnn.settings import Settings


@dataclasses.dataclass(frozen=True)
class Trained:
    """A run, as far as its settings."""

    settings: Settings = dataclasses.field(default_factory=Settings)


@pytest.fixture(autouse=True)
def run(monkeypatch):
    monkeypatch.setattr("trackdnn.training.run.check_run", lambda folder: None)
    monkeypatch.setattr("trackdnn.training.run.load_run", lambda folder: Trained())
    monkeypatch.setattr(export, "start_tensorflow", lambda: None)
    monkeypatch.setattr(export, "_some_tracks", lambda *_, **__: None)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--target", "cmssw-16_0"], "'export.target': A target must be one of cmssw"),
        (["--set", "export.opset=18"], "must be at most 15 for cmssw-13_0"),
        (
            ["--target", "onnxruntime-1.17", "--set", "export.ir_version=10"],
            "must be at most 9 for onnxruntime-1.17",
        ),
        (["--set", "export.feature_input=tracks"], "must be 'x' for cmssw-13_0"),
        (["--static-batch", "some"], "`--static-batch` must be batch sizes with comm"),
        (["--static-batch", "16,16"], "must be at most 16 different numbers from 1"),
        (["--static-batch", "16", "--target", "acts"], "must be empty for acts, where"),
    ],
)
def test_what_breaks_a_rule_is_refused(words, message, capsys):
    assert main(["export", "run", *words]) == 2

    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1


def test_target_of_the_command_line_goes_before_that_of_the_settings(monkeypatch):
    asked = []
    monkeypatch.setattr(
        export, "leave", lambda trained, sample, to, settings: asked.append(settings)
    )
    monkeypatch.setattr(export, "summary", lambda bundle: "")

    words = ["--target", "acts", "--set", "export.target=cmssw-14_1"]
    assert main(["export", "run", *words, "--set", "export.opset=20"]) == 0

    assert (asked[0].export.target, asked[0].export.opset) == ("acts", 20)


def test_batch_sizes_of_the_command_line_become_settings(monkeypatch):
    asked = []
    monkeypatch.setattr(
        export, "leave", lambda trained, sample, to, settings: asked.append(settings)
    )
    monkeypatch.setattr(export, "summary", lambda bundle: "")

    assert main(["export", "run", "--static-batch", "1, 16"]) == 0

    assert asked[0].export.static_batches == (1, 16)


def test_train_refuses_what_could_not_be_exported(tmp_path, capsys):
    words = ["train", "absent.root", "--set", "export.opset=18"]

    assert main([*words, "--run-dir", str(tmp_path / "run")]) == 2
    assert "`export.opset` must be at most 15" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
